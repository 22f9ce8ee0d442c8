"""Property lists as messages: read as what they are, bytes that somebody else chose.

lockdownd and most services exchange dictionaries behind a length of four bytes, big end first. What comes out of here
is bounded in size, number of values, depth and size of numbers, and is a tree: the binary format lets one list appear in
many places, or inside itself, which would never end for whoever walks it. Whatever is wrong with the bytes raises
Unanswered("unreadable"), after which the connection is gone.
"""

from __future__ import annotations

import plistlib
import struct
from typing import TYPE_CHECKING, Any
from xml.parsers.expat import ExpatError

from pyworker.ios import xml_plist
from pyworker.ios.unanswered import Unanswered

if TYPE_CHECKING:
    from pyworker.ios.stream import Stream

# A phone with some hundred apps and profiles answers less than 2 MiB.
MAX_BYTES = 8 * 1024 * 1024
# More values than any answer has; whoever asks many phones at once still has the memory for it.
MAX_VALUES = 500_000
# Deeper than any answer seen (an IORegistry entry: 6), and shallow enough for every recursive reader above.
MAX_DEPTH = 64
# The widest integer Apple's libraries know. The formats can spell longer ones, which nothing above could even print.
MAX_INTEGER_BITS = 128

_LENGTH = struct.Struct(">I")

# Everything plistlib was seen to raise on bytes that are no property list, beside its own InvalidFileException:
# expat's errors, invalid numbers, dates and base64, elements in places where they cannot be, absurd table sizes.
_NOT_A_PLIST = (
    plistlib.InvalidFileException, ExpatError, ValueError, TypeError, AttributeError, LookupError, OverflowError,
    struct.error, RecursionError, MemoryError, AssertionError,
)

# Control characters that XML does not have, but that phones put into it (file names, log texts).
_NOT_XML = bytes(code for code in range(0x20) if code not in b"\t\n\r")


def encode(message: dict[str, Any]) -> bytes:
    return plistlib.dumps(message, fmt=plistlib.FMT_XML)


def decode(data: bytes) -> dict[str, Any]:
    """The dictionary: of dict, list, str, bytes, int, float, bool, datetime and plistlib.UID, within the limits.

    Every answer of usbmuxd, lockdownd and the services is a dictionary; anything else is unreadable.
    """
    if len(data) > MAX_BYTES:
        raise Unanswered("unreadable")
    value = xml_plist.read(data, MAX_DEPTH)
    if value is None:
        value = _with_plistlib(data)
    if not isinstance(value, dict) or not _is_bounded_tree(value):
        raise Unanswered("unreadable")
    return value


def _with_plistlib(data: bytes) -> Any:
    try:
        try:
            return plistlib.loads(data)
        except ExpatError:
            return plistlib.loads(data.translate(None, _NOT_XML))
    except _NOT_A_PLIST:
        raise Unanswered("unreadable") from None


async def send(stream: Stream, message: dict[str, Any]) -> None:
    body = encode(message)
    await stream.send(_LENGTH.pack(len(body)) + body)


async def receive(stream: Stream) -> dict[str, Any]:
    size = _LENGTH.unpack(await stream.read(_LENGTH.size))[0]
    try:
        if size > MAX_BYTES:
            raise Unanswered("unreadable")
        return decode(await stream.read(size))
    except Unanswered:
        # Where the next message would begin is anyone's guess.
        stream.abort()
        raise


def _is_bounded_tree(value: Any) -> bool:
    """Level by level, so that what contains itself is as deep as it looks and nothing here recurses."""
    level = [value]
    seen = 0
    known: set[int] = set()  # dictionaries whose keys were looked at; few, when a small message unfolds into a large one
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                if id(item) not in known:
                    if not all(isinstance(key, str) for key in item):
                        return False
                    known.add(id(item))
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
            elif isinstance(item, int) and item.bit_length() > MAX_INTEGER_BITS:
                return False
        seen += len(below)
        if seen > MAX_VALUES:
            return False
        if not below:
            return True
        level = below
    return False
