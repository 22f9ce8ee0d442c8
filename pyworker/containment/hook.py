"""The audit hook: refuses what a worker that only looks has no business doing, and says what was tried.

Python tells the hook before it opens a file, connects, binds, looks up a name, loads a library or starts a process.
It is a tripwire for mistakes in libraries, with exact addresses and paths; code that wants out finds a way around it
(the interpreter's manual says so), and for that there are the kernel's layers.

A refusal is a PermissionError, so that library code that merely probes goes on without.
"""

from __future__ import annotations

import _socket
import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from pyworker import log

if TYPE_CHECKING:
    from collections.abc import Callable

    Arguments = tuple[Any, ...]


class Denied(PermissionError):
    """The guard refused. A subclass of OSError: whoever probes degrades instead of dying."""


class Allowed(NamedTuple):
    """connect: (host, port) beside loopback. sockets: paths of Unix sockets. writable: folders.

    scratch: the one of them that may be removed itself. bind_loopback: whether socketpair needs it (Windows has no other way).
    """

    connect: frozenset[tuple[str, int]]
    sockets: frozenset[str]
    writable: tuple[str, ...]
    scratch: str | None
    bind_loopback: bool


_count = 0


def denials() -> int:
    return _count


def install(allowed: Allowed) -> None:
    """From now on, for ever: a hook cannot be taken away. Its table is its own, which nobody knows by name."""
    rules = dict(_RULES)
    sys.addaudithook(lambda event, arguments: rules[event](allowed, event, arguments) if event in rules else None)


def judge_of(allowed: Allowed) -> Callable[[object], None]:
    """A function that raises Denied for an address that may not be connected to."""
    return lambda address: _judge_address(allowed, address)


def _deny(event: str, what: object) -> NoReturn:
    global _count
    _count += 1
    log.write("warning", "denied", what=event, target=str(what)[:200])
    raise Denied(f"the worker may not do this: {event}")


def _never(_allowed: Allowed, event: str, arguments: Arguments) -> None:
    _deny(event, arguments[0] if arguments else "")


# -- sockets

# What usbmuxd and adb are reached by; -1 is asked for where a socket is made of a descriptor.
_FAMILIES = frozenset({-1, _socket.AF_INET, _socket.AF_INET6, getattr(_socket, "AF_UNIX", -1)})
_STREAMS = frozenset({-1, _socket.SOCK_STREAM})
_SOCKET_TYPE = 0xF  # without the flags that Linux puts into the same number


def _make_socket(_allowed: Allowed, event: str, arguments: Arguments) -> None:
    _, family, kind, _ = arguments
    if family not in _FAMILIES or (kind if kind == -1 else kind & _SOCKET_TYPE) not in _STREAMS:
        _deny(event, (family, kind))


def _connect(allowed: Allowed, _event: str, arguments: Arguments) -> None:
    _judge_address(allowed, arguments[1])


def _judge_address(allowed: Allowed, address: object) -> None:
    if isinstance(address, tuple):
        if not (_is_loopback(address[0]) or tuple(address[:2]) in allowed.connect):
            _deny("socket.connect", address)
    elif not isinstance(address, (str, bytes)) or os.fsdecode(address) not in allowed.sockets:
        _deny("socket.connect", address)


def _bind(allowed: Allowed, event: str, arguments: Arguments) -> None:
    address = arguments[1]
    if not (allowed.bind_loopback and isinstance(address, tuple) and _is_loopback(address[0]) and address[1] == 0):
        _deny(event, address)


def _send_to(_allowed: Allowed, event: str, arguments: Arguments) -> None:
    if arguments[1] is not None:
        _deny(event, arguments[1])


def _look_up(_allowed: Allowed, event: str, arguments: Arguments) -> None:
    host = arguments[0]
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name is not None and not _is_literal(str(name)):
        _deny(event, name)


def _is_loopback(host: object) -> bool:
    return isinstance(host, str) and (host == "::1" or (host.startswith("127.") and _is_literal(host)))


def _is_literal(host: str) -> bool:
    """Whether it is an address and not a name: nothing has to be asked to understand it."""
    if ":" in host:
        return all(character in "0123456789abcdefABCDEF:.%" for character in host)
    return host == "" or all(part.isascii() and part.isdigit() for part in host.split("."))


# -- files

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NAMELESS = getattr(os, "O_TMPFILE", 0)


