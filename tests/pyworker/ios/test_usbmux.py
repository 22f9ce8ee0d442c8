"""The client of usbmuxd: what it lists, what it believes, and how it ends."""

from __future__ import annotations

import asyncio
import plistlib
import socket
import struct
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyworker.ios import usbmux
from pyworker.ios.unanswered import Unanswered, by
from pyworker.ios.usbmux import Attached, canonical_udid, open_usbmux, preferred, same_udid
from pyworker.settings import Settings
from pyworker.virtual.iphone import VirtualIphone, VirtualUsbmuxd

if TYPE_CHECKING:
    from collections.abc import Callable

    from ios_bench import Bench

OLD = "a" * 40
NEW = "00008110-000A10C20E41001E"


def packet(body: bytes, tag: int = 1, kind: int = 8, version: int = 1) -> bytes:
    return struct.pack("<IIII", 16 + len(body), version, kind, tag) + body


def asked(reply: bytes, ask: Callable[[usbmux.Usbmux], Any]) -> Any:
    """What the client makes of `reply` to its first request, after which the peer ends the connection."""
    here, there = socket.socketpair()

    def answer() -> None:
        with there:
            there.recv(4096)
            there.sendall(reply)

    async def conversation() -> Any:
        from pyworker.ios.stream import Stream

        reader, writer = await asyncio.open_connection(sock=here)
        client = usbmux.Usbmux(Stream(reader, writer))
        try:
            return await by(asyncio.get_running_loop().time() + 5, ask(client))
        finally:
            client.abort()

    peer = threading.Thread(target=answer)
    peer.start()
    try:
        return asyncio.run(conversation())
    finally:
        peer.join()


def entry(serial: Any = NEW, **properties: Any) -> dict[str, Any]:
    return {"DeviceID": 3, "Properties": {"SerialNumber": serial, **properties}}


def listing(*entries: Any) -> bytes:
    return packet(plistlib.dumps({"DeviceList": list(entries)}))


def test_phones_are_listed_with_the_way_they_are_attached() -> None:
    reply = listing(entry(), entry(OLD, ConnectionType="Network"))
    assert asked(reply, lambda client: client.attached()) == [Attached(3, NEW, "usb"), Attached(3, OLD, "network")]


@pytest.mark.parametrize("odd", [
    None, 7, [], {}, {"DeviceID": 1}, {"Properties": []}, entry(7), entry("short"), entry("../" * 10), entry("x" * 100),
    {"DeviceID": "1", "Properties": {"SerialNumber": NEW}},
])
def test_an_entry_that_is_no_phone_is_left_out(odd: Any) -> None:
    reply = listing(entry()) if odd is None else listing(odd, entry())
    assert asked(reply, lambda client: client.attached()) == [Attached(3, NEW, "usb")]


@pytest.mark.parametrize("reply", [
    packet(plistlib.dumps({"MessageType": "Result", "Number": 1})),
    packet(plistlib.dumps({"DeviceList": {}})),
    packet(plistlib.dumps([])),
    packet(b"noise"),
    packet(b""),
    packet(plistlib.dumps({"DeviceList": []}), tag=2),
    packet(struct.pack("<I", 0), kind=1),
    packet(b"\1", kind=1),
    packet(b"\1", kind=4),
    struct.pack("<IIII", 3, 1, 8, 1),
    struct.pack("<IIII", 0xFFFFFFFF, 1, 8, 1),
    struct.pack("<IIII", usbmux.MAX_PACKET + 1, 1, 8, 1),
    packet(plistlib.dumps({"DeviceList": [entry()] * (usbmux.MAX_DEVICES + 1)})),
])
def test_a_reply_that_makes_no_sense_is_unreadable(reply: bytes) -> None:
    with pytest.raises(Unanswered) as caught:
        asked(reply, lambda client: client.attached())
    assert caught.value.reason == "unreadable"


@pytest.mark.parametrize("reply", [b"", b"\x20", packet(plistlib.dumps({"DeviceList": []}))[:-5]])
def test_an_end_in_the_middle_is_a_disconnect(reply: bytes) -> None:
    with pytest.raises(Unanswered) as caught:
        asked(reply, lambda client: client.attached())
    assert caught.value.reason == "disconnected"


@given(st.binary(max_size=200))
def test_noise_never_gets_past_the_client(noise: bytes) -> None:
    with pytest.raises(Unanswered) as caught:
        asked(noise, lambda client: client.attached())
    assert caught.value.reason in ("unreadable", "disconnected")


