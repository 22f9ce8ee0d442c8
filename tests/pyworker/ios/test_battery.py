"""The battery, in the shapes of different generations. The entries are invented after published registry dumps."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyworker.findings import MISSING, NOTES, REASONS, Unread
from pyworker.ios import battery, reads
from pyworker.probes import Observations, parsed

# An iPhone of 2021 with a used battery: percent at the top, mAh under Apple's raw names.
USED = {
    "AppleRawMaxCapacity": 2650, "AppleRawCurrentCapacity": 1890, "AppleRawBatteryVoltage": 3911,
    "AtCriticalLevel": False,
    "BatteryData": {"CycleCount": 512, "DesignCapacity": 3095, "MaxCapacity": 2650, "Flags": 16777216, "Voltage": 3911},
    "BatteryInstalled": True, "CurrentCapacity": 71, "CycleCount": 512, "DesignCapacity": 3095,
    "ExternalConnected": True,
    "FullyCharged": False, "InstantAmperage": 18446744073709551096, "IsCharging": False, "MaxCapacity": 100,
    "NominalChargeCapacity": 2786, "Serial": "F8Y1234567ABCDEFGH", "Temperature": 2950, "TimeRemaining": 65535,
    "Voltage": 3911,
}
# iOS 8 and 9: everything at the top, and in mAh.
OLD = {
    "CurrentCapacity": 820, "MaxCapacity": 1640, "DesignCapacity": 1751, "CycleCount": 425, "Voltage": 3842,
    "Temperature": 2780, "InstantAmperage": -310, "BatterySerialNumber": "D86400000000", "FamilyCode": -536854270,
}
# The mAh values gone from the top.
NESTED = {
    "CurrentCapacity": 58, "MaxCapacity": 92, "IsCharging": 1, "ExternalConnected": "Yes", "FullyCharged": False,
    "BatteryData": {
        "DesignCapacity": 3582, "NominalChargeCapacity": 3300, "AppleRawMaxCapacity": 3211, "CycleCount": 188,
        "AppleRawCurrentCapacity": 1850, "Voltage": 3990, "Temperature": 3107, "Serial": "G9C0000000000000"},
}
# The same under the gas gauge's names, as published for version 27.
NESTED_GAUGE = {
    "CurrentCapacity": 84, "MaxCapacity": 100, "IsCharging": False, "CycleCount": 312,
    "BatteryData": {"DesignCapacity": 4006, "NominalChargeCapacity": 3560, "FullChargeCapacity": 3490,
                    "RemainingCapacity": 2931, "MaxCapacity": 100}}
LOCKDOWN = {"BatteryCurrentCapacity": 71, "BatteryIsCharging": True, "ExternalConnected": True, "FullyCharged": False,
            "HasBattery": True}


def analytics_file(*events, stamp="2026-10-05 08:00:12.00 +0200", path="Analytics-2026-10-05-080012.ips.ca.synced"):
    header = {"bug_type": "211", "timestamp": stamp, "os_version": "iPhone OS 26.0 (23A341)"}
    lines = [header, {"name": "SomethingElse", "message": {"count": 3}}, *events]
    return {"path": path, "modified": 1791180012, "truncated": False,
            "data": "\n".join(json.dumps(line) for line in lines).encode()}


def event(name="BatteryConfigValueHistogramFinal_V2", **values):
    return {"name": name, "numDaysAggregated": 1, "sampling": 100.0, "message": values}


def judged(**answers):
    given = {
        reads.BATTERY: answers.get("lockdown", MISSING), reads.POWER_SOURCE: answers.get("by_class", {}),
        reads.SMART_BATTERY: answers.get("smart", {}), reads.ARM_CHARGER: answers.get("charger", {}),
        reads.GAS_GAUGE: answers.get("gauge", MISSING), reads.ANALYTICS: answers.get("analytics", MISSING)}
    return battery.battery_state(Observations(parsed(given)))


def test_a_battery_whose_values_are_nested_under_the_gauges_names():
    value = judged(by_class=NESTED_GAUGE).value
    assert (value["design_capacity_mah"], value["nominal_capacity_mah"], value["raw_capacity_mah"]) == (4006, 3560, 3490)
    assert (value["remaining_mah"], value["cycle_count"], value["level_percent"]) == (2931, 312, 84)
    assert (value["health_nominal"], value["health_raw"]) == (88.9, 87.1)


def test_a_nested_maximum_in_percent_is_no_capacity():
    percent = {**NESTED_GAUGE, "BatteryData": {
        "DesignCapacity": 4006, "NominalChargeCapacity": 3560, "FullChargeCapacity": 100, "MaxCapacity": 100}}
    assert judged(by_class=percent).unknown["raw_capacity_mah"] == "key_missing"


def test_a_used_battery_in_the_present_shape():
    finding = judged(lockdown=LOCKDOWN, by_class=USED)
    assert finding.value == {
        "level_percent": 71, "charging": False, "fully_charged": False, "external_power": True, "present": True,
        "cycle_count": 512, "design_capacity_mah": 3095, "nominal_capacity_mah": 2786, "raw_capacity_mah": 2650,
        "remaining_mah": 1890, "health_official": None, "health_official_date": None, "health_nominal": 90.0,
        "health_raw": 85.6, "temperature_c": 29.5, "voltage_mv": 3911, "current_ma": -520,
        "serial": "F8Y1234567ABCDEFGH"}
    assert finding.unknown == {"health_official": "key_missing", "health_official_date": "key_missing"}


def test_mah_at_the_top_as_old_systems_have_it():
    said = judged(charger=OLD).value
    assert (said["raw_capacity_mah"], said["level_percent"], said["health_raw"]) == (1640, 50, 93.7)
    assert (said["current_ma"], said["serial"], said["nominal_capacity_mah"]) == (-310, "D86400000000", None)


def test_mah_in_the_nested_dictionary():
    said = judged(smart=NESTED).value
    assert (said["design_capacity_mah"], said["raw_capacity_mah"], said["cycle_count"]) == (3582, 3211, 188)
    assert (said["level_percent"], said["charging"], said["external_power"]) == (58, True, True)
    assert (said["health_nominal"], said["health_raw"], said["temperature_c"]) == (92.1, 89.6, 31.07)


@pytest.mark.parametrize("place", ["by_class", "smart", "charger"])
def test_an_empty_entry_is_no_battery_and_the_next_is_looked_at(place):
    assert judged(**{place: USED}).value["cycle_count"] == 512


def test_the_reply_may_be_wrapped():
    wrapped = {"Diagnostics": {"IORegistry": USED}}
    assert judged(by_class=wrapped).value == judged(by_class=USED).value


def test_a_maximum_of_100_is_a_percent_scale_and_never_mah():
    said = judged(by_class={"MaxCapacity": 100, "CurrentCapacity": 80, "DesignCapacity": 1751}, gauge={
        "CycleCount": 425, "DesignCapacity": 1751, "FullChargeCapacity": 100, "Status": "Success"})
    assert said.value["raw_capacity_mah"] is None
    assert said.value["health_raw"] is None
    assert said.unknown["health_raw"] == "key_missing"
    assert said.value["cycle_count"] == 425


def test_the_gas_gauge_stands_in_where_no_entry_answers():
    said = judged(gauge={"GasGauge": {"CycleCount": 425, "DesignCapacity": 1751, "FullChargeCapacity": 1610}}).value
    assert (said["cycle_count"], said["design_capacity_mah"], said["raw_capacity_mah"]) == (425, 1751, 1610)


@pytest.mark.parametrize(("key", "value", "member"), [
    ("DesignCapacity", 100, "design_capacity_mah"), ("DesignCapacity", 0, "design_capacity_mah"),
    ("Temperature", 30_000, "temperature_c"), ("Temperature", -9_000, "temperature_c"), ("Voltage", 3, "voltage_mv"),
    ("CycleCount", 70_000, "cycle_count"), ("CycleCount", -1, "cycle_count"),
    ("InstantAmperage", 500_000, "current_ma"),
    ("NominalChargeCapacity", 90_000, "nominal_capacity_mah")])
def test_what_cannot_be_right_is_null_and_its_raw_value_stands_in_the_evidence(key, value, member):
    entry = {"DesignCapacity": 3095, "NominalChargeCapacity": 2786, "CycleCount": 4, "Voltage": 3911, key: value}
    finding = judged(by_class=entry)
    assert finding.value[member] is None
    assert finding.unknown[member] == "implausible"
    assert value in [item.answer for item in finding.evidence if not isinstance(item.answer, (Unread, list))]


def test_a_share_that_cannot_be_right_is_implausible_too():
    finding = judged(by_class={"DesignCapacity": 1000, "NominalChargeCapacity": 3000})
    assert finding.value["nominal_capacity_mah"] == 3000
    assert finding.unknown["health_nominal"] == "implausible"


def test_a_new_battery_is_not_capped_at_100():
    assert judged(by_class={"DesignCapacity": 3000, "NominalChargeCapacity": 3060}).value["health_nominal"] == 102.0


@pytest.mark.parametrize(("sent", "meant"), [
    (18446744073709551116, -500), (4294966796, -500), (65036, -500), (-500, -500), (1200, 1200), (0, 0),
    ("-500", -500)])
def test_a_current_is_signed_however_it_was_sent(sent, meant):
    assert judged(by_class={"Voltage": 3900, "InstantAmperage": sent}).value["current_ma"] == meant


def test_a_temperature_below_zero_may_come_unsigned():
    assert judged(by_class={"Voltage": 3900, "Temperature": 2 ** 64 - 450}).value["temperature_c"] == -4.5


def test_official_health_comes_from_the_analytics_file_with_its_date():
    finding = judged(by_class=USED, analytics=analytics_file(
        event("BatteryConfigValueHistogram_WithAllSafetyKeys_V2", last_value_MaximumCapacityPercent=87),
        event(last_value_MaximumCapacityPercent=88, last_value_CycleCount=511)))
    assert finding.value["health_official"] == 88
    assert finding.value["health_official_date"] == "2026-10-05T08:00:12+02:00"
    assert "health_official_is_the_phones_own" in finding.notes


def test_the_other_event_is_taken_where_the_final_one_is_not_there():
    only = analytics_file(event("BHUI_NCC_iOSwatchOS", maximumCapacityPercent=91))
    assert judged(analytics=only).value["health_official"] == 91


def test_two_final_events_that_disagree_are_a_conflict():
    twice = analytics_file(event(last_value_MaximumCapacityPercent=88), event(last_value_MaximumCapacityPercent=80))
    finding = judged(by_class=USED, analytics=twice)
    assert finding.unknown["health_official"] == "conflict"


@pytest.mark.parametrize(("file", "reason"), [
    (analytics_file(), "key_missing"), ({**analytics_file(), "truncated": True}, "truncated"), ({}, "key_missing"),
    (Unread("timeout"), "timeout"), ({"data": 5}, "unreadable"),
    (analytics_file(event(last_value_MaximumCapacityPercent=4000)), "implausible")])
def test_without_a_figure_there_is_a_reason(file, reason):
    assert judged(by_class=USED, analytics=file).unknown["health_official"] == reason


def test_the_date_falls_back_to_the_name_and_then_to_the_date_of_change():
    odd = analytics_file(event(last_value_MaximumCapacityPercent=88), stamp="yesterday")
    assert judged(analytics=odd).value["health_official_date"] == "2026-10-05"


def test_a_battery_nobody_tells_of_is_null_with_the_reason_of_the_failed_attempt():
    silent = {read: Unread("not_paired") for read in reads.ALL}
    finding = battery.battery_state(Observations(parsed(silent)))
    assert (finding.value, finding.reason) == (None, "not_paired")
    assert set(finding.unknown.values()) == {"not_paired"}


def test_one_failed_source_costs_only_what_it_gives():
    finding = judged(lockdown=LOCKDOWN, by_class=Unread("timeout"), smart=Unread("timeout"), charger=Unread("timeout"))
    assert finding.value["level_percent"] == 71
    assert finding.unknown["cycle_count"] == "timeout"


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6), st.binary(max_size=6), st.datetimes(),
    st.sampled_from([2 ** 64, 2 ** 63, 65535, 100, 10 ** 400, -10 ** 400, float("nan"), float("inf")]))
ENTRY_KEYS = st.one_of(st.sampled_from(sorted({*USED, *OLD, *NESTED})), st.text(max_size=3))
ENTRIES = st.dictionaries(ENTRY_KEYS, st.one_of(VALUES, st.dictionaries(ENTRY_KEYS, VALUES, max_size=5)), max_size=8)
SOURCES = (reads.BATTERY, reads.POWER_SOURCE, reads.SMART_BATTERY, reads.ARM_CHARGER, reads.GAS_GAUGE, reads.ANALYTICS)


@settings(max_examples=500, deadline=None)
@given(st.dictionaries(st.sampled_from(SOURCES), st.one_of(
    st.sampled_from(sorted(REASONS)).map(Unread), ENTRIES, VALUES)))
def test_no_entry_raises_and_every_number_lies_in_its_window(answers):
    finding = battery.battery_state(Observations(parsed(answers)))
    said = finding.value
    json.dumps(finding.as_json(), allow_nan=False)
    assert set(finding.notes) <= NOTES.keys()
    if said is None:
        return
    windows = {"level_percent": (0, 100), "health_nominal": (1, 130), "temperature_c": (-20, 80),
        "voltage_mv": (2500, 10000)}
    for member, (lowest, highest) in windows.items():
        assert said[member] is None or lowest <= said[member] <= highest
