"""A conversation on file: JSON lines, one a message, in the order they crossed the pipe.

    {"dir": "in" | "out", "t": seconds since the start, "line": the raw line without its end}

Bytes that are not UTF-8 are kept by Python's surrogateescape, so a replay sends exactly what was sent.
"""

import os
import threading
from time import monotonic

from protocol.json_text import dumps, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Recorder:
    """Writes as the conversation goes, whole lines, so that a worker that dies leaves what it said.

    A disk that takes no more ends the recording, never the conversation. ended: called once, with what was the matter,
    on the thread that was recording.
    """

    __slots__ = ("_ended", "_fd", "_lock", "_size", "_start")

    def __init__(self, path: str, ended: "Callable[[OSError], None]") -> None:
        """Raises OSError when the file cannot be made. It may hold what phones say: only its owner may read it."""
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._size = 0
        self._ended = ended
        self._lock = threading.Lock()
        self._start = monotonic()

    def note(self, direction: str, data: bytes) -> None:
        """`data` is one or more lines, with or without the last line's end."""
        if self._fd < 0:
            return
        now = round(monotonic() - self._start, 6)
        written = b"".join(
            b'{"dir":"%s","t":%s,"line":%s}\n' % (direction.encode(), dumps(now).encode(), _quoted(line))
            for line in data.removesuffix(b"\n").split(b"\n")
        )
        problem = self._write(written)
        if problem is not None:
            self._ended(problem)

    def _write(self, lines: bytes) -> "OSError | None":
        with self._lock:
            if self._fd < 0:
                return None
            try:
                view = memoryview(lines)
                while view:
                    view = view[os.write(self._fd, view) :]
            except OSError as problem:
                _cut(self._fd, self._size)
                os.close(self._fd)
                self._fd = -1
                return problem
            self._size += len(lines)
            return None


def _cut(fd: int, size: int) -> None:
    """Take back the half line at the end. What is no file on a disk cannot be cut, and keeps it."""
    try:
        os.ftruncate(fd, size)
    except OSError:
        return


def _quoted(line: bytes) -> bytes:
    # dumps would replace the lone surrogates that stand for undecodable bytes, which must survive here.
    from json import dumps as plain

    return plain(line.decode("utf-8", "surrogateescape")).encode("ascii")


class Entry:
    __slots__ = ("direction", "at", "line")

    def __init__(self, direction: str, at: float, line: bytes) -> None:
        self.direction = direction
        self.at = at
        self.line = line


def entries(path: str) -> "Iterator[Entry]":
    """What a recorded file holds. Raises OSError, or ValueError for a file that is not a transcript."""
    with open(path, "rb") as file:
        for number, raw in enumerate(file, 1):
            if raw.isspace():
                continue
            value = loads(raw)
            try:
                yield Entry(value["dir"], float(value["t"]), value["line"].encode("utf-8", "surrogateescape"))
            except (KeyError, TypeError, AttributeError):
                raise ValueError(f"{path}:{number} is not a transcript's line") from None
