"""`dumpsys battery`: exact keys in the service's own block, and the lines vendors add."""

from __future__ import annotations

import android_dumps as dumps
import pytest

from pyworker.android.dumpsys_battery import Battery, parse_battery
from pyworker.findings import Unread


def _battery(text: str) -> Battery:
    parsed = parse_battery(text)
    assert isinstance(parsed, Battery)
    return parsed


def test_every_field_of_the_service_is_read():
    assert _battery(dumps.BATTERY).values == {
        "AC powered": False, "USB powered": True, "Wireless powered": False, "Dock powered": False,
        "Max charging current": 500000, "Max charging voltage": 5000000, "Charge counter": 3120000, "status": 2,
        "health": 2, "present": True, "level": 78, "scale": 100, "voltage": 4123, "temperature": 287,
        "technology": "Li-ion", "Charging state": 1, "Charging policy": 1, "Capacity level": -1}


def test_android_2_prints_no_space_after_the_colon():
    text = "Current Battery Service state:\n  AC powered:false\n  status:3\n  level:55\n  scale:100\n  voltage:3874\n"
    assert _battery(text).values == {"AC powered": False, "status": 3, "level": 55, "scale": 100, "voltage": 3874}


@pytest.mark.parametrize("friend", [
    "  Capacity level: 3", "  pad level: -1", "  pad status: 1", "  pad AC powered: false", "  pad present: false",
    " Time when the latest updated value of the voltage was sent via battery changed broadcast: 9999",
    " The last voltage value sent via the battery changed broadcast: 9999", "usb otg:false", "  mProtectBatteryMode: 1"])
def test_a_line_that_holds_the_word_is_not_the_value(friend):
    base = _battery(dumps.BATTERY)
    changed = _battery(dumps.BATTERY.replace("  AC powered", friend + "\n  AC powered", 1))
    assert {key: value for key, value in changed.values.items() if key != "Capacity level"} == {
        key: value for key, value in base.values.items() if key != "Capacity level"}


@pytest.mark.parametrize("begins", [
    "[10-10 10:00:00.000] ACTION_BATTERY_CHANGED: level:72, status:2", "MiuiBatteryService ChargeInfo:", "BatteryInfoBackUp",
    "LLB CAL: 20231225"])
def test_a_vendors_part_ends_the_services_block(begins):
    text = f"Current Battery Service state:\n  level: 50\n{begins}\n  level: 1\n  voltage: 9999\n"
    assert _battery(text).values == {"level": 50}


def test_the_first_of_two_equal_keys_counts():
    assert _battery(dumps.SAMSUNG_BATTERY).values["Charge counter"] == 2095000
    assert _battery("Current Battery Service state:\n charge counter: 7\n Charge counter: 8\n").values == {"Charge counter": 7}


def test_samsungs_lines_are_read_in_both_spellings():
    assert _battery(dumps.SAMSUNG_BATTERY).vendor == {
        "LLB CAL": 20231225, "mSavedBatteryAsoc": 86, "mSavedBatteryMaxTemp": 456, "mSavedBatteryUsage": 70188,
        "mSavedBatteryBsoh": 95, "battery FirstUseDate": 20240630}


@pytest.mark.parametrize(("line", "expected"), [
    ("mSavedBatteryAsoc: [91, 88]", {"mSavedBatteryAsoc": 88}),
    ("mSavedBatteryAsoc: [-1, 97]", {"mSavedBatteryAsoc": 97}),
    ("mSavedBatteryAsoc: [-1, -1]", {"mSavedBatteryAsoc": -1}),
    ("mSavedBatteryBsoh: [93.5, 95.1]", {"mSavedBatteryBsoh": 93}),
    ("mSavedBatteryUsage: [40100, 41250]", {"mSavedBatteryUsage": 41250}),
    ("battery FirstUseDate: [20230817,20240102]", {"battery FirstUseDate": 20230817}),
    ("mSavedBatteryAsoc: []", {}), ("mSavedBatteryAsoc: [91, x]", {}), ("mSavedBatteryAsoc: 91 88", {}),
])
def test_of_two_packs_the_one_that_is_worn_more_counts(line, expected):
    assert _battery(f"{dumps.BATTERY}BatteryInfoBackUp\n  {line}\n").vendor == expected


def test_asus_and_xiaomi_lines_are_read():
    text = dumps.BATTERY.replace("  present", "  soh: 97\n  present") + "MiuiBatteryServiceImpl:\n  mParseNtpTime=20210503\n"
    assert _battery(text).vendor == {"soh": 97, "mParseNtpTime": 20210503}


def test_a_publishers_comment_after_a_value_is_no_part_of_it():
    assert _battery(dumps.BATTERY.replace("status: 2", "status: 2 //charging")).values["status"] == 2


def test_replaced_values_are_known_as_such():
    faked = dumps.BATTERY.replace("state:\n", "state:\n  (UPDATES STOPPED -- use 'reset' to restart)\n", 1)
    assert _battery(faked).faked and not _battery(dumps.BATTERY).faked


def test_a_dump_without_its_head_is_read_and_not_whole():
    headless = _battery(dumps.BATTERY.split("\n", 1)[1])
    assert headless.values == _battery(dumps.BATTERY).values
    assert not headless.whole and _battery(dumps.BATTERY).whole
    assert headless.faked is None and _battery(dumps.BATTERY).faked is False


def test_a_number_that_was_cut_is_not_taken_for_another():
    cut = _battery(dumps.BATTERY[:dumps.BATTERY.index("voltage: 4123") + len("voltage: 41")])
    assert "voltage" not in cut.values and cut.values["level"] == 78 and not cut.whole


def test_a_few_words_of_another_dump_make_no_battery():
    assert parse_battery("  level: 3\n  status: 1\n") == Unread("unreadable")
    assert parse_battery("Current Battery Service state:\n") == Unread("truncated")
