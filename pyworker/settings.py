"""What the command line fixed for the life of the process. Nothing changes it afterwards."""

from __future__ import annotations


class Settings:
    """Addresses are as the operating system takes them: ("127.0.0.1", 5037), or a path for a Unix socket.

    usbmuxd: None means the system's own. adb_server: None means none is to be asked. adb_key: path of an existing
    private key, or None. allow_devices: the only (host, port) of phones beside loopback that may be connected to.
    """

    __slots__ = ("policy_mode", "data_dir", "artifact_dir", "usbmuxd", "adb_server", "adb_key", "allow_devices",
                 "parent_pid", "record", "log_level", "require_containment")

    def __init__(self) -> None:
        self.policy_mode = "public"
        self.data_dir: str | None = None
        self.artifact_dir: str | None = None
        self.usbmuxd: str | tuple[str, int] | None = None
        self.adb_server: tuple[str, int] | None = ("127.0.0.1", 5037)
        self.adb_key: str | None = None
        self.allow_devices: tuple[tuple[str, int], ...] = ()
        self.parent_pid: int | None = None
        self.record: str | None = None
        self.log_level = "warning"
        self.require_containment = False
