"""The smaller signals: storage, protection, jailbreak signs, SIM, what the phone was sold as, its clock."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyworker.findings import MISSING, REASONS, Unread
from pyworker.ios import clock, jailbreak, reads, registry, regulatory, security, sim, storage
from pyworker.probes import Observations, judge_all, parsed

SESSION_VALUES = {"SerialNumber": "F17", "ActivationState": "Activated", "PasswordProtected": False,
    "ProductVersion": "18.5"}
PUBLIC_VALUES = {"ProductType": "iPhone14,5", "ProductVersion": "18.5", "UniqueDeviceID": "0"}


def judged(judge, answers):
    return judge(Observations(parsed(answers)))


def values(**more):
    return {reads.ALL_VALUES: {**SESSION_VALUES, **more}, reads.FIND_MY: False}


# --- storage ------------------------------------------------------------------------------------------------------

DISK = {"TotalDiskCapacity": 128_000_000_000, "TotalDataCapacity": 110_000_000_000,
    "TotalDataAvailable": 30_000_000_000,
        "AmountDataAvailable": 29_790_284_800, "AmountDataReserved": 209_715_200, "NANDInfo": b"\1\0\0\0"}
FILE_SYSTEM = {"FSTotalBytes": "127881465856", "FSFreeBytes": "1881465856", "FSBlockSize": "4096",
    "Model": "iPhone14,5"}


def test_storage_is_given_by_source_and_wear_is_not_exposed():
    finding = judged(storage.storage_health, {reads.DISK_USAGE: DISK, reads.FILE_SYSTEM: FILE_SYSTEM})
    assert finding.value == {
        "total_bytes": 128_000_000_000, "data_bytes": 110_000_000_000, "free_bytes": 29_790_284_800,
        "reserved_bytes": 209_715_200, "file_system_total_bytes": 127_881_465_856,
        "file_system_free_bytes": 1_881_465_856,
        "wear_used_percent": None}
    assert finding.unknown == {"wear_used_percent": "not_exposed"}
    assert finding.notes == ("free_space_excludes_purgeable",)


def test_one_storage_source_that_fails_costs_only_its_members():
    finding = judged(storage.storage_health, {reads.DISK_USAGE: DISK, reads.FILE_SYSTEM: Unread("locked")})
    assert finding.value["free_bytes"] == 29_790_284_800
    assert finding.unknown["file_system_free_bytes"] == "locked"


def test_free_room_is_what_is_free_to_the_user_however_much_more_the_total_claims():
    disk = {**DISK, "TotalDataAvailable": 69_700_000_000, "AmountDataAvailable": 30_700_000_000}
    assert judged(storage.storage_health, {reads.DISK_USAGE: disk}).value["free_bytes"] == 30_700_000_000


def test_free_room_falls_back_to_the_total():
    disk = {key: value for key, value in DISK.items() if key != "AmountDataAvailable"}
    assert judged(storage.storage_health, {reads.DISK_USAGE: disk}).value["free_bytes"] == 30_000_000_000


@pytest.mark.parametrize(("key", "value", "member"), [
    ("AmountDataAvailable", 500_000_000_000, "free_bytes"), ("TotalDataCapacity", 200_000_000_000, "data_bytes"),
    ("TotalDiskCapacity", 5, "total_bytes"), ("AmountDataAvailable", -1, "free_bytes")])
def test_sizes_that_cannot_be_right_are_implausible(key, value, member):
    finding = judged(storage.storage_health, {reads.DISK_USAGE: {**DISK, key: value}})
    assert finding.unknown[member] == "implausible"


def test_wear_is_taken_where_a_source_gives_it():
    line = json.dumps({"name": "massStorage_NANDInfo",
        "message": {"com.apple.NANDInfo.Health.MaxPercentageNANDUsed": 7}})
    finding = judged(storage.storage_health, {reads.ANALYTICS: {"path": "a", "data": line}})
    assert finding.value["wear_used_percent"] == 7


# --- protection ---------------------------------------------------------------------------------------------------

def test_protection_says_what_it_does_not_mean():
    finding = judged(security.security_state, {
        **values(PasswordProtected=True), reads.DEVELOPER_MODE: True, reads.BACKUP_ENCRYPTION: False})
    assert finding.value == {
        "password_protected": True, "trusted": True, "developer_mode": True, "backup_encrypted": False,
        "passcode_set": None}
    assert finding.unknown == {"passcode_set": "not_exposed"}
    assert "password_protected_means_locked_now" in finding.notes


def test_an_untrusted_phone_is_known_to_be_untrusted_and_the_rest_is_not_paired():
    silent = {read: Unread("not_paired") for read in reads.ALL} | {reads.ALL_VALUES: PUBLIC_VALUES}
    finding = judged(security.security_state, silent)
    assert finding.value["trusted"] is False
    assert finding.unknown["password_protected"] == "not_paired"


def test_an_activation_state_told_to_anybody_makes_no_session():
    public = {**PUBLIC_VALUES, "ActivationState": "Activated"}
    silent = {read: Unread("not_paired") for read in reads.ALL} | {reads.ALL_VALUES: public}
    finding = judged(security.security_state, silent)
    assert (finding.value["trusted"], finding.unknown["password_protected"]) == (False, "not_paired")


def test_a_phone_in_a_session_trusts_whatever_it_refuses():
    finding = judged(security.security_state, {**values(), reads.FIND_MY: Unread("refused")})
    assert finding.value["trusted"] is True


def test_a_phone_that_was_not_unlocked_may_trust_or_not():
    silent = {read: Unread("locked") for read in reads.ALL} | {reads.ALL_VALUES: PUBLIC_VALUES}
    finding = judged(security.security_state, silent)
    assert finding.value is None
    assert finding.unknown["trusted"] == "locked"


@pytest.mark.parametrize(("version", "reason"), [("15.8.2", "unsupported"), ("16.0", "key_missing"), ("",
    "key_missing"), (5, "key_missing")])
def test_developer_mode_came_with_16(version, reason):
    finding = judged(security.security_state, {**values(ProductVersion=version), reads.DEVELOPER_MODE: MISSING})
    assert finding.unknown["developer_mode"] == reason


# --- jailbreak signs ----------------------------------------------------------------------------------------------

def report(path, **header):
    line = {"bug_type": "109", "app_name": "X", **header}
    return {"path": path, "modified": 0, "data": json.dumps(line) + "\nIncident Identifier: 0\n"}


CLEAN = {reads.APPS: {"com.example.game": {"CFBundleIdentifier": "com.example.game"}}, reads.AFC2: False,
         reads.REPORT_HEADS: [report("X-2026-01-01-000000.ips")], reads.SYNCED_REPORT_HEADS: []}


def test_without_a_sign_the_finding_says_that_this_is_no_proof():
    finding = judged(jailbreak.jailbreak_signs, CLEAN)
    assert finding.value == {"signs_seen": False, "apps": [], "afc2_answers": False, "blamed_libraries": [],
                             "crash_reporter_of_a_jailbreak": False}
    assert finding.notes == ("no_signs_is_no_proof",)
    assert not finding.spoofable


@pytest.mark.parametrize(("answers", "member", "value"), [
    ({reads.APPS: {"org.coolstar.SileoStore": {}, "com.saurik.cydia": {}, "com.example.diary": {}}}, "apps",
    ["Cydia", "Sileo"]),
    ({reads.AFC2: True}, "afc2_answers", True),
    ({reads.REPORT_HEADS: [report("a.ips", blame=["/usr/lib/libfoo.dylib",
    "/Library/MobileSubstrate/MobileSubstrate.dylib"])]},
     "blamed_libraries", ["MobileSubstrate.dylib", "libfoo.dylib"]),
    ({reads.SYNCED_REPORT_HEADS: [report("a.ips.synced", blame=[])]}, "crash_reporter_of_a_jailbreak", True)])
def test_each_sign_is_seen_and_makes_the_phone_spoofable(answers, member, value):
    finding = judged(jailbreak.jailbreak_signs, {**CLEAN, **answers})
    assert finding.value[member] == value
    assert finding.value["signs_seen"] is True
    assert finding.spoofable


def test_a_source_that_was_not_heard_keeps_the_question_open():
    for read in CLEAN:
        finding = judged(jailbreak.jailbreak_signs, {**CLEAN, read: Unread("timeout")})
        assert finding.value["signs_seen"] is None
        assert finding.unknown["signs_seen"] == "timeout"
    assert judged(jailbreak.jailbreak_signs, {**CLEAN, reads.APPS: Unread("timeout"),
        reads.AFC2: True}).value["signs_seen"] is True


def test_apps_of_no_interest_are_named_nowhere():
    finding = judged(jailbreak.jailbreak_signs, {**CLEAN, reads.APPS: {"com.example.diary": {}}})
    assert "diary" not in json.dumps(finding.as_json())


# --- SIM ----------------------------------------------------------------------------------------------------------

def test_sim_values_are_words_and_hints():
    finding = judged(sim.sim_state, values(
        TelephonyCapability=True, SIMStatus="kCTSIMSupportSIMStatusOperatorLocked",
        SIMTrayStatus="kCTSIMSupportSIMTrayInsertedWithSIM", kCTPostponementStatus="kCTPostponementStatusActivated",
        BasebandStatus="BBInfoAvailable", CarrierBundleInfoArray=[{
            "CFBundleIdentifier": "com.apple.Example_xx", "MCC": "262", "MNC": "01",
            "InternationalMobileSubscriberIdentity": "2620",
            "SIMGID1": b"\xff"}]))
    assert finding.value == {
        "status": "operator_locked", "tray": "inserted_with_sim", "postponement": "activated",
        "baseband": "BBInfoAvailable",
        "carriers": [{"bundle": "com.apple.Example_xx", "mcc": "262", "mnc": "01"}]}
    assert finding.notes == ("carrier_lock_is_not_readable",)
    assert "2620" not in json.dumps(finding.as_json())


def test_a_device_without_telephony_has_no_sim():
    assert judged(sim.sim_state, values(TelephonyCapability=False)).reason == "not_applicable"


def test_an_empty_list_of_carriers_and_an_empty_status_are_missing():
    finding = judged(sim.sim_state, values(SIMStatus="", CarrierBundleInfoArray=[], BasebandStatus="BBInfoAvailable"))
    assert finding.unknown["carriers"] == finding.unknown["status"] == "key_missing"


# --- what it was sold as, and its clock ---------------------------------------------------------------------------

def test_region_and_numbers():
    finding = judged(regulatory.regulatory, {
        **values(ModelNumber="MLPG3", RegionInfo="LL/A"),
        reads.DEVICE_TREE: {"regulatory-model-number": b"A2482" + b"\0" * 27}})
    assert finding.value == {
        "region": "LL/A", "model_number": "MLPG3LL/A", "regulatory_model": "A2482", "unit_kind": "retail"}


@pytest.mark.parametrize(("number", "kind"), [("FLPG3", "refurbished"), ("NLPG3", "replacement"), ("PLPG3",
    "personalised"), ("3H480", None)])
def test_the_first_letter_tells_how_the_unit_was_sold(number, kind):
    assert judged(regulatory.regulatory, values(ModelNumber=number)).value["unit_kind"] == kind


def test_the_clock_is_the_phones_own():
    finding = judged(clock.clock, values(TimeIntervalSince1970=1791180012.5, TimeZone="Europe/Berlin",
        TimeZoneOffsetFromUTC=7200.0))
    assert finding.value == {"time": "2026-10-05T06:00:12Z", "time_zone": "Europe/Berlin", "utc_offset_s": 7200.0}


@pytest.mark.parametrize("seconds", [0, -5, 1e18, 10 ** 400])
def test_a_time_that_cannot_be_is_null(seconds):
    assert judged(clock.clock, values(TimeIntervalSince1970=seconds, TimeZone="UTC")).value["time"] is None


def test_uptime_is_not_exposed():
    assert judged(clock.uptime, values()).reason == "not_exposed"


# --- all of them --------------------------------------------------------------------------------------------------

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.binary(max_size=8), st.datetimes(),
    st.sampled_from([10 ** 400, 2 ** 64, float("nan")]))
KNOWN_KEYS = sorted({key for probe in registry.PROBES for witness in probe.witnesses for key in witness.key.split(".")})
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.one_of(st.sampled_from(KNOWN_KEYS), st.text(max_size=3), st.integers()), inner, max_size=5), max_leaves=15)


@settings(max_examples=600, deadline=None)
@given(st.dictionaries(st.sampled_from(reads.ALL), st.one_of(st.sampled_from(sorted(REASONS)).map(Unread), ANYTHING)))
def test_no_answer_of_any_type_makes_any_judge_raise(answers):
    for finding in judge_all(registry.PROBES, Observations(parsed(answers))).values():
        json.dumps(finding.as_json(), allow_nan=False)


def test_every_probe_is_independent_of_the_others_failing():
    silent = {read: Unread("timeout") for read in reads.ALL}
    for name, finding in judge_all(registry.PROBES, Observations(parsed(silent))).items():
        assert finding.value is None, name
        assert finding.reason in ("timeout", "not_applicable", "not_exposed"), name
