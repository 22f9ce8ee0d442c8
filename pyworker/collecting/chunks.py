"""A stream of bytes cut into chunks of whole lines, in bounded memory, and its newest lines.

Work on logs is done on such chunks: large enough that the time is spent in searches over bytes, small enough that
several of them, and all that is made of them, are little memory.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CHUNK = 256 * 1024
# A line that is longer is cut: logd's entries are at most 4 KiB, Apple's at most 32.
LONGEST_LINE = 64 * 1024

_DIVIDER = b"---------"


def whole_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Chunks of about CHUNK bytes that end where a line ends; the last may lack its line end."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size < CHUNK:
            continue
        data = b"".join(held)
        end = data.rfind(b"\n") + 1
        # What follows the last line end is the beginning of a line, or of something that is no log at all.
        while len(data) - end >= LONGEST_LINE:
            end = _within(data, end)
        held = [data[end:]]
        size = len(held[0])
        if end:
            yield data[:end]
    if size:
        yield b"".join(held)


def _within(data: bytes, start: int) -> int:
    """Where to cut a line that is too long: after a blank in its last part, so that no word is torn where it need not."""
    blank = data.rfind(b" ", start + LONGEST_LINE // 2, start + LONGEST_LINE)
    return blank + 1 if blank >= 0 else start + LONGEST_LINE


class Newest:
    """The newest `lines` lines of a stream, in at most `limit` bytes. more: something older was left out."""

    __slots__ = ("more", "_lines", "_limit", "_held", "_count", "_size")

    def __init__(self, lines: int, limit: int) -> None:
        self.more = False
        self._lines = lines
        self._limit = limit
        self._held: deque[tuple[bytes, int]] = deque()
        self._count = 0
        self._size = 0

    def add(self, chunk: bytes) -> None:
        """A chunk of whole lines."""
        if len(chunk) > self._limit:
            self.more = True
            chunk = chunk[chunk.find(b"\n", len(chunk) - self._limit) + 1:]
        lines = _entries(chunk)
        self._held.append((chunk, lines))
        self._count += lines
        self._size += len(chunk)
        while self._held and (self._count - self._held[0][1] >= self._lines or self._size > self._limit):
            oldest, lines = self._held.popleft()
            self._count -= lines
            self._size -= len(oldest)
            self.more = self.more or lines > 0

    def chunks(self) -> Iterator[bytes]:
        """What is held, once; dividers do not count as lines."""
        surplus = self._count - self._lines
        while self._held:
            chunk, _ = self._held.popleft()
            if surplus > 0:
                self.more = True
                chunk, surplus = _without_first(chunk, surplus)
            if chunk:
                yield chunk


def _entries(chunk: bytes) -> int:
    lines = chunk.count(b"\n") + (not chunk.endswith(b"\n"))
    return lines - chunk.count(b"\n" + _DIVIDER) - chunk.startswith(_DIVIDER)


def _without_first(chunk: bytes, surplus: int) -> tuple[bytes, int]:
    """Without the first `surplus` lines; of the dividers before the rest, the last says where it is from."""
    kept: list[bytes] = []
    divider = b""
    for line in chunk.splitlines(keepends=True):
        if not kept and line.startswith(_DIVIDER):
            divider = line
        elif surplus > 0:
            surplus -= 1
        else:
            kept += (line,) if kept else (divider, line)
    return b"".join(kept), surplus
