"""The audit hook: refuses what a worker that only looks has no business doing, and says what was tried.

Python tells the hook before it opens a file, connects, binds, looks up a name, loads a library or starts a process.
It is a tripwire for mistakes in libraries, with exact addresses and paths; code that wants out finds a way around it
(the interpreter's manual says so), and for that there are the kernel's layers.

A refusal is a PermissionError, so that library code that merely probes goes on without.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from pyworker import log

if TYPE_CHECKING:
    from collections.abc import Callable


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


_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_count = 0


def denials() -> int:
    return _count


def install(allowed: Allowed) -> None:
    """From now on, for ever: a hook cannot be taken away."""
    rules = _rules(allowed._replace(writable=tuple(os.path.realpath(each) for each in allowed.writable)))
    sys.addaudithook(lambda event, arguments: rules[event](event, arguments) if event in rules else None)


def _deny(event: str, what: object) -> NoReturn:
    global _count
    _count += 1
    log.write("warning", "denied", what=event, target=str(what)[:200])
    raise Denied(f"the worker may not do this: {event}")


def _rules(allowed: Allowed) -> dict[str, Callable[[str, tuple[Any, ...]], None]]:
    """What is done about each event. Events that are not here are nobody's business."""

    def never(event: str, arguments: tuple[Any, ...]) -> None:
        _deny(event, arguments[0] if arguments else "")

    def connect(event: str, arguments: tuple[Any, ...]) -> None:
        address = arguments[1]
        if isinstance(address, tuple):
            if not (_is_loopback(address[0]) or tuple(address[:2]) in allowed.connect):
                _deny(event, address)
        elif os.fsdecode(address) not in allowed.sockets:
            _deny(event, address)

    def bind(event: str, arguments: tuple[Any, ...]) -> None:
        address = arguments[1]
        if not (allowed.bind_loopback and isinstance(address, tuple) and _is_loopback(address[0]) and address[1] == 0):
            _deny(event, address)

    def look_up(event: str, arguments: tuple[Any, ...]) -> None:
        host = arguments[0]
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        if name is not None and not _is_literal(str(name)):
            _deny(event, name)

    def send_to(event: str, arguments: tuple[Any, ...]) -> None:
        if arguments[1] is not None:
            _deny(event, arguments[1])

    def open_file(event: str, arguments: tuple[Any, ...]) -> None:
        path, mode, flags = arguments
        writes = any(letter in mode for letter in "wax+") if isinstance(mode, str) else False
        if (writes or (isinstance(flags, int) and flags & _WRITING)) and not _may_write(path, allowed.writable):
            _deny(event, path)

    def change(event: str, arguments: tuple[Any, ...]) -> None:
        if not _may_write(arguments[0], allowed.writable):
            _deny(event, arguments[0])

    def change_two(event: str, arguments: tuple[Any, ...]) -> None:
        for path in arguments[:2]:
            if not _may_write(path, allowed.writable):
                _deny(event, path)

    def change_at(event: str, arguments: tuple[Any, ...]) -> None:
        # A descriptor of a folder hides where the path leads.
        if any(isinstance(each, int) and each != -1 for each in arguments[_DIR_FD[event]:]):
            _deny(event, arguments[0])
        if not (event == "os.rmdir" and arguments[0] == allowed.scratch):
            change(event, arguments)

    def symlink(event: str, arguments: tuple[Any, ...]) -> None:
        if not _may_write(arguments[1], allowed.writable):
            _deny(event, arguments[1])

    def kill(event: str, arguments: tuple[Any, ...]) -> None:
        if arguments[1] != 0:  # 0 only asks whether the process is there
            _deny(event, arguments)

    rules: dict[str, Callable[[str, tuple[Any, ...]], None]] = {
        "socket.connect": connect,
        "socket.bind": bind,
        "socket.sendto": send_to,
        "socket.sendmsg": send_to,
        "open": open_file,
        "os.rename": change_two,
        "os.link": change_two,
        "os.symlink": symlink,
        "os.kill": kill,
    }
    rules |= dict.fromkeys(("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"), look_up)
    rules |= dict.fromkeys(_DIR_FD, change_at)
    rules |= dict.fromkeys(("os.chown", "os.utime", "os.setxattr", "os.removexattr", "os.truncate", "os.chflags",
                            "shutil.rmtree", "shutil.chown", "shutil.unpack_archive"), change)
    rules |= dict.fromkeys((
        "subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn",
        "os.startfile", "os.startfile/2", "os.killpg", "pty.spawn", "_winapi.CreateProcess", "_winapi.CreateNamedPipe",
        "_winapi.CreateJunction", "ctypes.dlopen", "ctypes.dlsym/handle", "sqlite3.connect", "urllib.Request",
        "webbrowser.open", "ftplib.connect", "smtplib.connect", "http.client.connect", "winreg.CreateKey",
        "winreg.DeleteKey", "winreg.DeleteValue", "winreg.SetValue", "winreg.SaveKey", "winreg.LoadKey",
        "winreg.ConnectRegistry", "syslog.openlog", "setopencodehook", "socket.sethostname",
    ), never)
    return rules


# From which argument on a descriptor of a folder may stand, by event.
_DIR_FD = {"os.mkdir": 2, "os.remove": 1, "os.rmdir": 1, "os.chmod": 2}


def _is_loopback(host: object) -> bool:
    return isinstance(host, str) and (host == "::1" or (host.startswith("127.") and _is_literal(host)))


def _is_literal(host: str) -> bool:
    """Whether it is an address and not a name: nothing has to be asked to understand it."""
    if ":" in host:
        return all(character in "0123456789abcdefABCDEF:.%" for character in host)
    return host == "" or all(part.isascii() and part.isdigit() for part in host.split("."))


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
