"""The fast reader of XML property lists says what plistlib says, or nothing."""

from __future__ import annotations

import plistlib
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plist_values import VALUES

from pyworker.ios import messages, xml_plist

DEPTH = messages.MAX_DEPTH


def same(one: Any, other: Any) -> bool:
    """Equal, and of the same types all the way down (1 is not True)."""
    return repr(one) == repr(other)


@given(VALUES)
def test_it_reads_what_was_written(value: Any) -> None:
    assert same(xml_plist.read(plistlib.dumps({"value": value}, sort_keys=False), DEPTH), {"value": value})


@given(VALUES, st.lists(st.tuples(st.integers(0, 600), st.integers(0, 255)), min_size=1, max_size=6))
@settings(max_examples=1000)
def test_of_a_damaged_list_it_says_what_plistlib_says_or_nothing(value: Any, damage: list[tuple[int, int]]) -> None:
    data = bytearray(plistlib.dumps({"value": value}))
    head = len(b'<?xml version="1.0" encoding="UTF-8"?>')
    for place, byte in damage:
        data[head + place % (len(data) - head)] = byte
    said = xml_plist.read(bytes(data), DEPTH)
    if said is not None:
        assert same(said, plistlib.loads(bytes(data)))


def document(body: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><plist version="1.0">{body}</plist>'.encode()


@pytest.mark.parametrize("body", [
    "<integer>0x1F</integer>", "<integer>1_000</integer>", "<integer> 1</integer>", "<integer>\u0661</integer>",
    "<date>2024-01</date>", "<date>2024-02-30T00:00:00Z</date>", "<real>1,5</real>", "<data>a</data>", "<strange/>",
    "<string>a<b/>c</string>", "<dict><key>a</key></dict>", "<dict><integer>1</integer><key>a</key></dict>",
    "<dict><key>a<b/></key><true/></dict>", "", "<true/><true/>", "text",
    "<array>" * (DEPTH + 1) + "</array>" * (DEPTH + 1),
])
def test_what_phones_do_not_write_is_left_to_plistlib(body: str) -> None:
    assert xml_plist.read(document(body), DEPTH) is None


@pytest.mark.parametrize("data", [
    b"bplist00", b"", b"<plist><true/></plist>",
    '<?xml version="1.0" encoding="UTF-16"?><plist><true/></plist>'.encode("utf-16"),
    b'<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE p [<!ENTITY a "b">]><plist><string>&a;</string></plist>',
    b'<?xml version="1.0" encoding="cp037"?><plist><true/></plist>',
])
def test_other_forms_and_entities_are_left_to_plistlib(data: bytes) -> None:
    assert xml_plist.read(data, DEPTH) is None


@pytest.mark.parametrize(("body", "value"), [
    ("<string>a<!-- b -->c</string>", "ac"), ("<string/>", ""), ("<data>\n\tYQ==\n\t</data>", b"a"),
    ("<dict/>", {}), ("<array> </array>", []), ("<integer>-7</integer>", -7), ("<real>1.5</real>", 1.5),
    ("<date>2024-05-01T10:11:12Z</date>", datetime(2024, 5, 1, 10, 11, 12)),
    ("<dict> text <key>a</key> more <true/></dict>", {"a": True}),
])
def test_the_corners_are_read_as_plistlib_reads_them(body: str, value: Any) -> None:
    assert same(xml_plist.read(document(body), DEPTH), value)
    assert same(plistlib.loads(document(body)), value)
