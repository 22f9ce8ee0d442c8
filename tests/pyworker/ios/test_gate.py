"""The gate: nothing passes that is not listed, and everything that is asked is."""

from __future__ import annotations

import pytest
from gate_referee import NEVER, unlisted
from hypothesis import given
from hypothesis import strategies as st

from pyworker.ios import gate, reads
from pyworker.ios.fetch import _CONVERSATIONS
from pyworker.virtual.iphone import Request


@pytest.mark.parametrize("request_name", [
    "Pair", "Unpair", "ValidatePair", "SetValue", "RemoveValue", "EnterRecovery", "Activate", "Deactivate", "QueryType",
    "getvalue", "",
])
def test_lockdownd_is_asked_for_nothing_but_values_sessions_and_services(request_name: str) -> None:
    with pytest.raises(gate.NotListed):
        gate.check_lockdown({"Label": gate.LABEL, "Request": request_name})


@pytest.mark.parametrize("service", [
    "com.apple.crashreportmover", "com.apple.mobile.heartbeat", "com.apple.mobilebackup2", "com.apple.misagent",
    "com.apple.mobile.mobile_image_mounter", "com.apple.mobile.notification_proxy", "com.apple.amfi.lockdown", "",
])
def test_a_service_that_is_not_listed_is_not_started(service: str) -> None:
    with pytest.raises(gate.NotListed):
        gate.check_lockdown({"Label": gate.LABEL, "Request": "StartService", "Service": service})


def test_the_escrow_bag_is_never_sent() -> None:
    message = {"Label": gate.LABEL, "Request": "StartService", "Service": "com.apple.afc"}
    gate.check_lockdown(message)
    with pytest.raises(gate.NotListed):
        gate.check_lockdown({**message, "EscrowBag": b"bag"})


def test_a_domain_that_is_not_listed_is_not_read() -> None:
    gate.check_lockdown({"Label": gate.LABEL, "Request": "GetValue", "Domain": "com.apple.fmip", "Key": "IsAssociated"})
    with pytest.raises(gate.NotListed):
        gate.check_lockdown({"Label": gate.LABEL, "Request": "GetValue", "Domain": "com.apple.mobile.data_sync"})


@pytest.mark.parametrize("verb", ["Restart", "Shutdown", "Sleep", "MobileGestalt", "Goodbye", "restart"])
def test_diagnostics_that_change_the_phone_do_not_pass(verb: str) -> None:
    with pytest.raises(gate.NotListed):
        gate.check_request("com.apple.mobile.diagnostics_relay", {"Request": verb})


@pytest.mark.parametrize("verb", [
    "Flush", "Escalate", "EscalateResponse", "ProceedWithKeybagMigration", "StoreProfile", "SetCloudConfiguration",
    "EstablishProvisionalEnrollment", "SetWiFiPowerState", "EraseDevice", "InstallProfile", "InstallProfileSilent",
    "RemoveProfile",
])
def test_management_is_only_read(verb: str) -> None:
    with pytest.raises(gate.NotListed):
        gate.check_request("com.apple.mobile.MCInstall", {"RequestType": verb})


@pytest.mark.parametrize("mode", [0, 2, 3, 4, 5, 6, 1 << 32 | 1])
def test_a_file_is_opened_for_reading_or_not_at_all(mode: int) -> None:
    service = "com.apple.crashreportcopymobile"
    gate.check_afc(service, gate.FILE_OPEN, (1).to_bytes(8, "little") + b"/x\0")
    with pytest.raises(gate.NotListed):
        gate.check_afc(service, gate.FILE_OPEN, mode.to_bytes(8, "little") + b"/x\0")


def test_of_afc_only_six_operations_pass() -> None:
    passed = set()
    for operation in range(0x40):
        try:
            gate.check_afc("com.apple.crashreportcopymobile", operation, (1).to_bytes(8, "little"))
        except gate.NotListed:
            continue
        passed.add(operation)
    assert passed == {0x03, 0x0A, 0x0D, 0x0F, 0x14}


