"""Who may read what from a virtual iPhone, in each state a real one can be in."""

from __future__ import annotations

import plistlib
import ssl
import struct
from typing import TYPE_CHECKING

import pytest
from clients.raw_iphone import Ended, Lockdown, PropertyLists, pair_record, tls_context, with_session

from pyworker.virtual.iphone import VirtualIphone, VirtualUsbmuxd

if TYPE_CHECKING:
    from collections.abc import Iterator

Bench = tuple[VirtualUsbmuxd, VirtualIphone]


@pytest.fixture
def bench() -> Iterator[Bench]:
    phone = VirtualIphone.load("iphone-clean")
    with VirtualUsbmuxd([phone]) as usbmuxd:
        yield usbmuxd, phone


def asked(phone: VirtualIphone) -> list[tuple[str, str]]:
    return [(request.service, request.request) for request in phone.record]


# -- without a session ---------------------------------------------------------------------------------------------


def test_without_a_session_only_the_public_values_are_told(bench: Bench) -> None:
    usbmuxd, phone = bench
    with Lockdown(usbmuxd.address, phone.udid) as lockdown:
        assert lockdown.request("QueryType")["Type"] == "com.apple.mobile.lockdown"
        public = lockdown.request("GetValue")["Value"]
        assert public["ProductVersion"] == "17.6.1"
        assert public["UniqueDeviceID"] == phone.udid
        private = ("SerialNumber", "ActivationState", "InternationalMobileEquipmentIdentity", "NonVolatileRAM")
        assert not set(private) & set(public)
        assert 20 <= len(public) <= 30
        assert lockdown.request("GetValue", Key="ProductType")["Value"] == "iPhone14,5"
        assert lockdown.request("GetValue", Key="SerialNumber")["Error"] == "GetProhibited"
        assert lockdown.request("GetValue", Domain="com.apple.fmip", Key="IsAssociated")["Error"] == "GetProhibited"


def test_services_and_the_end_of_a_session_need_a_session(bench: Bench) -> None:
    usbmuxd, phone = bench
    with Lockdown(usbmuxd.address, phone.udid) as lockdown:
        assert lockdown.request("StartService", Service="com.apple.afc")["Error"] == "SessionInactive"
        assert lockdown.request("StopSession", SessionID="x")["Error"] == "SessionInactive"


@pytest.mark.parametrize(("state", "word"), [
    ("untrusted", "InvalidHostID"), ("dialog_pending", "InvalidHostID"), ("denied", "InvalidHostID"),
    ("stale_record", "InvalidHostID"), ("before_first_unlock", "PasswordProtected"),
    ("trusted", None), ("locked", None),
])
def test_a_session_is_given_only_to_a_host_that_is_trusted_by_an_unlocked_phone(
    bench: Bench, state: str, word: str | None,
) -> None:
    usbmuxd, phone = bench
    phone.state = state
    with Lockdown(usbmuxd.address, phone.udid) as lockdown:
        assert lockdown.start_session().get("Error") == word
        values = lockdown.request("GetValue")["Value"]
    assert ("SerialNumber" in values) == (word is None)


def test_an_untrusting_phone_names_the_host_that_waits(bench: Bench) -> None:
    usbmuxd, phone = bench
    phone.state = "untrusted"
    with Lockdown(usbmuxd.address, phone.udid) as lockdown:
        assert lockdown.request("GetValue", Key="UntrustedHostBUID")["Value"]


@pytest.mark.parametrize(("state", "word"), [
    ("untrusted", "PairingDialogResponsePending"), ("dialog_pending", "PairingDialogResponsePending"),
    ("denied", "UserDeniedPairing"), ("before_first_unlock", "PasswordProtected"),
])
def test_pairing_is_on_record_and_never_happens(bench: Bench, state: str, word: str) -> None:
    usbmuxd, phone = bench
    phone.state = state
    with Lockdown(usbmuxd.address, phone.udid) as lockdown:
        assert lockdown.request("Pair", PairRecord={})["Error"] == word
    assert ("lockdown", "Pair") in asked(phone)
    assert phone.state == state


