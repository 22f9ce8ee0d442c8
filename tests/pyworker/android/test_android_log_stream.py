"""The stream of one large read: all of it, a bounded part of it, or the reason there is no more."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from time import monotonic

import pytest

from protocol.errors import RpcError
from pyworker.android import reads
from pyworker.android.log_stream import LogStream, stream
from pyworker.android.output import NO_STATUS
from pyworker.platforms import Device
from pyworker.virtual.android.phone import Output as Says

WAYS = ("server v2", "server exec", "direct")
BLOCK = bytes(range(256)) * 251  # no power of two, so that pieces and packets do not fall together
MANY = 60


def log() -> Iterator[bytes]:
    for _ in range(MANY):
        yield BLOCK


def open_stream(bench, way: str, says: Says, byte_limit: int, seconds: float = 20.0) -> LogStream:
    phone = bench.phone(outputs={"dumpsys diskstats": says}, features=["shell_v2"] if way == "server v2" else [])
    if way == "direct":
        device = Device(bench.daemon(phone), "android", "adb-tcp", "ready")
    else:
        bench.server(phone)
        device = Device(phone.serial, "android", "adb-server", "ready")
    return stream(bench.call(seconds), device, reads.DISKSTATS, byte_limit)


@pytest.mark.parametrize("way", WAYS)
def test_all_of_it_arrives_as_it_was_said(bench, way: str) -> None:
    reading = open_stream(bench, way, Says(log, status=3), 1 << 30)
    assert reading.end is None
    digest = hashlib.sha256()
    for piece in reading:
        digest.update(piece)
    assert digest.digest() == hashlib.sha256(BLOCK * MANY).digest()
    assert (reading.end, reading.status, reading.received) == ("complete", 3, len(BLOCK) * MANY)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("limit", [0, 1, 100_001])
def test_what_goes_beyond_the_limit_is_left_and_said_so(bench, way: str, limit: int) -> None:
    reading = open_stream(bench, way, Says(log), limit)
    assert b"".join(reading) == (BLOCK * 2)[:limit]
    assert (reading.end, reading.status) == ("truncated", NO_STATUS)


@pytest.mark.parametrize("way", WAYS)
def test_exactly_the_limit_is_complete(bench, way: str) -> None:
    reading = open_stream(bench, way, Says(BLOCK), len(BLOCK))
    assert b"".join(reading) == BLOCK
    assert reading.end == "complete"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("kind", "ends"), [
    ("stall", {"timeout"}), ("garbage", {"truncated", "disconnected", "unreadable", "timeout"}),
    ("reset", {"truncated", "disconnected", "timeout"}), ("refused_open", {"refused"}),
    ("oversized_header", {"truncated", "disconnected", "unreadable", "timeout"})])
def test_a_fault_ends_the_stream_with_its_reason(bench, way: str, kind: str, ends: set[str]) -> None:
    reading = open_stream(bench, way, Says(log), 1 << 30, seconds=2.0)
    bench.phones[0].faults.add("service", kind, after=100_000)
    began = monotonic()
    assert (BLOCK * MANY).startswith(b"".join(reading))
    assert reading.end in ends
    assert monotonic() - began < 3.0


def test_a_stream_that_is_given_up_in_the_middle_lets_the_phone_go(bench) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield BLOCK

    reading = open_stream(bench, "server v2", Says(endless), 1 << 40)
    for _ in reading:
        break
    assert reading.end is None
    again = stream(bench.call(), Device(bench.phones[0].serial, "android", "adb-server", "ready"), reads.GETPROP, 1000)
    assert b"".join(again) == b"[ro.product.model]: [Pixel 8]\n"


def test_stopping_the_call_ends_the_stream_within_a_second(bench, stopped_after) -> None:
    phone = bench.phone(outputs={"dumpsys diskstats": Says(b"begun", delay_s=3600)})
    bench.server(phone)
    call = bench.call(30)
    reading = stream(call, Device(phone.serial, "android", "adb-server", "ready"), reads.DISKSTATS, 1000)
    stopped_after(call, 0.3)
    began = monotonic()
    assert b"".join(reading) == b""
    assert monotonic() - began < 1.3
    assert reading.end == "timeout"


@pytest.mark.parametrize(("state", "kind"), [
    ("unauthorized", "device_untrusted"), ("offline", "device_disconnected"), ("no_permissions", "device_untrusted")])
def test_a_phone_that_is_not_ready_is_an_error_with_the_phones_hint(bench, state: str, kind: str) -> None:
    with pytest.raises(RpcError) as caught:
        stream(bench.call(), Device("X", "android", "adb-server", state, hint="Do this."), reads.GETPROP, 1000)
    assert (caught.value.kind, caught.value.hint) == (kind, "Do this.")


def test_a_phone_that_has_gone_is_an_error(bench) -> None:
    bench.server()
    with pytest.raises(RpcError) as caught:
        stream(bench.call(), Device("GONE", "android", "adb-server", "ready"), reads.GETPROP, 1000)
    assert caught.value.kind == "device_disconnected"
