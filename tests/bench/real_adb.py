"""A real adb server of our own, connected to virtual phones; the user's own server, keys and home are left alone."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile

LIMIT_S = 60

there = shutil.which("adb") is not None


class AdbServer:
    """`with AdbServer() as server:` environment: what points the adb program at it."""

    def __enter__(self) -> AdbServer:
        self._home = tempfile.TemporaryDirectory()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.environment = {
            **os.environ, "HOME": self._home.name, "ANDROID_ADB_SERVER_PORT": str(self.port), "ADB_MDNS": "0"}
        self.adb("start-server")
        return self

    def __exit__(self, *_: object) -> None:
        self.adb("kill-server")
        self._home.cleanup()

    def adb(self, *arguments: str) -> bytes:
        """What it prints. Its exit status is the phone's command's, so it says nothing of adb."""
        return subprocess.run(
            ["adb", *arguments], env=self.environment, capture_output=True, check=False, timeout=LIMIT_S,
            stdin=subprocess.DEVNULL).stdout

    def connect(self, port: str) -> str:
        """The serial of the phone that listens on this port of the machine."""
        serial = f"127.0.0.1:{port}"
        said = self.adb("connect", serial)
        if b"connected" not in said:
            raise RuntimeError(said.decode())
        return serial