# -- with a session ------------------------------------------------------------------------------------------------


def test_a_session_tells_everything_over_tls(bench: Bench) -> None:
    usbmuxd, phone = bench
    with with_session(usbmuxd.address, phone.udid) as lockdown:
        assert isinstance(lockdown.sock, ssl.SSLSocket)
        values = lockdown.request("GetValue")["Value"]
        assert values["NonVolatileRAM"]["fm-activation-locked"] == b"NO"
        assert values["SerialNumber"]
        assert len(values) > 60
        assert lockdown.request("StartSession", HostID="x")["Error"] == "SessionActive"


def test_missing_values_and_domains_are_told_apart(bench: Bench) -> None:
    usbmuxd, phone = bench
    with with_session(usbmuxd.address, phone.udid) as lockdown:
        assert lockdown.request("GetValue", Key="Nonsense") == {
            "Request": "GetValue", "Key": "Nonsense", "Error": "MissingValue"}
        assert lockdown.request("GetValue", Domain="com.example.none")["Value"] == {}
        assert lockdown.request("GetValue", Domain="com.example.none", Key="x")["Error"] == "MissingValue"
        # Find My answers its key and hides it from who asks for the whole domain.
        assert lockdown.request("GetValue", Domain="com.apple.fmip")["Value"] == {}
        assert lockdown.request("GetValue", Domain="com.apple.fmip", Key="IsAssociated")["Value"] is False


def test_values_changed_by_a_test_are_told_from_the_next_request_on(bench: Bench) -> None:
    usbmuxd, phone = bench
    with with_session(usbmuxd.address, phone.udid) as lockdown:
        phone.description["lockdown"]["domains"]["com.apple.fmip"]["IsAssociated"] = True
        assert lockdown.request("GetValue", Domain="com.apple.fmip", Key="IsAssociated")["Value"] is True


def test_after_stop_session_the_connection_is_plain_again(bench: Bench) -> None:
    usbmuxd, phone = bench
    with with_session(usbmuxd.address, phone.udid) as lockdown:
        assert "Error" not in lockdown.request("StopSession", SessionID=lockdown.session)
        assert isinstance(lockdown.sock, ssl.SSLSocket)
        lockdown.sock = lockdown.sock.unwrap()
        assert lockdown.request("GetValue", Key="SerialNumber")["Error"] == "GetProhibited"


def test_a_host_that_shows_no_certificate_gets_no_session(bench: Bench) -> None:
    usbmuxd, phone = bench
    with Lockdown(usbmuxd.address, phone.udid) as lockdown:
        record = pair_record(usbmuxd.address, phone.udid)
        assert record is not None
        assert "Error" not in lockdown.request("StartSession", HostID=record["HostID"])
        with pytest.raises((ssl.SSLError, OSError)):
            tls_context(None).wrap_socket(lockdown.sock).recv(1)


@pytest.mark.parametrize("format", [plistlib.FMT_XML, plistlib.FMT_BINARY])
def test_answers_come_in_the_format_of_the_question(bench: Bench, format: plistlib.PlistFormat) -> None:
    usbmuxd, phone = bench
    with Lockdown(usbmuxd.address, phone.udid) as lockdown:
        lockdown.send({"Request": "QueryType"}, format)
        (length,) = struct.unpack(">I", lockdown.read(4))
        assert lockdown.read(length).startswith(b"bplist00") == (format == plistlib.FMT_BINARY)


@pytest.mark.parametrize("verb", ["Unpair", "SetValue", "RemoveValue", "EnterRecovery", "Activate", "Deactivate"])
def test_what_would_change_the_phone_is_refused_and_on_record(bench: Bench, verb: str) -> None:
    usbmuxd, phone = bench
    before = repr(phone.description)
    with with_session(usbmuxd.address, phone.udid) as lockdown:
        assert lockdown.request(verb, Key="DeviceName", Value="x")["Error"]
    assert ("lockdown", verb) in asked(phone)
    assert repr(phone.description) == before


