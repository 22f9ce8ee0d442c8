"""What lies between a running service and the wire: a bounded buffer out, a queue in, and the moment it all ends.

The service writes and blocks when the host does not take it (adbd's streams have flow control); the transport takes.
Both sides can end it: `finish` when the service is done, `hang_up` when the host went away.
"""

from __future__ import annotations

import threading
from collections import deque

from pyworker.virtual.android.mksh.signals import Hangup, Signals

# What a service may have written that the transport has not taken: about what pipe, shell process and socket hold.
OUTGOING_CAPACITY = 1 << 20


class Flow:
    """One service's stream, seen from both ends. All methods are thread-safe."""

    __slots__ = ("ended", "signals", "_changed", "_outgoing", "_size", "_finished", "_incoming", "_incoming_ended")

    def __init__(self) -> None:
        self.ended = threading.Event()
        self.signals = Signals(self.ended)
        self._changed = threading.Condition()
        self._outgoing: deque[bytes] = deque()
        self._size = 0
        self._finished = False
        self._incoming: deque[bytes] = deque()
        self._incoming_ended = False

    # -- the service's side

    def write(self, data: bytes, signals: Signals) -> None:
        if not data:
            return
        with self._changed:
            while self._size >= OUTGOING_CAPACITY:
                signals.check()
                self._changed.wait(signals.slice())
            signals.check()
            self._outgoing.append(data)
            self._size += len(data)
            self._changed.notify_all()

    def read(self, limit: int, signals: Signals) -> bytes:
        """What the host sent; b"" once it said that nothing more comes."""
        with self._changed:
            while not self._incoming and not self._incoming_ended:
                signals.check()
                self._changed.wait(signals.slice())
            if not self._incoming:
                return b""
            piece = self._incoming.popleft()
            if len(piece) > limit:
                self._incoming.appendleft(piece[limit:])
                piece = piece[:limit]
            return piece

    def finish(self) -> None:
        with self._changed:
            self._finished = True
            self._changed.notify_all()

    # -- the transport's side

    def take(self, limit: int) -> bytes:
        """The next output, at most `limit` bytes, as soon as there is any; b"" when the service has finished.

        Raises Hangup when the host went away."""
        with self._changed:
            while not self._outgoing:
                if self.ended.is_set():
                    raise Hangup
                if self._finished:
                    return b""
                self._changed.wait()
            pieces: list[bytes] = []
            size = 0
            while self._outgoing and size < limit:
                piece = self._outgoing.popleft()
                if size + len(piece) > limit:
                    self._outgoing.appendleft(piece[limit - size :])
                    piece = piece[: limit - size]
                pieces.append(piece)
                size += len(piece)
            self._size -= size
            self._changed.notify_all()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def give(self, data: bytes) -> None:
        with self._changed:
            self._incoming.append(data)
            self._changed.notify_all()

    def hang_up(self) -> None:
        """The host closed the stream: whatever runs gets its SIGHUP."""
        with self._changed:
            self.ended.set()
            self._incoming_ended = True
            self._changed.notify_all()
