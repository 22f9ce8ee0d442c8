"""os_trace_relay's stream: entries of any split, and whatever is none."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyworker.ios import gate, os_trace
from pyworker.ios.unanswered import Unanswered
from pyworker.virtual.iphone.os_trace import record

ENTRY = {
    "pid": 68,
    "process": "/usr/libexec/powerd",
    "sender": "/usr/lib/libx",
    "level": "Error",
    "time": 1795593600.5,
    "message": "m \u00fc",
    "subsystem": "com.apple.powerd",
    "category": "battery",
    "thread": 9,
}


def framed(body: bytes) -> bytes:
    return b"\x02" + struct.pack("<I", len(body)) + body


@given(st.lists(st.binary(max_size=300)), st.lists(st.integers(1, 50), min_size=1))
def test_records_come_out_whole_however_they_are_split(bodies, sizes):
    stream = b"".join(map(framed, bodies))
    trace = os_trace.OsTrace()
    got: list[bytes] = []
    at = 0
    while at < len(stream):
        size = sizes[at % len(sizes)]
        got += trace.feed(stream[at : at + size])
        at += size
    assert got == bodies


@pytest.mark.parametrize("data", [b"\x03\0\0\0\0", b"\x02\xff\xff\xff\x7f", b"<html>"])
def test_what_is_no_such_stream_is_unreadable(data):
    with pytest.raises(Unanswered) as caught:
        list(os_trace.OsTrace().feed(data))
    assert caught.value.reason == "unreadable"


@pytest.mark.parametrize(("head", "length"), [(b"\x01\0\0\0\x05", 5), (b"\x01\0\0\x01\0", 256)])
def test_the_length_of_a_reply_is_big_end_first(head, length):
    assert os_trace.reply_length(head) == length


@pytest.mark.parametrize("head", [b"\x02\0\0\0\x05", b"\x01\x7f\xff\xff\xff"])
def test_a_reply_that_is_none_or_has_no_end_is_unreadable(head):
    with pytest.raises(Unanswered):
        os_trace.reply_length(head)


def test_a_record_is_an_entry():
    assert os_trace.parse(record(ENTRY)) == (
        {
            "source": "os_trace",
            "time": "2026-11-25T08:00:00.500000Z",
            "level": "error",
            "process": "powerd",
            "pid": 68,
            "tid": 9,
            "subsystem": "com.apple.powerd",
            "category": "battery",
            "library": "libx",
            "message": "m \u00fc",
        },
        0,
    )


@given(st.integers(0, 400), st.binary(max_size=100))
def test_a_record_that_is_cut_or_garbled_is_kept_as_raw(cut, noise):
    for data in (record(ENTRY)[:cut], noise, record(ENTRY)[:129] + noise):
        entry, _ = os_trace.parse(data)
        assert ("raw" in entry) != ("message" in entry)


def test_the_request_is_one_the_gate_lists_and_has_no_debug_bit():
    gate.check_request(os_trace.SERVICE, os_trace.START_ACTIVITY)
    assert not os_trace.START_ACTIVITY["StreamFlags"] & 0x20
    with pytest.raises(gate.NotListed):
        gate.check_request(os_trace.SERVICE, {**os_trace.START_ACTIVITY, "StreamFlags": 0x3C})
