"""Property lists from a phone: whatever the bytes, a bounded tree or Unanswered."""

from __future__ import annotations

import asyncio
import plistlib
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plist_values import VALUES

from pyworker.ios import messages
from pyworker.ios.unanswered import Unanswered


@given(st.dictionaries(st.text("abcXYZ.", max_size=8), VALUES, max_size=5), st.sampled_from(list(plistlib.PlistFormat)))
def test_what_a_phone_says_is_read_as_it_was_said(message: dict[str, Any], form: plistlib.PlistFormat) -> None:
    assert messages.decode(plistlib.dumps(message, fmt=form)) == message


@given(st.one_of(
    st.binary(max_size=300),
    st.binary(max_size=300).map(lambda noise: b"bplist00" + noise),
    st.binary(max_size=300).map(lambda noise: b"<?xml version='1.0'?><plist>" + noise),
))
@settings(max_examples=500)
def test_noise_is_unreadable_and_nothing_else(noise: bytes) -> None:
    with pytest.raises(Unanswered) as caught:
        messages.decode(noise)
    assert caught.value.reason == "unreadable"


@given(st.dictionaries(st.text("abc", max_size=4), VALUES, max_size=4), st.sampled_from(list(plistlib.PlistFormat)),
       st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=6))
@settings(max_examples=500)
def test_a_damaged_message_is_read_or_unreadable(
    message: dict[str, Any], form: plistlib.PlistFormat, damage: list[tuple[int, int]],
) -> None:
    data = bytearray(plistlib.dumps(message, fmt=form))
    for place, byte in damage:
        data[place % len(data)] = byte
    try:
        assert isinstance(messages.decode(bytes(data)), dict)
    except Unanswered as no:
        assert no.reason == "unreadable"


@pytest.mark.parametrize("noise", [
    b"", b"<html></html>", b"bplist00", b"<plist><array/></plist>", b"<plist><dict><integer>1</integer></dict></plist>",
    b"<plist><dict><key>a</key><date>never</date></dict></plist>",
    b"<plist><dict><key>a</key><integer>one</integer></dict></plist>",
    b"<plist><dict><key>a</key><data>a</data></dict></plist>",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]><plist><dict><key>a</key><string>&a;</string></dict></plist>",
    b"bplist00" + bytes(6) + struct.pack(">BBQQQ", 8, 8, 2**62, 0, 8),
    plistlib.dumps([1]), plistlib.dumps("text"),
])
def test_known_nonsense_is_unreadable(noise: bytes) -> None:
    with pytest.raises(Unanswered) as caught:
        messages.decode(noise)
    assert caught.value.reason == "unreadable"


def test_a_control_character_does_not_cost_the_message() -> None:
    data = plistlib.dumps({"name": "a~b"}).replace(b"~", b"\x01")
    assert messages.decode(data) == {"name": "ab"}


def test_a_list_that_contains_itself_is_unreadable() -> None:
    # {"a": X} where X is an array whose only member is X.
    objects = [b"\xd1\x01\x02", b"\x51a", b"\xa1\x02"]
    offsets, body = [], b"bplist00"
    for thing in objects:
        offsets.append(len(body))
        body += thing
    table = len(body)
    data = body + bytes(offsets) + bytes(6) + struct.pack(">BBQQQ", 1, 1, len(objects), 0, table)
    with pytest.raises(Unanswered):
        messages.decode(data)


def test_a_list_of_lists_that_unfolds_without_end_is_unreadable() -> None:
    # Each array holds the next one twice: forty of them are a million million values.
    count = 40
    objects = [b"\xd1\x01\x02", b"\x51a"] + [bytes((0xA2, index + 3, index + 3)) for index in range(count)] + [b"\x09"]
    offsets, body = [], b"bplist00"
    for thing in objects:
        offsets.append(len(body))
        body += thing
    table = len(body)
    data = body + bytes(offsets) + bytes(6) + struct.pack(">BBQQQ", 1, 1, len(objects), 0, table)
    with pytest.raises(Unanswered):
        messages.decode(data)


@pytest.mark.parametrize("form", list(plistlib.PlistFormat))
def test_a_list_that_goes_too_deep_is_unreadable(form: plistlib.PlistFormat) -> None:
    value: Any = 1
    for _ in range(messages.MAX_DEPTH + 1):
        value = [value]
    with pytest.raises(Unanswered):
        messages.decode(plistlib.dumps({"a": value}, fmt=form))


class _Fake:
    """A stream that gives what it was made with."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.aborted = False

    async def read(self, size: int) -> bytes:
        piece, self._data = self._data[:size], self._data[size:]
        return piece

    def abort(self) -> None:
        self.aborted = True


@pytest.mark.parametrize("head", [b"\xff\xff\xff\xff", (messages.MAX_BYTES + 1).to_bytes(4, "big"), b"\0\0\0\x04abcd"])
def test_a_length_that_cannot_be_ends_the_connection(head: bytes) -> None:
    stream = _Fake(head)
    with pytest.raises(Unanswered):
        asyncio.run(messages.receive(stream))  # type: ignore[arg-type]
    assert stream.aborted
