"""com.apple.os_trace_relay's stream of log entries, taken apart while it arrives. No I/O.

A reply is 0x01, a length of 32 bits (big end first) and a property list. Then entries: 0x02, a length (little end
first), and a record of 129 fixed bytes with texts after it: the process's path, ended by NUL, then sender, message,
subsystem and category, each as long as the record says, its NUL included. Layout as libimobiledevice and
pymobiledevice3 read it.

The stream's flags never hold the DEBUG bit: it switches the whole phone into a diagnostic mode as long as it is read.
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pyworker.collecting.ios_text import lost
from pyworker.ios.unanswered import Unanswered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyworker.collecting.entries import Entry

SERVICE = "com.apple.os_trace_relay"
SOURCE = "os_trace"

_PAYLOAD, _HISTORICAL = 4, 8
START_ACTIVITY: dict[str, Any] = {
    "Request": "StartActivity", "Pid": -1, "MessageFilter": 0xFFFF, "StreamFlags": _PAYLOAD | _HISTORICAL,
}

REPLY, ENTRY = 0x01, 0x02
# A reply is a word or an error; an entry at most 32 KiB of text and some paths.
LONGEST_REPLY = 256 * 1024
LONGEST_ENTRY = 1024 * 1024

_LEVELS = {0x00: "notice", 0x01: "info", 0x02: "debug", 0x03: "user_action", 0x10: "error", 0x11: "fault"}
# 9 unknown, pid, process number, image of the process, 18 unknown, seconds, 4 unknown, microseconds, 1 unknown, level,
# 6 unknown, ticks, thread, image of the sender, lengths of sender and message, 2 unknown, offset in the image, lengths
# of subsystem and category, 4 unknown.
_RECORD = struct.Struct("<9xIQ16x18xI4xIxB6xQQ16xHH2xIII4x")
_ENTRY_HEAD = struct.Struct("<BI")
_HEAD = 5


class OsTrace:
    """Fed what arrives. Raises Unanswered("unreadable") for what is no such stream."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The records that are complete."""
        held = self._held
        held += data
        at = 0
        try:
            while len(held) - at >= _HEAD:
                kind, length = _ENTRY_HEAD.unpack_from(held, at)
                if kind != ENTRY or length > LONGEST_ENTRY:
                    raise Unanswered("unreadable")
                end = at + _HEAD + length
                if end > len(held):
                    break
                yield bytes(held[at + _HEAD:end])
                at = end
        finally:
            del held[:at]


def reply_length(head: bytes) -> int:
    """Of the five bytes before a reply. Raises Unanswered("unreadable")."""
    length = int.from_bytes(head[1:_HEAD], "big")
    if head[0] != REPLY or length > LONGEST_REPLY:
        raise Unanswered("unreadable")
    return length


def parse(record: bytes) -> tuple[Entry, int]:
    """The entry, and how many messages it says are gone. A record that contradicts itself stands as raw."""
    try:
        return _parsed(record)
    except (struct.error, ValueError, OverflowError, OSError):
        return {"source": SOURCE, "raw": record[_RECORD.size:].replace(b"\0", b" ").decode("utf-8", "replace")}, 0


def _parsed(record: bytes) -> tuple[Entry, int]:
    (pid, _number, seconds, micros, level, _ticks, thread, sender_size, message_size, _offset, subsystem_size,
     category_size) = _RECORD.unpack_from(record)
    process, nul, rest = record[_RECORD.size:].partition(b"\0")
    if not nul or micros >= 1_000_000:
        raise ValueError
    texts = []
    at = 0
    for size in (sender_size, message_size, subsystem_size, category_size):
        end = at + size
        if end > len(rest):
            raise ValueError
        texts.append(rest[at:end].rstrip(b"\0").decode("utf-8", "replace"))
        at = end
    sender, message, subsystem, category = texts
    entry: Entry = {"source": SOURCE, "time": f"{_second(seconds)}.{micros:06d}Z"}
    if level in _LEVELS:
        entry["level"] = _LEVELS[level]
    name, library = _file(process.decode("utf-8", "replace")), _file(sender)
    if name:
        entry["process"] = name
    entry["pid"] = pid
    entry["tid"] = thread
    for member, text in (("subsystem", subsystem), ("category", category)):
        if text:
            entry[member] = text
    if library and library != name:
        entry["library"] = library
    entry["message"] = message
    return entry, lost(message)


@lru_cache(maxsize=64)
def _second(seconds: int) -> str:
    """A phone logs hundreds of lines in one."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _file(path: str) -> str:
    return path.rpartition("/")[2]
