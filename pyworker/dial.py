"""Every connection that the worker makes, to usbmuxd, to an adb server, to a phone, begins here.

Contained, one thread does it for all the others, who can no longer connect at all: the kernel can forbid a thread to
connect, but cannot be told where to. So native code in a request has no way out, and that thread judges each address
before it asks the kernel. Uncontained (tests, other systems) the caller's own thread connects.
"""

from __future__ import annotations

import threading
from _queue import SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    Address = str | tuple[str, int]
    Judge = Callable[[Address], None]

_asked: SimpleQueue[tuple[socket.socket, Address, SimpleQueue[int | Exception]]] | None = None


def begin(connection: socket.socket, address: Address) -> int:
    """What connect_ex says of a socket that does not block: 0, EINPROGRESS or another errno.

    Raises OSError for an address that is none, PermissionError for one that containment refuses.
    """
    if connection.gettimeout() != 0:
        raise ValueError("the one thread that connects must not wait for a phone")
    if _asked is None:
        return connection.connect_ex(address)
    answer: SimpleQueue[int | Exception] = SimpleQueue()
    _asked.put((connection, address, answer))
    outcome = answer.get()
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def appoint(judge: Judge) -> None:
    """Start the thread that connects from now on. judge raises OSError for an address that is not to be."""
    global _asked
    _asked = SimpleQueue()
    threading.Thread(target=_serve, args=(_asked, judge), name="dialler", daemon=True).start()


def _serve(asked: SimpleQueue[tuple[socket.socket, Address, SimpleQueue[int | Exception]]], judge: Judge) -> None:
    while True:
        connection, address, answer = asked.get()
        try:
            judge(address)
            outcome: int | Exception = connection.connect_ex(address)
        except Exception as refused:  # noqa: BLE001  raised where it was asked for
            outcome = refused
        answer.put(outcome)
        del connection, outcome  # not kept open until the next one comes
