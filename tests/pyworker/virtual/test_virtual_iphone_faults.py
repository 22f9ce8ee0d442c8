"""Each way a cable, a service or a phone can fail, at each kind of step: what the client then sees."""

from __future__ import annotations

import plistlib
import socket
import ssl
import struct
from time import monotonic
from typing import TYPE_CHECKING

import pytest
from clients.raw_iphone import (
    AFC_HEADER,
    Afc,
    Ended,
    Lockdown,
    PropertyLists,
    Usbmux,
    connect,
    pair_record,
    tls_context,
    with_session,
)

from pyworker.virtual.iphone import VirtualIphone, VirtualUsbmuxd

if TYPE_CHECKING:
    from collections.abc import Iterator

Bench = tuple[VirtualUsbmuxd, VirtualIphone]

DIAGNOSTICS = "com.apple.mobile.diagnostics_relay"
CRASHES = "com.apple.crashreportcopymobile"

# How long a stalled connection is watched before a test believes that nothing will come.
QUIET_S = 0.2


@pytest.fixture(params=["unix", "tcp"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    if request.param == "unix" and not hasattr(socket, "AF_UNIX"):
        pytest.skip("this system has no Unix sockets")
    phone = VirtualIphone.load("iphone-clean")
    with VirtualUsbmuxd([phone], address=None if request.param == "unix" else ("127.0.0.1", 0)) as usbmuxd:
        yield usbmuxd, phone


def is_quiet(sock: socket.socket) -> bool:
    """Nothing arrives, and the connection stays open."""
    sock.settimeout(QUIET_S)
    try:
        sock.recv(1)
    except TimeoutError:
        return True
    return False


# -- lockdown, in the clear ----------------------------------------------------------------------------------------


def test_close_ends_the_connection_instead_of_a_reply(bench: Bench) -> None:
    usbmuxd, phone = bench
    phone.faults.add("lockdown", "GetValue", "close")
    with Lockdown(usbmuxd.address, phone.udid) as lockdown:
        assert lockdown.request("QueryType")
        lockdown.send({"Request": "GetValue"})
        assert lockdown.sock.recv(1) == b""
    assert [r.request for r in phone.record][-1] == "GetValue", "the request is on record all the same"


def test_reset_is_an_error_and_no_end(bench: Bench) -> None:
    usbmuxd, phone = bench
    phone.faults.add("lockdown", "GetValue", "reset")
    with Lockdown(usbmuxd.address, phone.udid) as lockdown:
        lockdown.send({"Request": "GetValue"})
        with pytest.raises(ConnectionResetError):
            lockdown.sock.recv(1)


def test_stall_answers_nothing_more_and_keeps_the_connection(bench: Bench) -> None:
    usbmuxd, phone = bench
    phone.faults.add("lockdown", "GetValue", "stall", times=1)
    with Lockdown(usbmuxd.address, phone.udid) as lockdown:
        lockdown.send({"Request": "GetValue"})
        lockdown.send({"Request": "QueryType"})
        assert is_quiet(lockdown.sock)


def test_half_a_reply_then_nothing(bench: Bench) -> None:
    usbmuxd, phone = bench
    phone.faults.add("lockdown", "QueryType", "half_reply")
    with Lockdown(usbmuxd.address, phone.udid) as lockdown:
        lockdown.send({"Request": "QueryType"})
        (length,) = struct.unpack(">I", lockdown.read(4))
        lockdown.sock.settimeout(QUIET_S)
        with pytest.raises(TimeoutError):
            lockdown.read(length)


def test_a_huge_length_then_nothing(bench: Bench) -> None:
    usbmuxd, phone = bench
    phone.faults.add("lockdown", "QueryType", "huge_length", times=1)
    phone.faults.add("lockdown", "GetValue", "huge_length", length=1000)
    for verb, length in (("QueryType", 0x80000010), ("GetValue", 1000)):
        with Lockdown(usbmuxd.address, phone.udid) as lockdown:
            lockdown.send({"Request": verb})
            assert struct.unpack(">I", lockdown.read(4)) == (length,)
            assert is_quiet(lockdown.sock)


def test_garbage_keeps_the_frame_and_spoils_the_body(bench: Bench) -> None:
    usbmuxd, phone = bench
    fault = phone.faults.add("lockdown", "QueryType", "garbage", times=1)
    phone.faults.add("lockdown", "QueryType", "garbage", body=b"<html>", times=1)
    phone.faults.add("lockdown", "QueryType", "garbage", body=b"no frame", raw=True)
    with Lockdown(usbmuxd.address, phone.udid) as lockdown:
        with pytest.raises(plistlib.InvalidFileException):
            lockdown.request("QueryType")
        lockdown.send({"Request": "QueryType"})
        assert lockdown.read(4 + 6) == b"\0\0\0\6<html>"
        lockdown.send({"Request": "QueryType"})
        assert lockdown.read(8) == b"no frame"
    assert fault.times == 0


def test_wrong_keys_are_well_formed_and_make_no_sense(bench: Bench) -> None:
    usbmuxd, phone = bench
    phone.faults.add("lockdown", "QueryType", "wrong_keys", times=1)
    phone.faults.add("lockdown", "QueryType", "wrong_keys", value=["an array"])
    with Lockdown(usbmuxd.address, phone.udid) as lockdown:
        assert set(lockdown.request("QueryType")) == {"Unexpected"}
        assert lockdown.ask({"Request": "QueryType"}) == ["an array"]


def test_a_reply_that_trickles_is_whole_in_the_end(bench: Bench) -> None:
    usbmuxd, phone = bench
    phone.faults.add("lockdown", "QueryType", "trickle", interval_s=0.0005)
    with Lockdown(usbmuxd.address, phone.udid) as lockdown:
        began = monotonic()
        lockdown.send({"Request": "QueryType"})
        lockdown.send({"Request": "GetValue", "Key": "ProductType"})
        assert lockdown.receive()["Type"] == "com.apple.mobile.lockdown"
        assert monotonic() - began > 0.05, "some 300 bytes, half a millisecond apart"
        assert lockdown.receive()["Value"] == "iPhone14,5", "what follows waits its turn"


def test_unplug_ends_all_connections_and_takes_the_phone_off_the_list(bench: Bench) -> None:
    usbmuxd, phone = bench
    other = with_session(usbmuxd.address, phone.udid)
    phone.faults.add("lockdown", "GetValue", "unplug", times=1)
    with Usbmux(usbmuxd.address) as listener, Lockdown(usbmuxd.address, phone.udid) as lockdown:
        listener.ask({"MessageType": "Listen"})
        listener.receive()
        lockdown.send({"Request": "GetValue"})
        with pytest.raises((Ended, OSError)):
            lockdown.read(1)
        assert listener.receive()["MessageType"] == "Detached"
        assert listener.ask({"MessageType": "ListDevices"})["DeviceList"] == []
    with pytest.raises((Ended, OSError)):
        other.request("QueryType")
    other.close()
    usbmuxd.plug(phone)
    assert "Value" in Lockdown(usbmuxd.address, phone.udid).request("GetValue")


# -- TLS -----------------------------------------------------------------------------------------------------------


def test_a_refused_handshake_of_the_session_and_of_a_service(bench: Bench) -> None:
    usbmuxd, phone = bench
    phone.faults.add("lockdown", "TLS", "tls_fail", times=1)
    with Lockdown(usbmuxd.address, phone.udid) as lockdown, pytest.raises(ssl.SSLError, match="HANDSHAKE_FAILURE"):
        lockdown.start_session()
    phone.faults.add(DIAGNOSTICS, "*", "tls_fail", times=1)
    with with_session(usbmuxd.address, phone.udid) as lockdown:
        with pytest.raises(ssl.SSLError, match="HANDSHAKE_FAILURE"):
            lockdown.start_service(DIAGNOSTICS)
        lockdown.start_service(DIAGNOSTICS).close()


@pytest.mark.parametrize("service", ["lockdown", DIAGNOSTICS])
def test_a_handshake_that_is_never_answered(bench: Bench, service: str) -> None:
    usbmuxd, phone = bench
    phone.faults.add(service, "*", "tls_stall")
    lockdown = Lockdown(usbmuxd.address, phone.udid)
    record = pair_record(usbmuxd.address, phone.udid)
    assert record is not None
    if service == "lockdown":
        lockdown.request("StartSession", HostID=record["HostID"])
        sock = lockdown.sock
    else:
        lockdown.start_session()
        port = lockdown.request("StartService", Service=service)["Port"]
        sock = connect(usbmuxd.address, phone.udid, port)
    sock.settimeout(QUIET_S)
    with pytest.raises(TimeoutError):
        tls_context(record).wrap_socket(sock)
    lockdown.close()


@pytest.mark.parametrize(
    ("kind", "error"), [("close", OSError), ("reset", ConnectionResetError), ("garbage", ssl.SSLError)])
def test_other_ends_of_a_handshake(bench: Bench, kind: str, error: type[Exception]) -> None:
    usbmuxd, phone = bench
    phone.faults.add("lockdown", "TLS", kind)
    with Lockdown(usbmuxd.address, phone.udid) as lockdown, pytest.raises(error):
        lockdown.start_session()


# -- services, inside TLS ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", ["close", "reset", "stall", "half_reply", "huge_length", "garbage", "wrong_keys", "unplug"])
def test_every_kind_strikes_a_service_inside_tls_once_and_the_next_connection_works(bench: Bench, kind: str) -> None:
    usbmuxd, phone = bench
    phone.faults.add(DIAGNOSTICS, "IORegistry", kind, times=1)
    request = {"Request": "IORegistry", "EntryName": "options"}
    with with_session(usbmuxd.address, phone.udid) as lockdown, lockdown.start_service(DIAGNOSTICS) as sock:
        sock.settimeout(QUIET_S)
        try:
            answer = PropertyLists(sock).ask(request)
        except (Ended, OSError, plistlib.InvalidFileException):
            answer = None
        assert answer is None or "Diagnostics" not in answer
    usbmuxd.plug(phone)
    with with_session(usbmuxd.address, phone.udid) as lockdown, lockdown.start_service(DIAGNOSTICS) as sock:
        assert "Diagnostics" in PropertyLists(sock).ask(request)


def test_afc_faults_keep_or_break_its_own_frame(bench: Bench) -> None:
    usbmuxd, phone = bench
    phone.faults.add(CRASHES, "ReadDir", "garbage", times=1)
    phone.faults.add(CRASHES, "ReadDir", "wrong_keys", times=1)
    phone.faults.add(CRASHES, "ReadDir", "huge_length", length=1 << 40)
    with with_session(usbmuxd.address, phone.udid) as lockdown, lockdown.start_service(CRASHES) as sock:
        afc = Afc(sock)
        assert b"\0\0" not in afc.ask(0x03, b"/\0")[1]
        assert afc.ask(0x03, b"/\0")[1] == b"Unexpected\0"
        afc.send(0x03, b"/\0")
        assert AFC_HEADER.unpack(afc.read(40))[1] == 40 + (1 << 40)


@pytest.mark.parametrize(("service", "step", "mark"), [
    ("com.apple.os_trace_relay", "StartActivity", b"\1"), ("com.apple.os_trace_relay", "entry", b"\2")])
def test_streams_are_struck_at_their_reply_or_at_an_entry(bench: Bench, service: str, step: str, mark: bytes) -> None:
    usbmuxd, phone = bench
    phone.faults.add(service, step, "huge_length", length=1000)
    with with_session(usbmuxd.address, phone.udid) as lockdown, lockdown.start_service(service) as sock:
        trace = PropertyLists(sock)
        trace.send({"Request": "StartActivity", "Pid": -1, "StreamFlags": 12, "MessageFilter": 65535})
        if step == "entry":
            (length,) = struct.unpack(">xI", trace.read(5))
            trace.read(length)
        head = trace.read(5)
        assert head[:1] == mark
        assert struct.unpack(">I" if mark == b"\1" else "<I", head[1:]) == (1000,)
        assert is_quiet(trace.sock)


def test_a_syslog_entry_may_never_end(bench: Bench) -> None:
    usbmuxd, phone = bench
    phone.faults.add("com.apple.syslog_relay", "entry", "huge_length", skip=2)
    with with_session(usbmuxd.address, phone.udid) as lockdown:
        relay = PropertyLists(lockdown.start_service("com.apple.syslog_relay"))
        data = relay.read(60_000)
        assert data.count(b"\0") == 3, "the beginning and two whole entries"
        relay.close()


# -- usbmuxd -------------------------------------------------------------------------------------------------------


def test_usbmuxds_answers_about_a_phone_are_struck_with_the_phones_faults(bench: Bench) -> None:
    usbmuxd, phone = bench
    phone.faults.add("usbmuxd", "Connect", "close", times=1)
    phone.faults.add("usbmuxd", "ReadPairRecord", "wrong_keys", times=1)
    phone.faults.add("usbmuxd", "Connect", "huge_length", length=0x10000)
    with pytest.raises(Ended):
        connect(usbmuxd.address, phone.udid, 62078)
    assert pair_record(usbmuxd.address, phone.udid) is None
    with Usbmux(usbmuxd.address) as mux:
        mux.send({"MessageType": "Connect", "DeviceID": mux.device_id(phone.udid), "PortNumber": 0x7EF2})
        assert struct.unpack("<IIII", mux.read(16)) == (0x10010, 1, 8, 1)
        assert is_quiet(mux.sock)


def test_usbmuxds_own_answers_are_struck_with_its_own_faults(bench: Bench) -> None:
    usbmuxd, _ = bench
    usbmuxd.faults.add("usbmuxd", "ListDevices", "stall", times=1)
    with Usbmux(usbmuxd.address) as mux:
        mux.send({"MessageType": "ListDevices"})
        assert is_quiet(mux.sock)
    with Usbmux(usbmuxd.address) as mux:
        assert len(mux.devices()) == 1


# -- where and how often -------------------------------------------------------------------------------------------


def test_a_fault_waits_skips_counts_and_can_be_cleared() -> None:
    phone = VirtualIphone.load("iphone-clean")
    faults = phone.faults
    faults.add("lockdown", "GetValue", "stall", skip=1, times=2)
    struck = [faults.take("lockdown", "GetValue") is not None for _ in range(5)]
    assert struck == [False, True, True, False, False]
    faults.add("*", "*", "close")
    assert faults.take("com.apple.afc", "ReadDir") is not None
    assert faults.take("com.apple.afc", "TLS") is None, "any step is any request, not the handshake"
    faults.clear()
    assert faults.take("com.apple.afc", "ReadDir") is None
    with pytest.raises(ValueError, match="no such kind"):
        faults.add("lockdown", "*", "explode")


def test_a_description_that_cannot_be_sent_ends_the_connection_instead_of_hanging(
    bench: Bench, caplog: pytest.LogCaptureFixture,
) -> None:
    usbmuxd, phone = bench
    phone.description["lockdown"]["values"]["ProductType"] = object()
    with Lockdown(usbmuxd.address, phone.udid) as lockdown:
        lockdown.send({"Request": "GetValue"})
        with pytest.raises((Ended, OSError)):
            lockdown.read(1)
    usbmuxd.close()
    assert "object" in caplog.text, "and is reported where it happened"


# -- latency -------------------------------------------------------------------------------------------------------

LATENCY_S = 0.03
COUNT = 20


def test_requests_one_after_another_cost_one_latency_each() -> None:
    phone = VirtualIphone.load("iphone-clean")
    with VirtualUsbmuxd([phone], latency_s=LATENCY_S) as usbmuxd, Lockdown(usbmuxd.address, phone.udid) as lockdown:
        began = monotonic()
        for _ in range(COUNT):
            lockdown.request("QueryType")
        assert monotonic() - began >= COUNT * LATENCY_S


def test_requests_in_flight_together_share_the_latency() -> None:
    phone = VirtualIphone.load("iphone-clean")
    with VirtualUsbmuxd([phone], latency_s=LATENCY_S) as usbmuxd, \
            with_session(usbmuxd.address, phone.udid) as lockdown, lockdown.start_service(CRASHES) as sock:
        afc = Afc(sock)
        began = monotonic()
        for _ in range(COUNT):
            afc.send(0x0B)
        for _ in range(COUNT):
            afc.receive()
        assert LATENCY_S <= monotonic() - began < COUNT * LATENCY_S


def test_a_session_costs_a_connect_a_request_and_two_flights_of_tls() -> None:
    phone = VirtualIphone.load("iphone-clean")
    with VirtualUsbmuxd([phone], latency_s=LATENCY_S) as usbmuxd:
        began = monotonic()
        with with_session(usbmuxd.address, phone.udid):
            took = monotonic() - began
    assert 4 * LATENCY_S <= took < 8 * LATENCY_S


def test_usbmuxd_itself_answers_at_once() -> None:
    phone = VirtualIphone.load("iphone-clean")
    with VirtualUsbmuxd([phone], latency_s=5.0) as usbmuxd:
        began = monotonic()
        assert pair_record(usbmuxd.address, phone.udid) is not None
        assert monotonic() - began < 5.0