def test_the_media_folder_is_measured_and_not_read() -> None:
    gate.check_afc("com.apple.afc", gate.GET_DEVICE_INFO, b"")
    for operation in (gate.READ_DIR, gate.GET_FILE_INFO, gate.FILE_OPEN):
        with pytest.raises(gate.NotListed):
            gate.check_afc("com.apple.afc", operation, (1).to_bytes(8, "little"))


@pytest.mark.parametrize("flags", [0x20, 0x3C, 0x24, 0xFFFFFFFF, -1, "60", True])
def test_a_log_stream_never_switches_the_phone_into_debugging(flags: object) -> None:
    message = {"Request": "StartActivity", "Pid": 0xFFFFFFFF, "MessageFilter": 0xFFFF, "StreamFlags": flags}
    with pytest.raises(gate.NotListed):
        gate.check_request("com.apple.os_trace_relay", message)


def test_each_read_of_the_catalogue_may_be_sent() -> None:
    for read in reads.ALL:
        if read.service == "lockdown":
            options = dict(zip(("Domain", "Key"), read.argument, strict=False))
            gate.check_lockdown({"Label": gate.LABEL, "Request": read.request, **options})
        elif read.service == "service":
            gate.check_lockdown({"Label": gate.LABEL, "Request": "StartService", "Service": read.argument[0]})
        else:
            assert _CONVERSATIONS[read.service][0] in gate.SERVICES


def test_nothing_is_listed_that_no_read_and_no_log_needs() -> None:
    asked = {_CONVERSATIONS[read.service][0] for read in reads.ALL if read.service in _CONVERSATIONS}
    asked |= {read.argument[0] for read in reads.ALL if read.service == "service"}
    logs = {"com.apple.os_trace_relay", "com.apple.syslog_relay"}
    assert set(gate.SERVICES) == asked | logs
    assert {read.argument[0] for read in reads.ALL if read.service == "lockdown" and read.argument} == gate.DOMAINS


@given(st.dictionaries(st.text(max_size=12), st.one_of(st.text(), st.integers(), st.binary()), max_size=5))
def test_whatever_is_no_listed_request_is_refused(message: dict[str, object]) -> None:
    for service, rules in gate.SERVICES.items():
        with pytest.raises(gate.NotListed):
            gate.check_request(service, {**message, getattr(rules, "verb", ""): "Erase"})
    with pytest.raises(gate.NotListed):
        gate.check_usbmux({**message, "MessageType": "SavePairRecord"})


@given(st.text(max_size=20), st.one_of(st.text(), st.integers(), st.none()))
def test_a_member_that_is_not_listed_stops_a_listed_request(name: str, value: object) -> None:
    message = {"Request": "GasGauge", name: value}
    if name != "Request":
        with pytest.raises(gate.NotListed):
            gate.check_request("com.apple.mobile.diagnostics_relay", message)


def test_the_list_can_be_printed() -> None:
    rows = gate.listing()
    assert all(row.receiver and row.request and row.why for row in rows)
    assert len({(row.receiver, row.request) for row in rows}) == len(rows)
    assert not NEVER & {row.request for row in rows}
    assert any(row.request == "AFC FileRefOpen (0x0d)" and row.limits == "mode: 1 (read)" for row in rows)
    flags = next(row.limits for row in rows if row.request == "StartActivity")
    assert flags == "Pid: -1, 4294967295; MessageFilter: 65535; StreamFlags: 4, 12, 20, 28"


@pytest.mark.parametrize("asked", [
    Request("lockdown", "Pair", {"Label": gate.LABEL}),
    Request("lockdown", "GetValue", {"Label": gate.LABEL, "Domain": "com.apple.mobile.wireless_lockdown"}),
    Request("com.apple.crashreportmover", "connect", {}),
    Request("com.apple.afc2", "connect", {}),
    Request("com.apple.crashreportcopymobile", "FileRefOpen", {"mode": 2, "path": "/x"}),
    Request("com.apple.crashreportcopymobile", "RemovePath", {"path": "/x"}),
    Request("com.apple.mobile.diagnostics_relay", "IORegistry", {"CurrentPlane": "IOService"}),
])
def test_the_referee_sees_a_foul(asked: Request) -> None:
    assert unlisted([asked]) == [asked]
