"""What a file descriptor of a virtual process can point to.

A Sink takes bytes, a Source gives them (b"" at the end); both may block, and both raise Hangup or TimeUp when their
process is ended meanwhile: whoever reads or writes without end ends there. `is_terminal` is what `[ -t 1 ]` and the
column layout of `ls` ask for.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

from pyworker.virtual.android.mksh.signals import Signals

# As a pipe of Linux: a writer waits when this much lies unread.
PIPE_CAPACITY = 65536


class BrokenPipe(Exception):
    """Nobody reads the pipe any more; the writing process ends quietly, as by SIGPIPE."""


class BadDescriptor(Exception):
    """The descriptor was closed."""


class Sink(Protocol):
    is_terminal: bool

    def write(self, data: bytes, signals: Signals) -> None: ...


class Source(Protocol):
    is_terminal: bool

    def read(self, limit: int, signals: Signals) -> bytes: ...


Descriptor = Sink | Source


class Null:
    """/dev/null, both ways."""

    is_terminal = False

    def write(self, data: bytes, signals: Signals) -> None:
        signals.check()

    def read(self, limit: int, signals: Signals) -> bytes:
        return b""


class Closed:
    """A descriptor that was closed or never opened for this direction."""

    is_terminal = False

    def write(self, data: bytes, signals: Signals) -> None:
        raise BadDescriptor

    def read(self, limit: int, signals: Signals) -> bytes:
        raise BadDescriptor


class Held:
    """Bytes that are there already: a file opened for reading, a here-document."""

    __slots__ = ("data", "at")
    is_terminal = False

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def read(self, limit: int, signals: Signals) -> bytes:
        piece = self.data[self.at : self.at + limit]
        self.at += len(piece)
        return piece


class Collected:
    """Keeps what is written: the output of `$(…)`."""

    __slots__ = ("pieces",)
    is_terminal = False

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data: bytes, signals: Signals) -> None:
        signals.check()
        self.pieces.append(data)

    def text(self) -> bytes:
        return b"".join(self.pieces)


class FileSink:
    """A file opened for writing: each piece is handed to the phone's file tree."""

    __slots__ = ("append",)
    is_terminal = False

    def __init__(self, append: Callable[[bytes], None]) -> None:
        self.append = append

    def write(self, data: bytes, signals: Signals) -> None:
        self.append(data)


class Pipe:
    """Both ends of a pipe. The writer closes with `end`, the reader with `abandon`."""

    __slots__ = ("pieces", "size", "ended", "abandoned", "changed")
    is_terminal = False

    def __init__(self) -> None:
        self.pieces: deque[bytes] = deque()
        self.size = 0
        self.ended = False
        self.abandoned = False
        self.changed = threading.Condition()

    def write(self, data: bytes, signals: Signals) -> None:
        signals.check()
        with self.changed:
            while self.size >= PIPE_CAPACITY and not self.abandoned:
                signals.check()
                self.changed.wait(signals.slice())
            if self.abandoned:
                raise BrokenPipe
            self.pieces.append(data)
            self.size += len(data)
            self.changed.notify_all()

    def read(self, limit: int, signals: Signals) -> bytes:
        signals.check()
        with self.changed:
            while not self.pieces and not self.ended:
                signals.check()
                self.changed.wait(signals.slice())
            if not self.pieces:
                return b""
            piece = self.pieces.popleft()
            if len(piece) > limit:
                self.pieces.appendleft(piece[limit:])
                piece = piece[:limit]
            self.size -= len(piece)
            self.changed.notify_all()
            return piece

    def end(self) -> None:
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def abandon(self) -> None:
        with self.changed:
            self.abandoned = True
            self.changed.notify_all()
