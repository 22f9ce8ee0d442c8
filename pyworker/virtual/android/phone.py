"""One virtual Android phone: its description, what its commands answer, its files and settings, and what it was asked.

A phone is a folder: phone.json (the description) beside files with command output, and a `files/` tree for what `cat` and
`ls` see. phone.json holds, besides identity:

    "outputs":  {"dumpsys battery": "battery.txt", "getenforce": {"stdout": "Enforcing\\n", "status": 0, …}}
    "settings": {"secure": {…}, "global": {…}, "system": {…}}     answered by `settings get|list`
    "denied":   ["/data", …]                                       paths that answer "Permission denied"
    "programs": {"su": "/product/bin/su", "timeout": null}         added to, or missing from, the usual ones
    "shell":    {"crlf": false}                                    the PTY of v1 turns LF into CR LF (Android 6 and older)
    "sources":  {…}                                                where the shape of each output is known from

Phones are data: nothing here opens a socket. `adbd.py` and `adb_server.py` put a phone behind one.
"""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from pyworker.virtual.android import commands, packets
from pyworker.virtual.android.faults import Faults
from pyworker.virtual.android.files import FileTree
from pyworker.virtual.android.mksh.process import Process
from pyworker.virtual.android.record import Request

PHONES = Path(__file__).parent.parent / "phones"
NOT_FOUND = 127
CANNOT_EXECUTE = 126
ANDROID_10 = 29  # from here on mksh says "inaccessible or not found"


class Output(NamedTuple):
    """What a command answers. stdout: bytes, or a callable that gives an iterable of pieces (for large output)."""

    stdout: bytes | Callable[[], Iterable[bytes]] = b""
    stderr: bytes = b""
    status: int = 0
    delay_s: float = 0.0


