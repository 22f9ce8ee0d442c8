"""How a phone stands: each state with what can still be read, a warning, a hint, and the reason for the rest."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import pytest
from ios_bench import ALL_READS, BASIC_READS

from pyworker.findings import Unread
from pyworker.ios import reads
from pyworker.ios.standing import (
    BEFORE_FIRST_UNLOCK,
    DAMAGED_RECORD,
    DENIED,
    DIALOG_PENDING,
    GARBLED,
    LOCKED,
    NEVER_TRUSTED,
    NO_RECORD,
    READY,
    SESSION_REFUSED,
    SILENT,
    STALE_RECORD,
    TLS_REFUSED,
    Standing,
)
from pyworker.virtual.iphone import VirtualIphone, pairing

if TYPE_CHECKING:
    from ios_bench import Bench

PUBLIC = {"ProductType", "ProductVersion", "UniqueDeviceID", "UniqueChipID", "DeviceName"}


def stands_as(observed: Any, standing: Standing) -> None:
    assert (observed.state, observed.hint) == (standing.state, standing.hint)
    assert standing.warning in (*observed.warnings, "")


def only_public_values(observed: Any, reason: str) -> None:
    """All values are the public ones, and every other read says why it has none."""
    values = observed.answers[reads.ALL_VALUES]
    assert values.keys() >= PUBLIC
    assert not values.keys() & {"SerialNumber", "ActivationState"}
    others = {answer for read, answer in observed.answers.items() if read is not reads.ALL_VALUES}
    assert others == {Unread(reason)}


def tls_1_3(*, knows_this_computer: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    made = pairing.identities()
    if knows_this_computer:
        context.load_verify_locations(cadata=made.root.certificate.decode())
    with pairing._as_file(made.device.certificate + made.device.key) as path:
        context.load_cert_chain(path)
    return context


def test_a_certificate_that_is_refused_after_the_handshake_is_refused_trust(
    bench: Bench, phone: VirtualIphone, monkeypatch: pytest.MonkeyPatch,
) -> None:
    context = tls_1_3(knows_this_computer=False)
    monkeypatch.setattr(pairing, "server_context", lambda: context)
    observed = bench.observe(phone)
    stands_as(observed, TLS_REFUSED)
    only_public_values(observed, "not_paired")


def test_a_phone_of_tls_1_3_answers_everything(
    bench: Bench, phone: VirtualIphone, monkeypatch: pytest.MonkeyPatch,
) -> None:
    context = tls_1_3(knows_this_computer=True)
    monkeypatch.setattr(pairing, "server_context", lambda: context)
    observed = bench.observe(phone)
    stands_as(observed, READY)
    assert not [answer for answer in observed.answers.values() if isinstance(answer, Unread)]


def test_a_trusted_phone_answers_everything(bench: Bench, phone: VirtualIphone) -> None:
    observed = bench.observe(phone)
    stands_as(observed, READY)
    assert observed.connection == "usb"
    assert list(observed.warnings) == []
    assert not [answer for answer in observed.answers.values() if isinstance(answer, Unread)]
    assert observed.answers[reads.ALL_VALUES]["SerialNumber"]


@pytest.mark.parametrize(("state", "standing", "reason"), [
    ("untrusted", NEVER_TRUSTED, "not_paired"),
    ("dialog_pending", NEVER_TRUSTED, "not_paired"),
    ("denied", NEVER_TRUSTED, "not_paired"),
    ("stale_record", STALE_RECORD, "not_paired"),
    ("before_first_unlock", BEFORE_FIRST_UNLOCK, "locked"),
])
def test_without_a_session_the_public_values_stay(
    bench: Bench, phone: VirtualIphone, state: str, standing: Standing, reason: str,
) -> None:
    phone.state = state
    observed = bench.observe(phone)
    stands_as(observed, standing)
    only_public_values(observed, reason)
    assert "partial_data" in observed.warnings


@pytest.mark.parametrize(("word", "standing"), [
    ("PairingDialogResponsePending", DIALOG_PENDING),
    ("UserDeniedPairing", DENIED),
    ("InvalidHostID", STALE_RECORD),
    ("PasswordProtected", BEFORE_FIRST_UNLOCK),
    ("MCProtected", SESSION_REFUSED),
    ("SomethingNew", SESSION_REFUSED),
])
def test_lockdownds_word_for_no_decides_the_hint(
    bench: Bench, phone: VirtualIphone, word: str, standing: Standing,
) -> None:
    phone.faults.add("lockdown", "StartSession", "wrong_keys", value={"Request": "StartSession", "Error": word})
    observed = bench.observe(phone)
    stands_as(observed, standing)
    only_public_values(observed, standing.reason)


def test_a_phone_that_is_locked_now_says_so_and_answers_the_rest(bench: Bench, phone: VirtualIphone) -> None:
    phone.state = "locked"
    observed = bench.observe(phone, ALL_READS)
    stands_as(observed, LOCKED)
    assert observed.answers[reads.FILE_SYSTEM] == Unread("locked")
    assert observed.answers[reads.FIND_MY] is False
    assert "partial_data" in observed.warnings


def test_one_service_that_wants_the_passcode_costs_only_itself(bench: Bench, phone: VirtualIphone) -> None:
    phone.description["services"] = {"refused": {"com.apple.mobile.MCInstall": "PasswordProtected"}}
    observed = bench.observe(phone)
    stands_as(observed, LOCKED)
    assert observed.answers[reads.PROFILES] == Unread("locked")
    assert observed.answers[reads.CLOUD_CONFIGURATION] == Unread("locked")
    assert observed.answers[reads.NVRAM_OPTIONS] == bench.observe(phone).answers[reads.NVRAM_OPTIONS]


@pytest.mark.parametrize(("word", "reason"), [
    ("InvalidService", "unsupported"), ("ServiceProhibited", "refused"), ("ServiceLimit", "refused"),
])
def test_a_service_that_is_refused_has_its_reason(
    bench: Bench, phone: VirtualIphone, word: str, reason: str,
) -> None:
    phone.description["services"] = {"refused": {"com.apple.mobile.diagnostics_relay": word}}
    observed = bench.observe(phone)
    assert observed.answers[reads.NVRAM_OPTIONS] == Unread(reason)
    assert isinstance(observed.answers[reads.PROFILES], dict)


def test_a_value_that_is_not_there_is_missing_and_not_no(bench: Bench, phone: VirtualIphone) -> None:
    del phone.description["lockdown"]["domains"]["com.apple.fmip"]
    observed = bench.observe(phone)
    assert observed.answers[reads.FIND_MY] == Unread("key_missing")
    assert list(observed.warnings) == []


def test_a_value_that_is_forbidden_in_a_session_is_refused(bench: Bench, phone: VirtualIphone) -> None:
    no = {"Request": "GetValue", "Error": "GetProhibited"}
    phone.faults.add("lockdown", "GetValue", "wrong_keys", value=no, skip=1)
    observed = bench.observe(phone)
    assert observed.answers[reads.FIND_MY] == Unread("refused")


def test_a_service_without_tls_is_spoken_to_in_the_clear(bench: Bench, phone: VirtualIphone) -> None:
    phone.description["services"] = {"plain": ["com.apple.mobile.MCInstall", "com.apple.mobile.diagnostics_relay"]}
    observed = bench.observe(phone)
    assert isinstance(observed.answers[reads.PROFILES], dict)
    assert isinstance(observed.answers[reads.NVRAM_OPTIONS], dict)


def test_a_jailbreaks_service_is_noticed_and_left_alone(bench: Bench, phone: VirtualIphone) -> None:
    assert bench.observe(phone, (reads.AFC2,)).answers[reads.AFC2] is False
    phone.description["services"] = {"extra": ["com.apple.afc2"]}
    connections = bench.usbmuxd.connections
    assert bench.observe(phone, (reads.AFC2,)).answers[reads.AFC2] is True
    assert bench.usbmuxd.connections == connections + 2  # the listing, and lockdownd


@pytest.mark.parametrize("kind", ["tls_fail", "close"])
def test_a_session_that_ends_in_its_handshake_twice_is_no_trust(bench: Bench, phone: VirtualIphone, kind: str) -> None:
    phone.faults.add("lockdown", "TLS", kind)
    observed = bench.observe(phone)
    stands_as(observed, TLS_REFUSED)
    only_public_values(observed, "not_paired")


def test_a_session_that_ends_in_its_handshake_once_is_tried_again(bench: Bench, phone: VirtualIphone) -> None:
    phone.faults.add("lockdown", "TLS", "close", times=1)
    stands_as(bench.observe(phone), READY)


def test_a_silent_session_leaves_the_public_values(bench: Bench, phone: VirtualIphone) -> None:
    phone.faults.add("lockdown", "TLS", "tls_stall")
    observed = bench.observe(phone, timeout_s=2.0)
    stands_as(observed, SILENT)
    only_public_values(observed, "timeout")


def test_a_phone_that_speaks_nonsense_is_told_apart_from_one_that_is_silent(bench: Bench, phone: VirtualIphone) -> None:
    phone.faults.add("lockdown", "StartSession", "garbage")
    observed = bench.observe(phone)
    stands_as(observed, GARBLED)
    only_public_values(observed, "unreadable")


def damaged(**changes: Any) -> bytes:
    import plistlib

    record = plistlib.loads(pairing.pair_record(VirtualIphone.load("iphone-clean").udid, "", stale=False))
    record.update(changes)
    return plistlib.dumps({name: value for name, value in record.items() if value is not None})


@pytest.mark.parametrize("record", [
    b"noise", b"", damaged(HostID=None), damaged(HostID=7), damaged(HostCertificate=b"no certificate"),
    damaged(HostPrivateKey=b"no key"), damaged(HostPrivateKey=None), damaged(SystemBUID=[]),
    damaged(HostPrivateKey=b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIBAA==\n-----END ENCRYPTED PRIVATE KEY-----\n"),
    damaged(HostCertificate=b"x" * 100_000),
])
def test_a_damaged_record_is_no_trust_and_no_crash(bench: Bench, phone: VirtualIphone, record: bytes) -> None:
    phone.faults.add("usbmuxd", "ReadPairRecord", "wrong_keys", value={"PairRecordData": record})
    observed = bench.observe(phone)
    stands_as(observed, DAMAGED_RECORD)
    only_public_values(observed, "not_paired")


def test_a_usbmuxd_that_does_not_give_the_record_costs_only_the_session(bench: Bench, phone: VirtualIphone) -> None:
    phone.faults.add("usbmuxd", "ReadPairRecord", "stall")
    observed = bench.observe(phone, timeout_s=2.0)
    stands_as(observed, NO_RECORD)
    only_public_values(observed, "timeout")


def test_a_hint_never_holds_an_exceptions_text(bench: Bench, phone: VirtualIphone) -> None:
    hints = {NEVER_TRUSTED.hint, STALE_RECORD.hint, BEFORE_FIRST_UNLOCK.hint, LOCKED.hint, ""}
    for state in ("trusted", "untrusted", "stale_record", "before_first_unlock", "locked", "dialog_pending", "denied"):
        phone.state = state
        assert bench.observe(phone, BASIC_READS).hint in hints


def test_reads_are_few_and_services_one_connection_each(bench: Bench, phone: VirtualIphone) -> None:
    bench.observe(phone, ALL_READS)
    started = [request.detail["Service"] for request in phone.record if request.request == "StartService"]
    assert len(started) == len(set(started))
    # The listing, one for record and lockdownd together, and one a service that was granted.
    assert bench.usbmuxd.connections <= bench.usbmuxd.services_started + 2
