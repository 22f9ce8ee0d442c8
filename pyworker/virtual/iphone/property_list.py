"""Property lists on the wire, and in the phones' JSON files.

lockdown and its services: a 32-bit big-endian length, then an XML or binary property list. A message may arrive in any
number of pieces, and several may arrive in one. Services answer in the format they were asked in.

JSON has no bytes and no dates, so a description writes {"$text": "YES"} or {"$base64": "..."} for data and
{"$date": "2025-01-31T08:00:00Z"} for a date. Members called "_source" say where a shape is known from and are left out.
"""

from __future__ import annotations

import base64
import datetime
import plistlib
import struct
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.parsers.expat import ExpatError

from pyworker.virtual.iphone.faults import Framing

if TYPE_CHECKING:
    from collections.abc import Iterator

# Far above any request a read-only client sends; a real lockdownd drops a connection that claims more as well.
MAX_REQUEST = 8 * 1024 * 1024

_LENGTH = struct.Struct(">I")


class NotAPropertyList(Exception):
    """The peer sent something that is no framed property list. The connection cannot go on."""


class Message(NamedTuple):
    """One request: its members, and the format it came in, in which the answer goes back."""

    body: dict[str, Any]
    format: plistlib.PlistFormat


class Messages:
    """Bytes in, messages out."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that are whole now. Raises NotAPropertyList. What is left over waits in `rest`."""
        self._buffer += data
        while len(self._buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer)
            if length > MAX_REQUEST:
                raise NotAPropertyList(f"a message of {length} bytes")
            end = _LENGTH.size + length
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[_LENGTH.size:end])
            del self._buffer[:end]
            yield parse(body)

    def rest(self) -> bytes:
        """Take what arrived after the last whole message; after StartSession it is the beginning of TLS."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        return rest


def parse(body: bytes) -> Message:
    """Raises NotAPropertyList when it is none, or no dictionary."""
    binary = body.startswith(b"bplist00")
    try:
        value = plistlib.loads(body)
    except (ValueError, ExpatError, LookupError, AttributeError, OverflowError, struct.error) as error:
        raise NotAPropertyList(str(error)) from error
    if not isinstance(value, dict):
        raise NotAPropertyList("not a dictionary")
    return Message(value, plistlib.FMT_BINARY if binary else plistlib.FMT_XML)


def wrap(body: bytes) -> bytes:
    return _LENGTH.pack(len(body)) + body


def dump(value: Any, format: plistlib.PlistFormat = plistlib.FMT_XML) -> bytes:
    return plistlib.dumps(value, fmt=format, sort_keys=False)


def strange(value: Any = None) -> bytes:
    """A property list nobody asked for."""
    return dump({"Unexpected": ["value", 1]} if value is None else value)


FRAMING = Framing(wrap, _LENGTH.pack, strange)


def from_json(value: Any) -> Any:
    """A description's JSON as property list values: data and dates put in, "_source" members left out."""
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((kind, text),) = value.items()
        if kind == "$text":
            return str(text).encode()
        if kind == "$base64":
            return base64.b64decode(text, validate=True)
        if kind == "$date":
            # Property list dates are UTC without saying so.
            return datetime.datetime.fromisoformat(text).astimezone(datetime.UTC).replace(tzinfo=None)
    return {key: from_json(item) for key, item in value.items() if key != "_source"}