class VirtualAndroid:
    """See the module. Attributes that tests may change while the phone runs: outputs, settings, files, state,
    accepted_keys, faults, description."""

    def __init__(self, description: dict[str, Any], outputs: dict[str, Output], files: FileTree) -> None:
        self.description = description
        self.serial: str = description["serial"]
        self.outputs = outputs
        self.files = files
        self.settings: dict[str, dict[str, str]] = {
            table: dict(description.get("settings", {}).get(table, {})) for table in ("secure", "global", "system")
        }
        self.accepted_keys: list[str] = list(description.get("accepted_keys", []))
        self.record: list[Request] = []
        self.faults = Faults()
        self.packages: dict[str, dict[str, Any]] = copy.deepcopy(description.get("packages", {}))
        self.altered: dict[str, str] = {}  # changes that are neither files, settings nor packages: name -> last value
        self.sdk: int = int(description.get("sdk", 34))
        self.shell_pid = 20000
        self._state: str = description.get("state", "device")
        self._pids = 20000
        self._lock = threading.Lock()
        self._watchers: list[Callable[[], None]] = []

    @classmethod
    def load(cls, name: str) -> VirtualAndroid:
        """The phone of this name from pyworker/virtual/phones/."""
        return cls.from_folder(PHONES / name)

    @classmethod
    def from_folder(cls, path: str | Path) -> VirtualAndroid:
        folder = Path(path)
        description = json.loads((folder / "phone.json").read_text("utf-8"))
        outputs = {command: _output(folder, entry) for command, entry in description.get("outputs", {}).items()}
        root = folder / "files"
        contents = {
            "/" + each.relative_to(root).as_posix(): each.read_bytes()
            for each in sorted(root.rglob("*"))
            if each.is_file()
        }
        contents.update({name: text.encode() for name, text in description.get("files", {}).items()})
        return cls(description, outputs, FileTree(contents, description.get("denied", ())))

    # -- identity and state

    @property
    def state(self) -> str:
        """ "device", "unauthorized" or "offline"; setting it tells those who track devices."""
        return self._state

    @state.setter
    def state(self, state: str) -> None:
        self._state = state
        self.changed()

    @property
    def features(self) -> list[str]:
        return list(self.description.get("features", []))

    @property
    def max_payload(self) -> int:
        return int(self.description.get("max_payload", packets.MAX_PAYLOAD))

    @property
    def protocol_version(self) -> int:
        return int(self.description.get("protocol_version", packets.VERSION_NO_CHECKSUMS))

    @property
    def wants_authorization(self) -> bool:
        return bool(self.description.get("authorization", True))

    @property
    def has_crlf_terminal(self) -> bool:
        return bool(self.description.get("shell", {}).get("crlf", False))

    def banner(self) -> bytes:
        """The system identity string of CNXN."""
        fields = "".join(
            f"{key}={self.description.get(name, '')};"
            for key, name in (
                ("ro.product.name", "product"),
                ("ro.product.model", "model"),
                ("ro.product.device", "device"),
            )
        )
        features = f"features={','.join(self.features)}" if self.features else ""
        return f"device::{fields}{features}".encode()

    def watch(self, callback: Callable[[], None]) -> None:
        with self._lock:
            self._watchers.append(callback)

    def unwatch(self, callback: Callable[[], None]) -> None:
        with self._lock:
            self._watchers = [each for each in self._watchers if each != callback]

    def changed(self) -> None:
        with self._lock:
            watchers = list(self._watchers)
        for callback in watchers:
            callback()

    # -- record

    def asked(self, kind: str, text: str) -> None:
        """Adds to the record what a host sent."""
        self.record.append(Request(kind, text))

    def note(self, kind: str, text: str) -> None:
        """Adds to the record what was run. The interpreter's text (one character a byte) becomes text again."""
        self.record.append(Request(kind, as_sent(text)))

    def snapshot(self) -> dict[str, Any]:
        """Everything a command could have changed, as a copy: equal snapshots mean that nothing did."""
        return {
            "files": dict(self.files.contents),
            "folders": sorted(self.files.folders),
            "settings": copy.deepcopy(self.settings),
            "packages": copy.deepcopy(self.packages),
            "properties": self.outputs["getprop"].stdout if "getprop" in self.outputs else b"",
            "altered": dict(self.altered),
            "accepted_keys": list(self.accepted_keys),
        }

    def alter(self, name: str, value: str) -> None:
        """A change that has no place of its own: recorded, and seen in the snapshot."""
        self.altered[name] = value
        self.note("change", f"{name} {value}".strip())

    def replace_output(self, command: str, stdout: bytes) -> None:
        self.outputs[command] = Output(stdout)

    def press_allow(self, public_key: str) -> None:
        """The owner presses Allow in the "Allow USB debugging?" dialogue, with "always" ticked."""
        self.accepted_keys.append(public_key)
        self.changed()

    # -- the shell's surroundings

    def next_pid(self) -> int:
        with self._lock:
            self._pids += 1
            return self._pids

    def environment(self) -> dict[str, str]:
        return {
            "PATH": "/product/bin:/apex/com.android.runtime/bin:/system/bin:/odm/bin:/vendor/bin:/vendor/xbin:/system/xbin"
            if self.sdk >= 29
            else "/sbin:/system/sbin:/system/bin:/system/xbin:/vendor/bin:/vendor/xbin",
            "HOME": "/",
            "SHELL": "/system/bin/sh",
            "USER": "shell",
            "LOGNAME": "shell",
            "TERM": "dumb",
            "HOSTNAME": str(self.description.get("device", "android")),
            "TMPDIR": "/data/local/tmp",
            "ANDROID_ROOT": "/system",
            "ANDROID_DATA": "/data",
            "EXTERNAL_STORAGE": "/sdcard",
        }

    def here_document(self, text: str) -> None:
        """mksh keeps a here-document in a temporary file: that is a write, and it needs a folder it may write to."""
        name = f"{self.environment()['TMPDIR']}/sh{self.next_pid():06d}.tmp"
        self.note("change", f"write {name}")
        self.alter("temporary files", str(int(self.altered.get("temporary files", "0")) + 1))

    def answers(self, command: str) -> bool:
        return command in self.outputs

    def program_path(self, name: str) -> str:
        """Where a program lies; "" when the phone has none of that name."""
        own = self.description.get("programs", {})
        base = name.rpartition("/")[2]
        if base in own:
            path = own[base] or ""
        elif (base in commands.programs(self.sdk) and base not in commands.ONLY_WHERE_DESCRIBED) or any(
            each.split(" ", 1)[0] == base for each in self.outputs
        ):
            path = f"/system/bin/{base}"
        else:
            path = ""
        if "/" in name and name != path and not (path and name.rpartition("/")[0] == "/bin"):
            return ""
        return path

    def run_program(self, process: Process) -> int:
        """Runs one program: the phone's own output for exactly this command, else a program that knows this phone."""
        text = " ".join(process.arguments)
        self.note("command", text)
        output = self.outputs.get(as_sent(text))
        if output is not None:
            return answer(process, output)
        name = process.arguments[0]
        path = self.program_path(name)
        if not path:
            return self._not_runnable(process, name)
        program = commands.programs(self.sdk).get(path.rpartition("/")[2])
        if program is None:
            process.err(f"{name}: no answer for {text!r} in this virtual phone\n")
            return 1
        return program(process)

    def _not_runnable(self, process: Process, name: str) -> int:
        path = self.files.absolute(name, process.directory)
        status, reason = NOT_FOUND, "inaccessible or not found" if self.sdk >= ANDROID_10 else "not found"
        if "/" in name and self.files.exists(path):
            status = CANNOT_EXECUTE
            reason = f"can't execute: {'Is a directory' if self.files.is_folder(path) else 'Permission denied'}"
        if not process.shell_name:
            process.err(f"exec {name}: No such file or directory\n")
        else:
            process.err(f"{process.shell_name}: {name}: {reason}\n")
        return status


def as_sent(text: str) -> str:
    """The interpreter's text (one character a byte) as the host wrote it. Other text stays as it is."""
    return (
        text
        if text.isascii() or not all(char < "\u0100" for char in text)
        else (text.encode("latin-1").decode("utf-8", "replace"))
    )


def answer(process: Process, output: Output) -> int:
    """Gives a prepared output to a process."""
    if output.delay_s:
        process.signals.wait(output.delay_s)
    if callable(output.stdout):
        for piece in output.stdout():
            process.out_bytes(piece)
    elif output.stdout:
        process.out_bytes(output.stdout)
    if output.stderr:
        process.stderr.write(output.stderr, process.signals)
    return output.status


def _output(folder: Path, entry: str | dict[str, Any]) -> Output:
    if isinstance(entry, str):
        return Output((folder / entry).read_bytes())
    stdout = (folder / entry["file"]).read_bytes() if "file" in entry else entry.get("stdout", "").encode()
    return Output(
        stdout, entry.get("stderr", "").encode(), int(entry.get("status", 0)), float(entry.get("delay_s", 0.0))
    )
