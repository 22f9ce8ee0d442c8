"""Bytes in, whole lines out. No I/O.

A line ends with 0x0A and with nothing else: not with CR, NEL or the Unicode separators, which JSON strings may hold.
However the bytes are cut, the cost stays linear in them, and no more than one line's limit is ever kept.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# A request is a few hundred bytes; only the content of a report (with its logo) comes to megabytes.
LINE_LIMIT = 8 * 1024 * 1024


class TooLong:
    """Stands in the place of a line that was longer than the limit and is not kept."""

    __slots__ = ()


TOO_LONG = TooLong()


class Lines:
    """Push bytes with `feed`, get the lines they complete, without their ends; `end` gives what is left at the end."""

    __slots__ = ("_limit", "_pending", "_skipping")

    def __init__(self, limit: int = LINE_LIMIT) -> None:
        self._limit = limit
        self._pending = bytearray()
        self._skipping = False

    def feed(self, data: bytes) -> "Iterator[bytes | TooLong]":
        """Lines in order. A line over the limit gives TOO_LONG once, at once; reading goes on after its end."""
        head, *rest = data.split(b"\n")
        if not rest:
            yield from self._keep(head)
            return
        yield from self._keep(head)
        if self._skipping:
            self._skipping = False
        else:
            yield bytes(self._pending)
        self._pending = bytearray()
        for line in rest[:-1]:
            yield TOO_LONG if len(line) > self._limit else line
        yield from self._keep(rest[-1])

    def _keep(self, part: bytes) -> "Iterator[TooLong]":
        if self._skipping:
            return
        if len(self._pending) + len(part) > self._limit:
            self._pending = bytearray()
            self._skipping = True
            yield TOO_LONG
        else:
            self._pending += part

    def end(self) -> "Iterator[bytes]":
        """The last line, when the peer ended without a line end: whoever pipes by hand forgets it."""
        if self._pending and not self._skipping:
            yield bytes(self._pending)
        self._pending = bytearray()