@pytest.mark.parametrize(("number", "reason"), [
    (2, "disconnected"), (3, "refused"), (4, "refused"), (1, "unreadable"), (6, "unreadable"), ("0", "unreadable"),
])
def test_a_refused_connection_has_its_reason(number: Any, reason: str) -> None:
    reply = packet(plistlib.dumps({"MessageType": "Result", "Number": number}))
    with pytest.raises(Unanswered) as caught:
        asked(reply, lambda client: client.connect(3, 62078))
    assert caught.value.reason == reason


@pytest.mark.parametrize(("body", "reason"), [
    ({"MessageType": "Result", "Number": 2}, "not_paired"), ({"PairRecordData": "text"}, "unreadable"),
    ({}, "unreadable"),
])
def test_a_record_that_is_not_there_is_no_trust_and_a_strange_one_is_unreadable(body: Any, reason: str) -> None:
    with pytest.raises(Unanswered) as caught:
        asked(packet(plistlib.dumps(body)), lambda client: client.pair_record(NEW))
    assert caught.value.reason == reason


def test_one_connection_lists_reads_the_record_and_connects(bench: Bench, phone: VirtualIphone) -> None:
    async def conversation() -> None:
        client = await open_usbmux(bench.usbmuxd.address)
        (attached,) = await client.attached()
        assert b"HostID" in await client.pair_record(attached.serial)
        stream = await client.connect(attached.mux_id, 62078)
        stream.abort()

    asyncio.run(conversation())
    assert bench.usbmuxd.connections == 1
    assert [request.request for request in phone.record] == ["ReadPairRecord", "Connect"]


def test_usbmuxd_over_tcp_is_the_same() -> None:
    with VirtualUsbmuxd([VirtualIphone.load("iphone-clean")], address=("127.0.0.1", 0)) as usbmuxd:
        settings = Settings()
        assert isinstance(usbmuxd.address, tuple)
        settings.usbmuxd = ("localhost", usbmuxd.address[1])

        async def conversation() -> list[Attached]:
            client = await open_usbmux(usbmux.address_of(settings))
            try:
                return await client.attached()
            finally:
                client.abort()

        assert [phone.udid for phone in asyncio.run(conversation())] == [NEW]


def test_no_usbmuxd_is_an_error_of_the_system_and_leaves_no_socket(tmp_path: Any) -> None:
    with pytest.raises(OSError):
        asyncio.run(open_usbmux(str(tmp_path / "nothing")))
    with pytest.raises(OSError):
        asyncio.run(open_usbmux(("127.0.0.1", 1)))


def test_a_full_queue_is_waited_for(tmp_path: Any) -> None:
    path = str(tmp_path / "usbmuxd")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(0)
        waiting = []
        while True:
            early = socket.socket(socket.AF_UNIX)
            early.setblocking(False)
            try:
                early.connect(path)
            except BlockingIOError:
                early.close()
                break
            waiting.append(early)

        async def conversation() -> None:
            loop = asyncio.get_running_loop()
            opening = loop.create_task(open_usbmux(path))
            await asyncio.sleep(0.05)
            assert not opening.done()
            for _ in range(len(waiting)):
                listener.accept()[0].close()
            (await by(loop.time() + 5, opening)).abort()

        asyncio.run(conversation())
        for early in waiting:
            early.close()


@pytest.mark.parametrize(("given_udid", "canonical"), [
    ("00008110000a10c20e41001e", NEW), (NEW.lower(), NEW), (OLD.upper(), OLD), ("odd", "odd"),
])
def test_a_udid_is_written_as_apple_writes_it(given_udid: str, canonical: str) -> None:
    assert canonical_udid(given_udid) == canonical
    assert same_udid(given_udid, canonical)


@pytest.mark.parametrize(("wanted", "chosen"), [("usb", "usb"), ("network", "network"), ("adb-server", "usb")])
def test_of_two_ways_to_a_phone_the_wanted_one_is_taken_and_else_usb(wanted: str, chosen: str) -> None:
    ways = [Attached(1, OLD, "network"), Attached(2, OLD, "usb")]
    assert preferred(ways, wanted).connection == preferred(ways[::-1], wanted).connection == chosen
    assert preferred(ways[:1], "usb").connection == "network"
