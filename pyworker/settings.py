"""What the command line fixes for the life of the process. Nothing changes it afterwards.

The names of the flags are a contract with the parent. Parsed by hand, because argparse would cost a third of the
whole start.
"""

import os

from pyworker.log import LEVELS
from pyworker.policy import MODES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Address = str | tuple[str, int]

USAGE = """\
usage: pyworker [options]

Answers JSON-RPC 2.0 requests, one a line, from standard input on standard output. Looks at the iPhones and Android
phones that are attached; never changes them.

  --policy-mode MODE       blocked, basic or public (default public): the most any request may do
  --data-dir DIR           where the parent stages the data of reports; read only
  --artifact-dir DIR       the one place where files are written; without it they come back inside the answer
  --usbmuxd ADDRESS        UNIX:/path or HOST:PORT (default: USBMUXD_SOCKET_ADDRESS, else the system's)
  --adb-server ADDRESS     HOST:PORT or none (default: ADB_SERVER_SOCKET, ANDROID_ADB_SERVER_PORT, else 127.0.0.1:5037)
  --adb-key FILE           an existing adb private key; without it none is used
  --allow-device HOST:PORT a phone's network address that may be connected to (repeatable; loopback always may)
  --parent-pid PID         leave when this process is gone
  --record FILE            write the conversation to a file, behind those it holds already
  --log-level LEVEL        debug, info, warning (default), error or off
  --require-containment    do not start unless every layer of containment this system offers is in force
  --help, --version

exit codes: 0 end of input or shutdown, 2 wrong option, 3 stdout gone, 4 parent gone, 5 containment missing, 70 a bug
"""


class WrongOption(Exception):
    """The message is one line for whoever started the process."""


class Settings:
    """Addresses are as the operating system takes them: ("127.0.0.1", 5037), or a path for a Unix socket.

    usbmuxd: None means the system's own. adb_server: None means none is to be asked. adb_key: path of an existing
    private key, or None. allow_devices: the only (host, port) of phones beside loopback that may be connected to.
    """

    __slots__ = (
        "policy_mode",
        "data_dir",
        "artifact_dir",
        "usbmuxd",
        "adb_server",
        "adb_key",
        "allow_devices",
        "parent_pid",
        "record",
        "log_level",
        "require_containment",
    )

    def __init__(self) -> None:
        self.policy_mode = "public"
        self.data_dir: str | None = None
        self.artifact_dir: str | None = None
        self.usbmuxd: Address | None = None
        self.adb_server: tuple[str, int] | None = ("127.0.0.1", 5037)
        self.adb_key: str | None = None
        self.allow_devices: tuple[tuple[str, int], ...] = ()
        self.parent_pid: int | None = None
        self.record: str | None = None
        self.log_level = "warning"
        self.require_containment = False


def parse(arguments: "list[str]", environment: "Mapping[str, str]") -> Settings:
    """Raises WrongOption. `--help` and `--version` are not options of a worker and are looked for before."""
    settings = Settings()
    _from_environment(settings, environment)
    left = list(arguments)
    while left:
        flag, _, value = left.pop(0).partition("=")
        if flag == "--require-containment":
            settings.require_containment = True
            continue
        take = _OPTIONS.get(flag)
        if take is None:
            raise WrongOption(f"{flag!r} is not an option")
        if not value:
            if not left:
                raise WrongOption(f"{flag} needs a value")
            value = left.pop(0)
        try:
            take(settings, value)
        except ValueError as problem:
            raise WrongOption(f"{flag}: {problem}") from None
    return settings


def _from_environment(settings: Settings, environment: "Mapping[str, str]") -> None:
    named = environment.get("USBMUXD_SOCKET_ADDRESS")
    if named:
        try:
            settings.usbmuxd = usbmuxd_address(named)
        except ValueError as problem:
            raise WrongOption(f"USBMUXD_SOCKET_ADDRESS: {problem}") from None
    server = environment.get("ADB_SERVER_SOCKET", "")
    port = environment.get("ANDROID_ADB_SERVER_PORT", "")
    try:
        if server:
            settings.adb_server = _adb_socket(server)
        elif port:
            settings.adb_server = ("127.0.0.1", _port(port))
    except ValueError as problem:
        raise WrongOption(f"{'ADB_SERVER_SOCKET' if server else 'ANDROID_ADB_SERVER_PORT'}: {problem}") from None