def _open(allowed: Allowed, event: str, arguments: Arguments) -> None:
    path, mode, flags = arguments
    writes = any(letter in mode for letter in "wax+") if isinstance(mode, str) else False
    if isinstance(flags, int):
        writes = writes or bool(flags & _WRITING)
        if flags & _NAMELESS == _NAMELESS != 0 and os.path.realpath(path) in allowed.writable:
            return  # in the folder, without a name
    if writes and not _may_write(path, allowed.writable):
        _deny(event, path)


def _change(allowed: Allowed, event: str, arguments: Arguments) -> None:
    # A descriptor of a folder hides where the path leads, and one of a file may have been opened for reading only.
    if _names_a_folder(event, arguments) or (isinstance(arguments[0], int) and event != "os.truncate"):
        _deny(event, arguments[0])
    if not (event == "os.rmdir" and arguments[0] == allowed.scratch) and not _may_write(arguments[0], allowed.writable):
        _deny(event, arguments[0])


def _change_two(allowed: Allowed, event: str, arguments: Arguments) -> None:
    for path in arguments[:2]:
        if _names_a_folder(event, arguments) or not _may_write(path, allowed.writable):
            _deny(event, path)


def _symlink(allowed: Allowed, event: str, arguments: Arguments) -> None:
    if _names_a_folder(event, arguments) or not _may_write(arguments[1], allowed.writable):
        _deny(event, arguments[1])


# From which argument on a descriptor of a folder may stand, by event; -1 stands for none.
_DIR_FD = {"os.mkdir": 2, "os.remove": 1, "os.rmdir": 1, "os.chmod": 2, "os.chown": 3, "os.utime": 3, "os.rename": 2, "os.link": 2,
           "os.symlink": 2}


def _names_a_folder(event: str, arguments: Arguments) -> bool:
    return event in _DIR_FD and any(isinstance(each, int) and each != -1 for each in arguments[_DIR_FD[event]:])


def _may_write(path: object, writable: tuple[str, ...]) -> bool:
    if isinstance(path, int):
        return True  # a descriptor that was opened before, and judged then
    if not isinstance(path, (str, bytes, os.PathLike)):
        return False
    text = os.fsdecode(path)
    if text == os.devnull:
        return True
    # The last part may be made or replaced; where its folder really is decides. A link there is followed by open.
    real = os.path.realpath(text)
    return any(real.startswith(folder + os.sep) for folder in writable)


# -- the process and its surroundings

# To type into the terminal that stdin may be: TIOCSTI of Linux and macOS, TIOCLINUX.
_TYPING = frozenset({0x5412, 0x80017472, 0x541C})


def _control(_allowed: Allowed, event: str, arguments: Arguments) -> None:
    if arguments[1] & 0xFFFFFFFF in _TYPING:
        _deny(event, arguments[1])


def _kill(_allowed: Allowed, event: str, arguments: Arguments) -> None:
    if arguments[1] != 0:  # 0 only asks whether the process is there
        _deny(event, arguments)


# What is done about each event. Events that are not here are nobody's business.
_RULES: dict[str, Callable[[Allowed, str, Arguments], None]] = {
    "socket.__new__": _make_socket,
    "socket.connect": _connect,
    "socket.bind": _bind,
    "socket.sendto": _send_to,
    "socket.sendmsg": _send_to,
    **dict.fromkeys(("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"), _look_up),
    "open": _open,
    **dict.fromkeys((
        "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.chown", "os.utime", "os.setxattr", "os.removexattr",
        "os.truncate", "os.chflags", "os.lchflags", "shutil.rmtree", "shutil.chown", "shutil.unpack_archive",
    ), _change),
    "os.rename": _change_two,
    "os.link": _change_two,
    "os.symlink": _symlink,
    "fcntl.ioctl": _control,
    "os.kill": _kill,
    **dict.fromkeys((
        "subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn",
        "os.startfile", "os.startfile/2", "os.killpg", "pty.spawn", "_winapi.CreateProcess", "_winapi.CreateNamedPipe",
        "_winapi.CreateJunction", "ctypes.dlopen", "ctypes.dlsym/handle", "sqlite3.connect", "urllib.Request",
        "webbrowser.open", "ftplib.connect", "smtplib.connect", "http.client.connect", "winreg.CreateKey",
        "winreg.DeleteKey", "winreg.DeleteValue", "winreg.SetValue", "winreg.SaveKey", "winreg.LoadKey",
        "winreg.ConnectRegistry", "syslog.openlog", "setopencodehook", "socket.sethostname", "resource.setrlimit",
        "resource.prlimit", "sys.remote_exec",
    ), _never),
}
