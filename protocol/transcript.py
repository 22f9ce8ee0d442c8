"""A conversation on file: JSON lines, one a message, in the order they crossed the pipe.

    {"dir": "in" | "out", "t": seconds since the start, "line": the raw line without its end}

Bytes that are not UTF-8 are kept by Python's surrogateescape, so a replay sends exactly what was sent.
A file holds as many conversations as workers were started with it: a parent starts one that died again with the same
options, and what the dead one said is what somebody will want to read. Between two stands a line of "dir": "start".
"""

import os
import stat
import threading
from time import monotonic

from protocol.json_text import dumps, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO


IN, OUT, START = "in", "out", "start"

# How every transcript begins. What begins otherwise is a file that was named by mistake.
_OPENING = b'{"dir":"'
# How much is read at a time to find the last line's end.
_LOOK_BACK = 64 * 1024


class Recorder:
    """Writes as the conversation goes, whole lines, so that a worker that dies leaves what it said.

    A disk that takes no more ends the recording, never the conversation. ended: called once, with what was the matter,
    on the thread that was recording.
    """

    __slots__ = ("_ended", "_fd", "_lock", "_size", "_start")

    def __init__(self, path: str, ended: "Callable[[OSError], None]") -> None:
        """Goes on behind what the file holds already. It may hold what phones say: only its owner may read it.

        Raises OSError when the file cannot be made, ValueError when it holds something else than a transcript.
        """
        held = _held(path)
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._size = held
        self._ended = ended
        self._lock = threading.Lock()
        self._start = monotonic()
        if held:
            self.note(START, b"")

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


def _held(path: str) -> int:
    """How many bytes of transcript the file holds. What is no file on a disk holds nothing."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return 0
    if not stat.S_ISREG(found.st_mode) or not found.st_size:
        return 0
    with open(path, "rb") as file:
        if file.read(len(_OPENING)) != _OPENING:
            raise ValueError("the file holds something else than a transcript")
        end = _end_of_lines(file, found.st_size)
    if end < found.st_size:
        os.truncate(path, end)
    return end


def _end_of_lines(file: "BinaryIO", size: int) -> int:
    """Where the last whole line ends. A worker that was killed while it wrote leaves half a line behind it."""
    at = size
    while at > 0:
        step = min(at, _LOOK_BACK)
        file.seek(at - step)
        found = file.read(step).rfind(b"\n")
        if found >= 0:
            return at - step + found + 1
        at -= step
    return 0


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
