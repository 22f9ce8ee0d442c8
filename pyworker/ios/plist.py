"""What a property list says, as JSON values; and what a value must look like to be believed.

A phone answers in property lists: byte strings (NVRAM variables, often ended by NULs), dates, numbers of any size,
dictionaries of anything. Nothing here raises, whatever it is given: an answer of the wrong kind is Unread, never a
guess. Property list dates carry no zone and are UTC (Apple's plist format), so a bare datetime is read as UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING, Any

from pyworker.findings import MISSING, Unread

if TYPE_CHECKING:
    from pyworker.findings import JSON

# Deeper than any answer seen (battery: 4), far below what would exhaust the stack.
DEEPEST = 12
UNREADABLE = Unread("unreadable")

# What 64 bits hold, signed or not. Nothing a phone counts is larger, and sums and ratios stay within a float.
LARGEST_NUMBER = 2 ** 64
# Apple's clocks start in 2001, phones in 2007: a count of seconds outside 2000..2100 is no date.
EARLIEST = 946_684_800
LATEST = 4_102_444_800


def jsonable(value: Any, depth: int = 0) -> JSON:
    """The same value in JSON's terms. Bytes become text when they are text, else hex; dates become RFC 3339."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes_as_text(bytes(value))
    if isinstance(value, datetime):
        return rfc3339(value)
    if depth >= DEEPEST:
        return None
    if isinstance(value, dict):
        return {_key(key): jsonable(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item, depth + 1) for item in value]
    return None


def _key(key: Any) -> str:
    return key if isinstance(key, str) else str(jsonable(key))


def bytes_as_text(value: bytes) -> str:
    """Printable UTF-8 without the NULs that NVRAM and the device tree pad with; anything else as hex."""
    try:
        text = value.rstrip(b"\0").decode("utf-8")
    except UnicodeDecodeError:
        return value.hex()
    return text if text.isprintable() else value.hex()


def rfc3339(moment: datetime) -> str | None:
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    try:
        return aware.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (OverflowError, ValueError):
        return None


def from_epoch(seconds: Any) -> str | None:
    """Seconds since 1970 as RFC 3339; None for what cannot be a date of a phone's life."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not EARLIEST <= seconds <= LATEST:
        return None
    return rfc3339(datetime.fromtimestamp(float(seconds), UTC))


def text(value: Any) -> str | Unread:
    """Non-empty text. An empty string is how a phone says that it has no value."""
    if isinstance(value, Unread):
        return value
    if isinstance(value, (bytes, bytearray)):
        value = bytes_as_text(bytes(value))
    if not isinstance(value, str):
        return UNREADABLE
    stripped = value.replace("\0", "").strip()
    return stripped or MISSING


def boolean(value: Any) -> bool | Unread:
    """true or false, 1 or 0, Yes or No: the ways in which registry entries spell it."""
    if isinstance(value, (bool, Unread)):
        return value
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    if isinstance(value, str):
        return {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}.get(
            value.strip().lower(), UNREADABLE)
    return UNREADABLE


def certain_boolean(value: Any) -> bool | Unread:
    """Where a "no" must be a real false: 0 could be anything. A 1 may count as yes, which is the harmless side."""
    if isinstance(value, (bool, Unread)):
        return value
    return True if isinstance(value, int) and value == 1 else UNREADABLE


def number(value: Any) -> int | float | Unread:
    """A number of at most 64 bits; digits in a string count (AFC answers in strings), a boolean does not."""
    if isinstance(value, Unread):
        return value
    if isinstance(value, str) and 0 < len(value) <= 20:
        body = value.strip()
        digits = body.removeprefix("-")
        value = int(body) if digits.isascii() and digits.isdigit() else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return UNREADABLE
    return value if -LARGEST_NUMBER <= value <= LARGEST_NUMBER else UNREADABLE


def signed(value: Any) -> int | float | Unread:
    """A number that was meant to be signed, but may have been sent as the unsigned image of a negative one."""
    given = number(value)
    if isinstance(given, Unread) or given < 0:
        return given
    for bits in (16, 32, 64):
        if 1 << (bits - 1) <= given < 1 << bits:
            return given - (1 << bits)
    return given


def within(value: Any, lowest: float, highest: float) -> int | float | Unread:
    """The number, or `implausible` when it lies outside what the quantity can be."""
    given = number(value)
    if isinstance(given, Unread):
        return given
    return given if lowest <= given <= highest else Unread("implausible")
