"""What somebody would try who runs inside the worker: each attempt a function that says whether it came through.

`python tests/attacks.py LAYERS FOLDER` puts layers up in a process of its own (hook, kernel or all) and prints, as
JSON, which attempts succeeded. FOLDER is the artifact folder; what lies beside it must stay as it is.
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import sys
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

# Loaded before anything is sealed, as the interpreter of an attacker's library would have it.
LIBC = ctypes.CDLL(None, use_errno=True)
# A documentation address: no such host, so an attempt that is let through waits or is unreachable, and is not refused.
ELSEWHERE = ("192.0.2.1", 80)
REFUSED = (1, 13, 97)  # EPERM, EACCES, EAFNOSUPPORT
# Functions that native code may call at any time must not go away.
KEPT: list[object] = []


def attempts(folder: str) -> dict[str, object]:
    """Name -> a function that returns whether it came through. PermissionError means it did not."""
    outside = os.path.join(os.path.dirname(folder), "outside")
    inside = os.path.join(folder, "inside")

    def connects(family: int, address: object) -> bool:
        with socket.socket(family, socket.SOCK_STREAM) as connection:
            connection.settimeout(0.2)
            try:
                connection.connect(address)
            except PermissionError:
                raise
            except OSError:
                pass  # nobody there: but the attempt was made
            return True

    def connects_natively() -> bool:
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        connection.setblocking(False)
        address = bytes([2, 0]) + (80).to_bytes(2, "big") + bytes([192, 0, 2, 1]) + bytes(8)
        failed = LIBC.connect(connection.fileno(), address, 16)
        connection.close()
        return not (failed and ctypes.get_errno() in REFUSED)

    def asyncio_connects() -> bool:
        import asyncio

        async def go() -> None:
            await asyncio.wait_for(asyncio.open_connection(*ELSEWHERE), 0.2)

        try:
            asyncio.run(go())
        except PermissionError:
            raise
        except OSError:
            pass
        return True

    def binds() -> bool:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
        return True

    def listens() -> bool:
        with socket.socket() as listener:
            listener.listen()
        return True

    def datagram() -> bool:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"x", ("127.0.0.1", 9))
        return True

    def family(number: int, kind: int) -> bool:
        socket.socket(number, kind).close()
        return True

    def looks_up() -> bool:
        socket.getaddrinfo("example.invalid", 80)
        return True

    def subprocess_runs() -> bool:
        import subprocess

        subprocess.run(["/bin/true"], check=True)
        return True

    def forks() -> bool:
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)
        return True

    def spawns() -> bool:
        os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)
        return True

    def fork_exec() -> bool:
        import _posixsubprocess

        reader, writer = os.pipe()
        pid = _posixsubprocess.fork_exec(
            [b"/bin/true"],
            [b"/bin/true"],
            True,
            (),
            None,
            None,
            -1,
            -1,
            -1,
            -1,
            -1,
            -1,
            reader,
            writer,
            False,
            False,
            -1,
            None,
            None,
            None,
            -1,
            None,
            False,
        )
        os.waitpid(pid, 0)
        return True

    def writes(path: str) -> bool:
        with open(path, "w") as file:
            file.write("x")
        return True

    def writes_through_a_link() -> bool:
        os.symlink(outside, os.path.join(folder, "link"))
        return writes(os.path.join(folder, "link"))

    def writes_by_folder_descriptor() -> bool:
        parent = os.open(os.path.dirname(folder), os.O_RDONLY)
        os.close(os.open("outside", os.O_WRONLY | os.O_CREAT, dir_fd=parent))
        return True

    def makes_folder_by_descriptor() -> bool:
        os.mkdir("outside", dir_fd=os.open(os.path.dirname(folder), os.O_RDONLY))
        return True

    def renames_out() -> bool:
        writes(inside)
        os.rename(inside, outside)
        return True

    def natively(call: str, *arguments: object) -> bool:
        return bool(getattr(LIBC, call)(*arguments) >= 0)

    def forks_natively() -> bool:
        pid = LIBC.fork()
        if pid == 0:
            LIBC._exit(0)
        return bool(pid > 0)

    def traces() -> bool:
        LIBC.ptrace(0x7FFFFFFF, os.getppid(), 0, 0)  # no such request: only whether it is looked at counts
        return ctypes.get_errno() not in REFUSED

    def opens_natively() -> bool:
        return bool(LIBC.open((outside + " natively").encode(), os.O_WRONLY | os.O_CREAT, 0o600) >= 0)

    def on_the_main_thread(attempt: object) -> bool:
        """The interpreter runs it there, between two instructions of whatever the thread is at."""
        came_through: list[bool] = []

        def act(_: object) -> int:
            came_through.append(attempt())  # type: ignore[operator]
            return 0

        callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(act)
        KEPT.append(callback)
        ctypes.pythonapi.Py_AddPendingCall(callback, None)
        until = time.monotonic() + 2.0
        while not came_through and time.monotonic() < until:
            time.sleep(0.01)
        return came_through != [False]

    def clears_the_hooks_tables() -> bool:
        import gc

        for each in gc.get_objects():
            if isinstance(each, dict) and "subprocess.Popen" in each and "open" in each:
                each.clear()
        return os.system("/bin/true") == 0

    def connects_natively_to(family: int, address: bytes) -> bool:
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.setblocking(False)
        failed = LIBC.connect(connection.fileno(), address, len(address))
        connection.close()
        return not (failed and ctypes.get_errno() in REFUSED)

    def opens_fast() -> bool:
        """sendto with MSG_FASTOPEN connects on the way."""
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        connection.setblocking(False)
        address = bytes([2, 0]) + (80).to_bytes(2, "big") + bytes([192, 0, 2, 1]) + bytes(8)
        failed = LIBC.sendto(connection.fileno(), b"x", 1, 0x20000000, address, 16)
        connection.close()
        return not (failed < 0 and ctypes.get_errno() in REFUSED)

    def by_descriptor_from_inside(act: object) -> bool:
        """The working folder is the artifact folder, so a relative name looks harmless."""
        back = os.getcwd()
        writes(inside)
        os.chdir(folder)
        try:
            parent = os.open("..", os.O_RDONLY)
            act(parent)  # type: ignore[operator]
        finally:
            os.chdir(back)
        return True

    def changes_by_reading_descriptor() -> bool:
        os.fchmod(os.open(os.path.join(os.path.dirname(folder), "witness"), os.O_RDONLY), 0o600)
        return True

    def touches() -> bool:
        os.utime(os.path.join(os.path.dirname(folder), "witness"), (1, 1))
        return True

    def types_into_the_terminal() -> bool:
        import pty
        import termios

        master, slave = pty.openpty()
        LIBC.ioctl(slave, termios.TIOCSTI, b"x")
        refused = ctypes.get_errno() in REFUSED
        os.close(master)
        os.close(slave)
        return not refused

    def signals_natively() -> bool:
        return bool(LIBC.syscall(234, os.getppid(), os.getppid(), 18) == 0)  # tgkill of x86_64; SIGCONT

    def kills() -> bool:
        os.kill(os.getppid(), 18)  # SIGCONT: harmless where it comes through
        return True

    def loads_a_library() -> bool:
        ctypes.CDLL("libm.so.6")
        return True

    return {
        "connect elsewhere": lambda: connects(socket.AF_INET, ELSEWHERE),
        "connect elsewhere with asyncio": asyncio_connects,
        "connect elsewhere natively": connects_natively,
        "connect elsewhere by fast open": opens_fast,
        "connect loopback natively": lambda: connects_natively_to(
            socket.AF_INET, bytes([2, 0]) + (9999).to_bytes(2, "big") + bytes([127, 0, 0, 1]) + bytes(8)
        ),
        "connect another Unix socket natively": lambda: connects_natively_to(
            socket.AF_UNIX, bytes([1, 0]) + b"/run/nobody\0"
        ),
        "rename by a folder's descriptor": lambda: by_descriptor_from_inside(
            lambda parent: os.rename("inside", "outside", dst_dir_fd=parent)
        ),
        "link by a folder's descriptor": lambda: by_descriptor_from_inside(
            lambda parent: os.link("inside", "outside", dst_dir_fd=parent)
        ),
        "symlink by a folder's descriptor": lambda: by_descriptor_from_inside(
            lambda parent: os.symlink("inside", "outside", dir_fd=parent)
        ),
        "chmod by a reading descriptor": changes_by_reading_descriptor,
        "change times outside": touches,
        "type into the terminal": types_into_the_terminal,
        "signal another process natively": signals_natively,
        "connect another Unix socket": lambda: connects(socket.AF_UNIX, "/run/nobody"),
        "connect an abstract Unix socket": lambda: connects(socket.AF_UNIX, "\0nobody"),
        "bind": binds,
        "listen without bind": listens,
        "send a datagram": datagram,
        "look up a name": looks_up,
        "netlink socket": lambda: family(16, socket.SOCK_RAW),
        "packet socket": lambda: family(17, socket.SOCK_RAW),
        "vsock socket": lambda: family(40, socket.SOCK_STREAM),
        "subprocess": subprocess_runs,
        "os.system": lambda: os.system("/bin/true") == 0,
        "fork": forks,
        "posix_spawn": spawns,
        "_posixsubprocess.fork_exec": fork_exec,
        "libc system": lambda: LIBC.system(b"/bin/true") == 0,
        "libc fork": forks_natively,
        "write outside": lambda: writes(outside),
        "write by ..": lambda: writes(os.path.join(folder, "..", "outside")),
        "write through a link": writes_through_a_link,
        "write by a folder's descriptor": writes_by_folder_descriptor,
        "make a folder by descriptor": makes_folder_by_descriptor,
        "rename out of the folder": renames_out,
        "mkfifo outside": lambda: os.mkfifo(outside) is None,
        "write outside natively": opens_natively,
        "chmod natively": lambda: natively("chmod", os.path.dirname(folder).encode(), 0o755),
        "remove outside": lambda: os.remove(os.path.join(os.path.dirname(folder), "witness")) is None,
        "unlink outside natively": lambda: natively(
            "unlink", os.path.join(os.path.dirname(folder), "witness").encode()
        ),
        "truncate natively": lambda: natively("truncate", os.path.join(os.path.dirname(folder), "witness").encode(), 0),
        "kill": kills,
        "ptrace": traces,
        "write outside natively on the main thread": lambda: on_the_main_thread(opens_natively),
        "connect elsewhere natively on the main thread": lambda: on_the_main_thread(connects_natively),
        "load a library": loads_a_library,
        "unshare": lambda: natively("unshare", 0x10000000),
        "clear the hook's tables": clears_the_hooks_tables,
    }


# Wanted: these must come through under every layer.
def wanted(folder: str) -> dict[str, object]:
    import threading

    def write_inside() -> bool:
        with open(os.path.join(folder, "artifact"), "w") as file:
            file.write("x")
        os.rename(os.path.join(folder, "artifact"), os.path.join(folder, "renamed"))
        os.remove(os.path.join(folder, "renamed"))
        return True

    def thread() -> bool:
        done = threading.Event()
        threading.Thread(target=done.set).start()
        return done.wait(5)

    return {
        "write inside": write_inside,
        "start a thread": thread,
        "read code": lambda: bool(Path(os.__file__).read_bytes()),
        "a pair of sockets": lambda: len(socket.socketpair()) == 2,
    }


def outcomes(which: dict[str, object]) -> dict[str, bool]:
    came_through = {}
    for name, attempt in which.items():
        try:
            came_through[name] = bool(attempt())  # type: ignore[operator]
        except OSError as refusal:
            came_through[name] = refusal.errno not in (None, *REFUSED) and not isinstance(refusal, PermissionError)
    return came_through


def put_up(layers: str, folder: str) -> None:
    from pyworker.containment import hook, landlock, seccomp, system

    allowed = hook.Allowed(frozenset(), frozenset(), (os.path.realpath(folder),), None, False)
    if layers in ("kernel", "all"):
        system.confine(allowed.writable, None, hook.judge_of(allowed))
    if layers == "landlock":
        seccomp.give_up_privileges()
        landlock.restrict(allowed.writable, None)
    if layers == "seccomp":
        seccomp.give_up_privileges()
        seccomp.install()
        seccomp.forbid_connecting()
    if layers in ("hook", "all"):
        hook.install(allowed)


if __name__ == "__main__":
    from pyworker import log

    log.set_level("off")
    put_up(sys.argv[1], sys.argv[2])
    print(json.dumps({"attempts": outcomes(attempts(sys.argv[2])), "wanted": outcomes(wanted(sys.argv[2]))}))
