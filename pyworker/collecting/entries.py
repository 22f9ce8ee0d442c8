"""One log entry, the same for both systems: a JSON object of the members that are known, one a line.

    source time level process pid tid uid tag subsystem category library message file raw

schemas/logs.collect.result.json says what each holds. Times are RFC 3339 as far as the phone told them.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

Entry = dict[str, Any]

# logcat's letters.
LEVELS = {
    b"V": "verbose", b"D": "debug", b"I": "info", b"W": "warning", b"E": "error", b"F": "fatal", b"S": "silent",
}

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

# What may not stand in a JSON string as it is, beside the quote and the backslash. The line end separates entries.
_CONTROLS = bytes(code for code in range(0x20) if code != 0x0A)
_CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f]")
_ESCAPES = {bytes((code,)): b"\\u%04x" % code for code in _CONTROLS}
# In a text file these would ring, move the cursor or end the text.
_PLAIN = bytes(0x3F if (code < 0x20 and code not in b"\t\n") or code == 0x7F else code for code in range(256))

# Counted from the start of the phone, by a log without a clock.
_SINCE_BOOT = "boot+"


def encoded(entry: Entry) -> bytes:
    """The entry's line of JSON, with its line end."""
    return _ENCODER.encode(entry).encode("utf-8", "replace") + b"\n"


def valid_utf8(data: bytes) -> bytes:
    """The same bytes, with U+FFFD where they are no UTF-8."""
    if data.isascii():
        return data
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace").encode()
    return data


def escaped(data: bytes) -> bytes:
    """Lines of UTF-8 as they stand inside JSON strings; line ends stay."""
    if b"\\" in data:
        data = data.replace(b"\\", b"\\\\")
    if b'"' in data:
        data = data.replace(b'"', b'\\"')
    if b"\t" in data:
        data = data.replace(b"\t", b"\\t")
    if len(data.translate(None, _CONTROLS)) != len(data):
        data = _CONTROL.sub(lambda found: _ESCAPES[found[0]], data)
    return data


def plain(data: bytes) -> bytes:
    """Lines as they may stand in a text file: control characters but tab and line end become question marks."""
    return data.translate(_PLAIN)


def instant(time: str, year: int | None = None) -> datetime | None:
    """A time of an entry on one scale, without a zone taken as UTC; None without a date, or a year where none is given."""
    if time.startswith(_SINCE_BOOT):
        return None
    if time[2:3] == "-":
        if year is None:
            return None
        time = f"{year:04d}-{time}"
    try:
        found = datetime.fromisoformat(time)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def since_boot(seconds: str) -> str:
    """The time of an entry of a log without a clock."""
    return _SINCE_BOOT + seconds
