"""The virtual usbmuxd, byte by byte, over a Unix socket and over TCP."""

from __future__ import annotations

import os
import plistlib
import socket
import struct
import threading
from typing import TYPE_CHECKING

import pytest
from clients.raw_iphone import LOCKDOWN_PORT, Ended, Usbmux, connect, pair_record, usbmux_message, with_session

from pyworker.virtual.iphone import VirtualIphone, VirtualUsbmuxd

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=["unix", "tcp"])
def bench(request: pytest.FixtureRequest) -> Iterator[tuple[VirtualUsbmuxd, VirtualIphone]]:
    if request.param == "unix" and not hasattr(socket, "AF_UNIX"):
        pytest.skip("this system has no Unix sockets")
    phone = VirtualIphone.load("iphone-clean")
    with VirtualUsbmuxd([phone], address=None if request.param == "unix" else ("127.0.0.1", 0)) as usbmuxd:
        yield usbmuxd, phone


Bench = tuple[VirtualUsbmuxd, VirtualIphone]


def test_an_attached_phone_is_listed_with_its_udid(bench: Bench) -> None:
    usbmuxd, phone = bench
    with Usbmux(usbmuxd.address) as mux:
        (device,) = mux.devices()
    assert device["MessageType"] == "Attached"
    assert device["Properties"]["SerialNumber"] == phone.udid
    assert device["Properties"]["ConnectionType"] == "USB"
    assert device["DeviceID"] == device["Properties"]["DeviceID"]


def test_several_requests_on_one_connection_are_answered_with_their_tags(bench: Bench) -> None:
    usbmuxd, _ = bench
    with Usbmux(usbmuxd.address) as mux:
        mux.sock.sendall(
            usbmux_message({"MessageType": "ListDevices"}, 7) + usbmux_message({"MessageType": "ReadBUID"}, 8))
        assert "DeviceList" in mux.receive()
        assert mux.tag == 7
        assert mux.receive()["BUID"]
        assert mux.tag == 8


def test_a_request_may_arrive_one_byte_at_a_time(bench: Bench) -> None:
    usbmuxd, _ = bench
    with Usbmux(usbmuxd.address) as mux:
        for byte in usbmux_message({"MessageType": "ReadBUID"}):
            mux.sock.sendall(bytes((byte,)))
        assert mux.receive()["BUID"]


def test_what_follows_a_connect_in_the_same_piece_belongs_to_the_phone(bench: Bench) -> None:
    usbmuxd, phone = bench
    body = plistlib.dumps({"Label": "t", "Request": "QueryType"})
    with Usbmux(usbmuxd.address) as mux:
        device = mux.device_id(phone.udid)
        message = {"MessageType": "Connect", "DeviceID": device, "PortNumber": socket.htons(LOCKDOWN_PORT)}
        mux.sock.sendall(usbmux_message(message) + struct.pack(">I", len(body)) + body)
        assert mux.receive() == {"MessageType": "Result", "Number": 0}
        (length,) = struct.unpack(">I", mux.read(4))
        assert plistlib.loads(mux.read(length))["Type"] == "com.apple.mobile.lockdown"


def test_listeners_hear_of_every_phone_that_comes_and_goes(bench: Bench) -> None:
    usbmuxd, phone = bench
    other = VirtualIphone.load("iphone-hello")
    with Usbmux(usbmuxd.address) as mux:
        assert mux.ask({"MessageType": "Listen"})["Number"] == 0
        assert mux.receive()["Properties"]["SerialNumber"] == phone.udid
        usbmuxd.plug(other)
        attached = mux.receive()
        assert attached["Properties"]["SerialNumber"] == other.udid
        usbmuxd.unplug(other.udid)
        assert mux.receive() == {"MessageType": "Detached", "DeviceID": attached["DeviceID"]}
        usbmuxd.plug(other)
        assert mux.receive()["DeviceID"] > attached["DeviceID"], "a phone that comes back is a new device"


def test_unplugging_ends_the_phones_connections_and_no_others(bench: Bench) -> None:
    usbmuxd, phone = bench
    other = VirtualIphone.load("iphone-hello")
    usbmuxd.plug(other)
    gone = with_session(usbmuxd.address, phone.udid)
    stays = with_session(usbmuxd.address, other.udid)
    usbmuxd.unplug(phone.udid)
    with pytest.raises((OSError, Ended)):
        gone.request("GetValue")
    assert "Value" in stays.request("GetValue")
    gone.close()
    stays.close()


def test_an_unknown_device_and_a_closed_port_are_refused_with_usbmuxds_numbers(bench: Bench) -> None:
    usbmuxd, phone = bench
    with Usbmux(usbmuxd.address) as mux:
        assert mux.ask({"MessageType": "Connect", "DeviceID": 999, "PortNumber": 1})["Number"] == 2
        assert mux.ask({"MessageType": "Nonsense"})["Number"] == 1
    with pytest.raises(ConnectionError, match="3"):
        connect(usbmuxd.address, phone.udid, 50000)


