"""The virtual usbmuxd outlives whatever its clients and its faults do, and keeps nothing of them."""

from __future__ import annotations

import contextlib
import os
import plistlib
import threading
from time import monotonic, sleep

import pytest
from clients.raw_iphone import Afc, Ended, Lockdown, PropertyLists, Usbmux, with_session
from hypothesis import given, settings
from hypothesis import strategies as st

from pyworker.virtual.iphone import VirtualIphone, VirtualUsbmuxd

SERVICES = (
    "com.apple.mobile.diagnostics_relay", "com.apple.mobile.MCInstall", "com.apple.crashreportcopymobile",
    "com.apple.os_trace_relay", "com.apple.syslog_relay", "com.apple.mobile.installation_proxy",
)
KINDS = ("close", "reset", "stall", "half_reply", "huge_length", "garbage", "wrong_keys", "tls_fail", "trickle")
LIMIT_S = 5.0


def descriptors() -> int:
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("this system does not list a process's descriptors")
    return len(os.listdir("/proc/self/fd"))


def faulty_visit(usbmuxd: VirtualUsbmuxd, phone: VirtualIphone, service: str, kind: str) -> None:
    """A client with little patience meets one fault."""
    phone.faults.clear()
    phone.faults.add(service, "*", kind, **({"interval_s": 0.00005} if kind == "trickle" else {}))
    with with_session(usbmuxd.address, phone.udid) as lockdown, \
            contextlib.suppress(OSError, Ended, ValueError, plistlib.InvalidFileException):
        sock = lockdown.start_service(service)
        with sock:
            sock.settimeout(0.02)
            if service.startswith("com.apple.crash"):
                Afc(sock).ask(0x03, b"/\0")
            elif service.endswith("_relay"):
                PropertyLists(sock).send({"Request": "StartActivity", "Pid": -1, "StreamFlags": 12})
                PropertyLists(sock).read(5)
            else:
                PropertyLists(sock).ask({"Request": "All", "RequestType": "GetProfileList", "Command": "Lookup"})


def test_a_hundred_faulty_visits_leave_no_descriptor_and_no_thread() -> None:
    phone = VirtualIphone.load("iphone-clean")
    with VirtualUsbmuxd([phone]) as usbmuxd:
        with_session(usbmuxd.address, phone.udid).close()
        before, threads = descriptors(), threading.active_count()
        for turn in range(100):
            faulty_visit(usbmuxd, phone, SERVICES[turn % len(SERVICES)], KINDS[turn % len(KINDS)])
        limit = monotonic() + LIMIT_S
        # The other end of the last connection closes a moment after this one.
        while descriptors() > before and monotonic() < limit:
            sleep(0.01)
        assert descriptors() <= before
        assert threading.active_count() == threads
        phone.faults.clear()
        with with_session(usbmuxd.address, phone.udid) as lockdown:
            assert lockdown.request("GetValue", Key="SerialNumber")["Value"]


def test_a_client_that_asks_and_never_reads_is_not_served_without_end() -> None:
    phone = VirtualIphone.load("iphone-clean")
    phone.description["crash_folder"]["big"] = {"size": 1 << 30}
    with VirtualUsbmuxd([phone]) as usbmuxd, with_session(usbmuxd.address, phone.udid) as lockdown, \
            lockdown.start_service("com.apple.crashreportcopymobile") as sock:
        afc = Afc(sock)
        afc.ask(0x0D, (1).to_bytes(8, "little") + b"/big\0")
        sock.settimeout(0.2)
        request = (1).to_bytes(8, "little") + (1 << 20).to_bytes(8, "little")
        # The requests come to wait in the socket; their answers, a megabyte each, are not made ahead.
        with pytest.raises(TimeoutError):
            for _ in range(2000):
                afc.send(0x0F, request)


NOISE_TARGETS = ("usbmuxd", "lockdown", *SERVICES)


@settings(max_examples=60, deadline=None)
@given(noise=st.binary(min_size=1, max_size=300), target=st.sampled_from(NOISE_TARGETS), framed=st.booleans())
def test_noise_ends_at_most_its_own_connection(noise: bytes, target: str, framed: bool) -> None:
    usbmuxd, phone = shared_bench()
    sent = len(noise).to_bytes(4, "big") + noise if framed else noise
    if target == "usbmuxd":
        with Usbmux(usbmuxd.address) as mux:
            mux.sock.sendall(sent)
    elif target == "lockdown":
        with Lockdown(usbmuxd.address, phone.udid) as lockdown:
            lockdown.sock.sendall(sent)
    else:
        with with_session(usbmuxd.address, phone.udid) as lockdown, lockdown.start_service(target) as sock, \
                contextlib.suppress(OSError):
            sock.sendall(sent)
    with Lockdown(usbmuxd.address, phone.udid) as lockdown:
        assert lockdown.request("QueryType")["Type"] == "com.apple.mobile.lockdown"


_SHARED: list[tuple[VirtualUsbmuxd, VirtualIphone]] = []


def shared_bench() -> tuple[VirtualUsbmuxd, VirtualIphone]:
    """One for all examples, so that one that breaks it is found by the next."""
    if not _SHARED:
        phone = VirtualIphone.load("iphone-clean")
        _SHARED.append((VirtualUsbmuxd([phone]).start(), phone))
    return _SHARED[0]


@pytest.fixture(scope="module", autouse=True)
def _close_the_shared_bench() -> object:
    yield
    for usbmuxd, _ in _SHARED:
        usbmuxd.close()
    _SHARED.clear()