def usbmuxd_address(text: str) -> "Address":
    """libusbmuxd's syntax: UNIX:/path or HOST:PORT; a bare path is understood too."""
    if text.startswith("UNIX:"):
        text = text[5:]
        if not text:
            raise ValueError("UNIX: needs a path")
        return text
    return text if text.startswith("/") else host_and_port(text)


def host_and_port(text: str) -> "tuple[str, int]":
    """HOST:PORT or [HOST]:PORT with a literal address; names are never looked up."""
    host, colon, port = text.rpartition(":")
    if not colon or not host:
        raise ValueError(f"{text!r} is not HOST:PORT")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError(f"{text!r}: write an IPv6 address as [HOST]:PORT")
    if host == "localhost":
        host = "127.0.0.1"
    if not _is_literal(host):
        raise ValueError(f"{host!r} is not a literal address; names are not looked up")
    return host, _port(port)


def _is_literal(host: str) -> bool:
    if ":" in host:
        return all(character in "0123456789abcdefABCDEF:." for character in host)
    parts = host.split(".")
    return len(parts) == 4 and all(part.isascii() and part.isdigit() and int(part) < 256 for part in parts)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise ValueError(f"{text!r} is not a port")
    return int(text)


def _adb_socket(text: str) -> "tuple[str, int]":
    """adb's own syntax: tcp:PORT or tcp:HOST:PORT."""
    if not text.startswith("tcp:"):
        raise ValueError(f"{text!r} is not tcp:HOST:PORT")
    rest = text[4:]
    return ("127.0.0.1", _port(rest)) if rest.isdigit() else host_and_port(rest)


def _existing(text: str, is_there: "Callable[[str], bool]", what: str) -> str:
    if not is_there(text):
        raise ValueError(f"no such {what}: {text!r}")
    return os.path.abspath(text)


def _one_of(text: str, choices: "tuple[str, ...]") -> str:
    if text not in choices:
        raise ValueError(f"{text!r} is none of {', '.join(choices)}")
    return text


def _policy_mode(settings: Settings, value: str) -> None:
    settings.policy_mode = _one_of(value, MODES)


def _data_dir(settings: Settings, value: str) -> None:
    settings.data_dir = _existing(value, os.path.isdir, "folder")


def _artifact_dir(settings: Settings, value: str) -> None:
    settings.artifact_dir = _existing(value, os.path.isdir, "folder")


def _usbmuxd(settings: Settings, value: str) -> None:
    settings.usbmuxd = usbmuxd_address(value)


def _adb_server(settings: Settings, value: str) -> None:
    settings.adb_server = None if value == "none" else host_and_port(value)


def _adb_key(settings: Settings, value: str) -> None:
    settings.adb_key = _existing(value, os.path.isfile, "file")


def _allow_device(settings: Settings, value: str) -> None:
    settings.allow_devices += (host_and_port(value),)


def _parent_pid(settings: Settings, value: str) -> None:
    if not (value.isascii() and value.isdigit() and int(value) > 0):
        raise ValueError(f"{value!r} is not a process id")
    settings.parent_pid = int(value)


def _record(settings: Settings, value: str) -> None:
    if not os.path.isdir(os.path.dirname(os.path.abspath(value))):
        raise ValueError(f"no such folder for {value!r}")
    settings.record = os.path.abspath(value)


def _log_level(settings: Settings, value: str) -> None:
    settings.log_level = _one_of(value, LEVELS)


_OPTIONS: "dict[str, Callable[[Settings, str], None]]" = {
    "--policy-mode": _policy_mode,
    "--data-dir": _data_dir,
    "--artifact-dir": _artifact_dir,
    "--usbmuxd": _usbmuxd,
    "--adb-server": _adb_server,
    "--adb-key": _adb_key,
    "--allow-device": _allow_device,
    "--parent-pid": _parent_pid,
    "--record": _record,
    "--log-level": _log_level,
}