def test_a_valid_pairing_is_confirmed_and_a_forgotten_one_is_not(bench: Bench) -> None:
    usbmuxd, phone = bench
    for state, word in (("trusted", None), ("stale_record", "InvalidHostID")):
        phone.state = state
        record = pair_record(usbmuxd.address, phone.udid)
        with Lockdown(usbmuxd.address, phone.udid) as lockdown:
            assert lockdown.request("ValidatePair", PairRecord=record).get("Error") == word


@pytest.mark.parametrize("sent", [b"\xff\xff\xff\xff", b"\0\0\0\4<no>", b"\0\0\0\0"])
def test_what_is_no_request_ends_the_connection(bench: Bench, sent: bytes) -> None:
    usbmuxd, phone = bench
    with Lockdown(usbmuxd.address, phone.udid) as lockdown:
        lockdown.sock.sendall(sent)
        with pytest.raises((Ended, ConnectionError)):
            lockdown.read(1)


# -- services ------------------------------------------------------------------------------------------------------


def test_a_locked_phone_keeps_files_back_unless_the_escrow_bag_comes_along(bench: Bench) -> None:
    usbmuxd, phone = bench
    phone.state = "locked"
    with with_session(usbmuxd.address, phone.udid) as lockdown:
        assert lockdown.request("GetValue", Key="PasswordProtected")["Value"] is True
        with pytest.raises(PermissionError, match="PasswordProtected"):
            lockdown.start_service("com.apple.afc")
        assert lockdown.record is not None
        lockdown.start_service("com.apple.afc", EscrowBag=lockdown.record["EscrowBag"]).close()
        lockdown.start_service("com.apple.mobile.diagnostics_relay").close()


def test_unknown_services_and_refused_ones_answer_with_lockdowns_words(bench: Bench) -> None:
    usbmuxd, phone = bench
    phone.description["services"] = {"refused": {"com.apple.mobile.MCInstall": "ServiceProhibited"}}
    with with_session(usbmuxd.address, phone.udid) as lockdown:
        for name, word in (
            ("com.example.none", "InvalidService"), ("com.apple.afc2", "InvalidService"),
            ("com.apple.mobile.MCInstall", "ServiceProhibited"),
        ):
            with pytest.raises(PermissionError, match=word):
                lockdown.start_service(name)
    assert [r.detail["Service"] for r in phone.record if r.request == "StartService"] == [
        "com.example.none", "com.apple.afc2", "com.apple.mobile.MCInstall"]


def test_a_jailbroken_phone_answers_to_afc2() -> None:
    phone = VirtualIphone.load("iphone-ios15")
    with VirtualUsbmuxd([phone]) as usbmuxd, with_session(usbmuxd.address, phone.udid) as lockdown:
        lockdown.start_service("com.apple.afc2").close()


def test_a_service_refuses_a_host_without_the_certificate(bench: Bench) -> None:
    usbmuxd, phone = bench
    with with_session(usbmuxd.address, phone.udid) as lockdown:
        lockdown.record = None
        with pytest.raises((ssl.SSLError, OSError)):
            lockdown.start_service("com.apple.mobile.MCInstall").recv(1)


def test_older_systems_serve_some_services_without_tls() -> None:
    phone = VirtualIphone.load("iphone-ios12")
    with VirtualUsbmuxd([phone]) as usbmuxd, with_session(usbmuxd.address, phone.udid) as lockdown:
        for name, tls in (("com.apple.syslog_relay", False), ("com.apple.mobile.MCInstall", True)):
            with PropertyLists(lockdown.start_service(name)) as service:
                assert isinstance(service.sock, ssl.SSLSocket) == tls


def test_an_unknown_state_is_refused() -> None:
    phone = VirtualIphone.load("iphone-clean")
    with pytest.raises(ValueError, match="no such state"):
        phone.state = "asleep"
    with pytest.raises(ValueError, match="no such state"):
        VirtualIphone.from_json({"udid": "x", "state": "asleep", "lockdown": {}})