def test_a_services_port_takes_one_connection(bench: Bench) -> None:
    usbmuxd, phone = bench
    lockdown = with_session(usbmuxd.address, phone.udid)
    port = lockdown.request("StartService", Service="com.apple.mobile.MCInstall")["Port"]
    connect(usbmuxd.address, phone.udid, port).close()
    with pytest.raises(ConnectionError, match="3"):
        connect(usbmuxd.address, phone.udid, port)
    lockdown.close()


@pytest.mark.parametrize("verb", ["SavePairRecord", "DeletePairRecord"])
def test_pair_records_are_neither_saved_nor_deleted_and_the_attempt_is_on_record(bench: Bench, verb: str) -> None:
    usbmuxd, phone = bench
    before = pair_record(usbmuxd.address, phone.udid)
    with Usbmux(usbmuxd.address) as mux:
        answer = mux.ask({"MessageType": verb, "PairRecordID": phone.udid, "PairRecordData": b"x", "DeviceID": 1})
    assert answer["Number"] != 0
    assert pair_record(usbmuxd.address, phone.udid) == before
    assert ("usbmuxd", verb) in [(r.service, r.request) for r in phone.record]


@pytest.mark.parametrize(("state", "has_record"), [
    ("trusted", True), ("stale_record", True), ("before_first_unlock", True), ("locked", True),
    ("untrusted", False), ("dialog_pending", False), ("denied", False),
])
def test_a_pair_record_exists_where_trust_once_did(bench: Bench, state: str, has_record: bool) -> None:
    usbmuxd, phone = bench
    phone.state = state
    assert (pair_record(usbmuxd.address, phone.udid) is not None) == has_record


def test_a_frame_that_cannot_be_usbmux_ends_the_connection(bench: Bench) -> None:
    usbmuxd, _ = bench
    for frame in (b"\xff" * 16, struct.pack("<IIII", 3, 1, 8, 1), struct.pack("<IIII", 20, 1, 8, 1) + b"abcd"):
        with Usbmux(usbmuxd.address) as mux:
            mux.sock.sendall(frame)
            assert mux.sock.recv(1) == b""


def test_the_binary_protocol_of_old_is_turned_down_in_its_own_form(bench: Bench) -> None:
    usbmuxd, _ = bench
    with Usbmux(usbmuxd.address) as mux:
        mux.sock.sendall(struct.pack("<IIII", 16, 0, 3, 5))
        assert struct.unpack("<IIIII", mux.read(20)) == (20, 0, 1, 5, 6)


def test_connections_and_services_are_counted(bench: Bench) -> None:
    usbmuxd, phone = bench
    lockdown = with_session(usbmuxd.address, phone.udid)
    usbmuxd.connections = 0
    lockdown.start_service("com.apple.mobile.MCInstall").close()
    assert usbmuxd.connections == 1
    assert usbmuxd.services_started == 1
    lockdown.close()


def test_the_address_has_the_forms_clients_want() -> None:
    with VirtualUsbmuxd(address=("127.0.0.1", 0)) as usbmuxd:
        assert isinstance(usbmuxd.address, tuple)
        host, port = usbmuxd.address
        assert host == "127.0.0.1"
        assert port
        assert usbmuxd.libusbmuxd_address == f"127.0.0.1:{port}"
    if hasattr(socket, "AF_UNIX"):
        with VirtualUsbmuxd() as usbmuxd:
            assert isinstance(usbmuxd.address, str)
            assert usbmuxd.libusbmuxd_address == f"UNIX:{usbmuxd.address}"


def test_closing_leaves_no_thread_no_socket_and_no_file() -> None:
    threads = threading.active_count()
    phone = VirtualIphone.load("iphone-clean")
    usbmuxd = VirtualUsbmuxd([phone]).start()
    address = usbmuxd.address
    lockdown = with_session(address, phone.udid)
    usbmuxd.close()
    usbmuxd.close()
    assert threading.active_count() == threads
    assert lockdown.sock.recv(1) == b""
    lockdown.close()
    if isinstance(address, str):
        assert not os.path.exists(os.path.dirname(address))


def test_a_path_of_ones_own_is_removed_at_the_end(tmp_path: os.PathLike[str]) -> None:
    if not hasattr(socket, "AF_UNIX"):
        pytest.skip("this system has no Unix sockets")
    path = os.path.join(tmp_path, "mux")
    with VirtualUsbmuxd(address=path) as usbmuxd, Usbmux(usbmuxd.address) as mux:
        assert mux.devices() == []
    assert not os.path.exists(path)
