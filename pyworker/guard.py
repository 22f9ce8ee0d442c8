"""Containment: what this process may do to the machine it runs on, and the proof that it holds.

    start   at the start: nothing that costs, only what must come before the first import of a library
    seal    before the first request that runs library code: the layers go up and stay up
    demand  with --require-containment, before any thread is there: all of them, or no service
    join    the threads that were there before the layers went up put them on themselves
    level   what is in force of each, and how often something was denied
    tidy    at the end: nothing is left behind

Layers: an audit hook (pyworker.containment.hook: every system, sees addresses and paths, but only what goes through
Python) and the kernel's own means (one module a system: they bind native code too). The parent's share, where it is
ours to do no more, is written in pyworker/containment/README.md.
"""

import os
import sys
from threading import get_ident

from pyworker import log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyworker.settings import Settings

# What an environment can do to libraries: run code at import, send traffic through a proxy, write keys to a file.
_SCRUBBED = ("PYTHON", "RL_", "SSLKEYLOGFILE", "LD_PRELOAD", "GCONV_PATH", "USBMUXD_SOCKET_ADDRESS", "ADB_", "ANDROID_")


EXIT_BUG = 70


class Uncontained(Exception):
    """A layer that was asked for cannot be put in force. The message names it."""


class _State:
    """hook: "off" or "sealed". kernel: what of each layer of the system's own was achieved. scratch: the private folder, or None.

    joined: the threads that joined; None while there is nothing to join, or nobody who was there before.
    """

    __slots__ = ("hook", "joined", "kernel", "scratch")

    def __init__(self) -> None:
        self.hook = "off"
        self.kernel: dict[str, object] = {}
        self.scratch: str | None = None
        self.joined: set[int] | None = None


_state = _State()


def start() -> None:
    """Clean the environment before anything can read it."""
    for name in list(os.environ):
        if name.upper().startswith(_SCRUBBED) or name.lower().endswith("_proxy"):
            del os.environ[name]


def seal(settings: "Settings") -> None:
    """Put every layer up. Called once, on the thread from which all threads that run library code descend.

    Raises OSError where a layer that the system has cannot be put up.
    """
    if _state.hook != "off":
        return
    from pyworker.containment import hook, scratch, system

    sys.dont_write_bytecode = True
    _state.scratch = scratch.make()
    # An artifact folder that has vanished since the start is for the request that needs it to report.
    folders = (settings.artifact_dir, _state.scratch)
    writable = tuple(os.path.realpath(each) for each in folders if each and os.path.isdir(each))
    named = (*settings.allow_devices, settings.adb_server, settings.usbmuxd)
    allowed = hook.Allowed(
        connect=frozenset(address for address in named if isinstance(address, tuple)),
        sockets=frozenset({settings.usbmuxd if isinstance(settings.usbmuxd, str) else system.USBMUXD} - {None}),
        writable=writable,
        scratch=_state.scratch,
        bind_loopback=system.SOCKETPAIR_BINDS,
    )
    system.limit()
    _state.kernel = system.confine(writable, _state.scratch, hook.judge_of(allowed))
    hook.install(allowed)
    _state.hook = "sealed"
    _state.joined = set()


def join() -> None:
    """For a thread that does not descend from the one that sealed: called whenever it has waited, before it goes on.

    A thread that library code could make run something else must not be freer than library code is. Costs nothing once
    done. A thread that cannot be bound ends the process.
    """
    if _state.joined is None or (me := get_ident()) in _state.joined:
        return
    from pyworker.containment import system

    try:
        system.join()
    except OSError as problem:
        log.bug("not_contained", problem)
        os._exit(EXIT_BUG)
    _state.joined.add(me)


def demand(settings: "Settings") -> None:
    """Put every layer up. Raises Uncontained unless each that this system has is in force."""
    try:
        seal(settings)
    except OSError as problem:
        raise Uncontained(problem.strerror or type(problem).__name__) from problem
    _state.joined = None  # every thread will descend from this one
    missing = [name for name, achieved in {"hook": _state.hook != "off", **_state.kernel}.items() if not achieved]
    if missing:
        raise Uncontained(", ".join(missing))


def level() -> "dict[str, object]":
    """{"hook", "pending", "landlock_abi", "seccomp", "denials"}: as policy.get tells it.

    pending: nothing is up yet because nothing has run yet that the layers are there for. Without it, what is off is off.
    """
    denials = 0
    if _state.hook != "off":
        from pyworker.containment import hook

        denials = hook.denials()
    return {
        "hook": _state.hook,
        "pending": _state.hook == "off",
        "landlock_abi": None,
        "seccomp": False,
        **_state.kernel,
        "denials": denials,
    }


def tidy() -> None:
    """Take the private folder away."""
    if _state.scratch is not None:
        from pyworker.containment import scratch

        scratch.remove(_state.scratch)
        _state.scratch = None
