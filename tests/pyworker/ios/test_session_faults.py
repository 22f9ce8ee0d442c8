"""Every fault at every step: an answer in time, each read with a value or a reason, and the next request works."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest
from ios_bench import ALL_READS

from protocol.errors import RpcError
from pyworker.findings import Unread
from pyworker.ios import reads
from pyworker.ios.standing import READY
from pyworker.virtual.iphone import VirtualIphone
from pyworker.virtual.iphone.faults import KINDS

if TYPE_CHECKING:
    from ios_bench import Bench

CRASH, DIAGNOSTICS, MCINSTALL = (
    "com.apple.crashreportcopymobile", "com.apple.mobile.diagnostics_relay", "com.apple.mobile.MCInstall")

# (service, step, replies that pass before the fault)
STEPS = [
    ("usbmuxd", "ReadPairRecord", 0), ("usbmuxd", "Connect", 0), ("usbmuxd", "Connect", 1), ("usbmuxd", "Connect", 3),
    ("lockdown", "GetValue", 0), ("lockdown", "GetValue", 1), ("lockdown", "GetValue", 4),
    ("lockdown", "StartSession", 0), ("lockdown", "StartService", 0), ("lockdown", "StartService", 2),
    (DIAGNOSTICS, "IORegistry", 0), (DIAGNOSTICS, "IORegistry", 1), (DIAGNOSTICS, "GasGauge", 0),
    (MCINSTALL, "GetProfileList", 0), (MCINSTALL, "GetCloudConfiguration", 0),
    ("com.apple.mobile.installation_proxy", "Lookup", 0), ("com.apple.afc", "GetDeviceInfo", 0),
    (CRASH, "ReadDir", 0), (CRASH, "GetFileInfo", 0), (CRASH, "GetFileInfo", 2), (CRASH, "FileRefOpen", 0),
    (CRASH, "FileRefRead", 0), (CRASH, "FileRefClose", 0),
]
PLAIN_KINDS = sorted(KINDS - {"tls_fail", "tls_stall", "trickle"})
TLS_SERVICES = ("lockdown", DIAGNOSTICS, MCINSTALL, CRASH, "com.apple.afc")
REASONS = {"key_missing", "not_paired", "locked", "refused", "unsupported", "timeout", "disconnected", "unreadable"}
ERRORS = {"device_not_found", "device_disconnected", "timeout", "device_protocol_error"}

TIMEOUT_S = 0.5
# Where nothing stalls nothing waits for the deadline, and a busy machine must not make one matter.
AMPLE_S = 10.0
# Beyond the deadline an answer is late; a busy machine may be this slow to say so.
LATE_S = 1.0


@pytest.fixture
def phone() -> VirtualIphone:
    """With a crash folder, so that files are opened."""
    phone = VirtualIphone.load("iphone-clean")
    phone.description["crash_folder"] = {
        "panic-full-2024-05-01-101112.000.ips": {"text": "{}\n{}", "mtime": "2024-05-01T10:11:12+00:00"},
        "Shop-2024-05-02-101112.ips": {"text": "{}\n{}", "mtime": "2024-05-02T10:11:12+00:00"},
        "Retired": {"files": {"Old-2023-05-02-101112.ips": {"size": 10, "mtime": "2023-05-02T10:11:12+00:00"}}},
    }
    return phone


def observe_in_time(bench: Bench, phone: VirtualIphone, timeout_s: float = TIMEOUT_S) -> Any:
    """The observation, or the error's kind; checked to be in time and of the closed lists."""
    began = monotonic()
    try:
        observed = bench.observe(phone, ALL_READS, timeout_s)
    except RpcError as error:
        assert monotonic() - began < timeout_s + LATE_S
        assert error.kind in ERRORS
        return error.kind
    assert monotonic() - began < timeout_s + LATE_S
    assert observed.answers.keys() == set(ALL_READS)
    assert {answer.reason for answer in observed.answers.values() if isinstance(answer, Unread)} <= REASONS
    return observed


def works_again(bench: Bench, phone: VirtualIphone) -> None:
    phone.faults.clear()
    bench.usbmuxd.faults.clear()
    bench.usbmuxd.plug(phone)
    observed = bench.observe(phone, ALL_READS)
    assert (observed.state, observed.hint) == (READY.state, READY.hint)
    assert {answer.reason for answer in observed.answers.values() if isinstance(answer, Unread)} <= {"key_missing"}


@pytest.mark.parametrize("kind", PLAIN_KINDS)
@pytest.mark.parametrize(("service", "step", "skip"), STEPS)
def test_a_fault_that_stays(bench: Bench, phone: VirtualIphone, service: str, step: str, skip: int, kind: str) -> None:
    phone.faults.add(service, step, kind, skip=skip)
    observe_in_time(bench, phone)
    works_again(bench, phone)


@pytest.mark.parametrize("kind", ["close", "reset", "garbage", "wrong_keys"])
@pytest.mark.parametrize(("service", "step", "skip"), STEPS)
def test_a_fault_that_strikes_once_costs_little(
    bench: Bench, phone: VirtualIphone, service: str, step: str, skip: int, kind: str,
) -> None:
    phone.faults.add(service, step, kind, skip=skip, times=1)
    observed = observe_in_time(bench, phone, AMPLE_S)
    assert observed.answers[reads.ALL_VALUES]["ProductType"]
    failed = [read for read, answer in observed.answers.items()
              if isinstance(answer, Unread) and answer.reason not in ("key_missing", "unsupported")]
    # A service, at most; one read where the connection can be had again.
    assert len({read.service for read in failed}) <= 1 or observed.state == "untrusted"
    works_again(bench, phone)


@pytest.mark.parametrize("kind", ["tls_fail", "tls_stall"])
@pytest.mark.parametrize("service", TLS_SERVICES)
def test_a_handshake_that_fails(bench: Bench, phone: VirtualIphone, service: str, kind: str) -> None:
    phone.faults.add(service, "TLS", kind)
    observe_in_time(bench, phone)
    works_again(bench, phone)


@pytest.mark.parametrize("kind", ["close", "reset", "stall", "half_reply", "huge_length", "garbage", "wrong_keys"])
def test_a_usbmuxd_that_fails_is_an_error_with_a_name(bench: Bench, phone: VirtualIphone, kind: str) -> None:
    bench.usbmuxd.faults.add("usbmuxd", "ListDevices", kind)
    began = monotonic()
    with pytest.raises(RpcError) as caught:
        bench.find(phone.udid)
    assert caught.value.kind in ("timeout", "device_protocol_error")
    assert bench.listed() == []
    assert monotonic() - began < 4
    works_again(bench, phone)


@pytest.mark.parametrize("kind", ["stall", "close", "garbage"])
@pytest.mark.parametrize("service", [DIAGNOSTICS, MCINSTALL, CRASH])
def test_a_broken_service_costs_only_its_own_reads(
    bench: Bench, phone: VirtualIphone, service: str, kind: str,
) -> None:
    phone.faults.add(service, "*", kind)
    # For a stall: time enough for everything else on a busy machine.
    observed = observe_in_time(bench, phone, 2.0 if kind == "stall" else AMPLE_S)
    own = {DIAGNOSTICS: "diagnostics_relay", MCINSTALL: "mcinstall", CRASH: "afc.crashreports"}[service]
    reason = {"stall": "timeout", "close": "disconnected", "garbage": "unreadable"}[kind]
    assert {answer for read, answer in observed.answers.items() if read.service == own} == {Unread(reason)}
    others = [answer for read, answer in observed.answers.items() if read.service != own]
    assert {answer.reason for answer in others if isinstance(answer, Unread)} <= {"key_missing"}
    assert observed.state == "ready"
    assert "partial_data" in observed.warnings
    assert ("timeout" in observed.warnings) == (kind == "stall")


def test_a_service_that_lockdownd_cannot_start_holds_up_nobody_else(bench: Bench, phone: VirtualIphone) -> None:
    phone.faults.add("lockdown", "StartService", "stall", times=1)
    observed = bench.observe(phone, ALL_READS, 3.0)
    silent = {read.service for read, answer in observed.answers.items() if answer == Unread("timeout")}
    assert len(silent) == 1
    assert observed.answers[reads.FIND_MY] is False


def test_a_phone_that_leaves_before_it_said_anything_is_an_error(bench: Bench, phone: VirtualIphone) -> None:
    phone.faults.add("lockdown", "GetValue", "unplug")
    assert observe_in_time(bench, phone, AMPLE_S) == "device_disconnected"


def test_a_phone_that_leaves_in_the_middle_keeps_what_it_said(bench: Bench, phone: VirtualIphone) -> None:
    phone.faults.add("lockdown", "GetValue", "unplug", skip=2)
    observed = observe_in_time(bench, phone, AMPLE_S)
    assert observed.state == "offline"
    assert "device_disconnected" in observed.warnings
    assert observed.answers[reads.ALL_VALUES]["ProductType"]
    assert Unread("disconnected") in observed.answers.values()


def test_a_phone_that_is_not_there_is_not_found(bench: Bench, phone: VirtualIphone) -> None:
    bench.usbmuxd.unplug(phone.udid)
    assert bench.find(phone.udid) is None
    assert observe_in_time(bench, phone, AMPLE_S) == "device_not_found"


def test_an_answer_that_trickles_is_waited_for(bench: Bench, phone: VirtualIphone) -> None:
    phone.faults.add(MCINSTALL, "GetProfileList", "trickle", interval_s=0.0001)
    assert isinstance(bench.observe(phone).answers[reads.PROFILES], dict)


def test_the_answer_is_there_before_the_deadline(bench: Bench, phone: VirtualIphone) -> None:
    phone.faults.add("lockdown", "*", "stall")
    call = bench.call(1.0)
    device = bench.find(phone.udid)
    assert device is not None
    from pyworker.ios.platform import IOS

    observed = IOS.observe(call, device, ALL_READS)
    assert call.remaining() > 0
    assert set(observed.answers.values()) == {Unread("timeout")}
    assert observed.state == "offline"
    assert "timeout" in observed.warnings
