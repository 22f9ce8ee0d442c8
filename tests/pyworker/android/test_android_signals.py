"""The signals of a deep inspection: units, plausibility, sources by name, and what is not known."""

from __future__ import annotations

from typing import Any

import android_dumps as dumps
import pytest

from pyworker.android import reads
from pyworker.android.battery import BATTERY_STATE
from pyworker.android.cameras import CAMERAS
from pyworker.android.crashes import CRASH_SUMMARY
from pyworker.android.developer import DEVELOPER
from pyworker.android.display import DISPLAY
from pyworker.android.lock_screen import LOCK_SCREEN
from pyworker.android.memory import MEMORY
from pyworker.android.root import ROOT_SIGNS
from pyworker.android.security import SECURITY_STATE
from pyworker.android.sensors import SENSORS
from pyworker.android.sim import SIM_STATE
from pyworker.android.storage import STORAGE_HEALTH
from pyworker.android.thermal import THERMAL_STATE
from pyworker.findings import Finding, Unread
from pyworker.probes import Probe


def _find(probe: Probe, changes: dict[Any, Any] | None = None) -> Finding:
    return probe.judge(dumps.seen(changes).view())


def _member(probe: Probe, name: str, changes: dict[Any, Any] | None = None) -> object:
    """The member's value, or the reason it is null."""
    finding = _find(probe, changes)
    if finding.reason is not None:
        return finding.reason
    assert isinstance(finding.value, dict)
    value = finding.value[name]
    assert (value is None) == (name in finding.unknown)
    return finding.unknown[name] if value is None else value


def _battery(**changes: str) -> dict[Any, Any]:
    """A battery dump with fields replaced: voltage="13"."""
    text = dumps.BATTERY
    for key, value in changes.items():
        name = key.replace("_", " ")
        begin = text.index(f"  {name}: ") + len(f"  {name}: ")
        text = text[:begin] + value + text[text.index("\n", begin):]
    return {reads.BATTERY: text}


# --- battery ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("member", "changes", "expected"), [
    ("level_percent", {}, 78),
    ("level_percent", {"scale": "200"}, 39),
    ("level_percent", {"level": "101"}, "implausible"),
    ("level_percent", {"scale": "0"}, "implausible"),
    ("level_percent", {"level": "-1"}, "implausible"),
    ("status", {"status": "5"}, "full"),
    ("status", {"status": "9"}, "implausible"),
    ("health", {"health": "7"}, "cold"),
    ("health", {"health": "0"}, "implausible"),
    ("voltage_mv", {}, 4123),
    ("voltage_mv", {"voltage": "13"}, "implausible"),
    ("voltage_mv", {"voltage": "4123000"}, "implausible"),
    ("voltage_mv", {"voltage": "0"}, "implausible"),
    ("temperature_c", {}, 28.7),
    ("temperature_c", {"temperature": "-55"}, -5.5),
    ("temperature_c", {"temperature": "0"}, "implausible"),
    ("temperature_c", {"temperature": "1200"}, "implausible"),
    ("temperature_c", {"temperature": "26", "voltage": "13"}, "implausible"),  # a board in whole volts and degrees
    ("temperature_c", {"temperature": "336", "voltage": "4"}, 33.6),          # whole volts, tenths of a degree
    ("temperature_c", {"temperature": "-105", "voltage": "3"}, -10.5),
    ("temperature_c", {"temperature": "80", "voltage": "4"}, "implausible"),   # 8 degrees, or 80
    ("voltage_mv", {"temperature": "336", "voltage": "4"}, "implausible"),
    ("charge_counter_uah", {}, 3120000),
    ("charge_counter_uah", {"Charge_counter": "748"}, "implausible"),          # mAh
    ("charge_counter_uah", {"Charge_counter": "1000"}, "implausible"),
    ("charge_counter_uah", {"Charge_counter": "0"}, "unsupported"),
    ("technology", {}, "Li-ion"),
    ("powered_by", {"AC_powered": "true"}, ["ac", "usb"]),
    ("max_charging_current_ua", {"Max_charging_current": "0"}, 0),
])
def test_the_services_values_have_units_and_windows(member, changes, expected):
    assert _member(BATTERY_STATE, member, _battery(**changes)) == expected


def test_an_implausible_value_stays_in_the_evidence():
    finding = _find(BATTERY_STATE, _battery(voltage="13"))
    assert ("shell dumpsys battery", "voltage", 13) in finding.evidence


def test_a_phone_without_a_battery_has_no_values_of_one():
    assert _member(BATTERY_STATE, "level_percent", _battery(present="false")) == "not_applicable"
    assert _member(BATTERY_STATE, "present", _battery(present="false")) is False


def test_replaced_values_are_flagged_and_warned_of():
    faked = {reads.BATTERY: dumps.BATTERY.replace("state:\n", "state:\n  (UPDATES STOPPED -- use 'reset' to restart)\n", 1)}
    finding = _find(BATTERY_STATE, faked)
    assert _member(BATTERY_STATE, "values_faked", faked) is True and finding.warnings == ("battery_values_faked",)
    assert _find(BATTERY_STATE).warnings == ()


SAMSUNG = {reads.BATTERY: dumps.SAMSUNG_BATTERY, reads.HEALTH_HAL: "Can't find service: android.hardware.health.IHealth/default\n"}


@pytest.mark.parametrize(("member", "expected"), [
    ("cycle_count", 702), ("cycle_count_source", "samsung"), ("cycle_count_samsung", 702), ("cycle_count_hal", "unsupported"),
    ("health_samsung_asoc_percent", 86), ("health_samsung_bsoh_percent", 95), ("health_hal_percent", "unsupported"),
    ("first_use_date", "2024-06-30"), ("highest_temperature_c", 45.6), ("level_percent", 55), ("temperature_c", 37.1)])
def test_samsungs_own_lines_are_read_by_name(member, expected):
    assert _member(BATTERY_STATE, member, SAMSUNG) == expected


@pytest.mark.parametrize(("line", "member", "expected"), [
    ("10-04 21:48:23.174  [SS][BattInfo]AsocData efsValue:96    ", "health_samsung_efs_percent", 96),
    ("10-04 21:48:23.184  [SS][BattInfo]DischargeLevelData efsValue:16114    ", "cycle_count_samsung", 161),
    ("10-04 21:48:23.173  [SS][BattInfo]FirstUseDateData efsValue:20240522    ", "first_use_date", "2024-05-22"),
    ("mSavedBatteryAsoc: -1", "health_samsung_asoc_percent", "key_missing"),
    ("mSavedBatteryAsoc: 0", "health_samsung_asoc_percent", "key_missing"),
    ("mSavedBatteryAsoc: 9999", "health_samsung_asoc_percent", "implausible"),
    ("mSavedBatteryUsage: 40", "cycle_count_samsung", 1),
    ("mSavedBatteryUsage: 0", "cycle_count_samsung", "key_missing"),
    ("mSavedBatteryUsage: 99999999", "cycle_count_samsung", "implausible"),
    ("battery FirstUseDate: [20241301]", "first_use_date", "implausible"),
    ("battery FirstUseDate: [19700101]", "first_use_date", "implausible"),
    ("soh: 0", "health_asus_percent", "key_missing"),
    ("soh: 91", "health_asus_percent", 91),
    ("mParseNtpTime=20210503", "first_use_date", "2021-05-03"),
    ("[10-10 10:00:00] ACTION_BATTERY_CHANGED: cycle_count:0", "cycle_count_samsung", "key_missing"),
])
def test_nought_and_minus_one_are_no_wear(line, member, expected):
    assert _member(BATTERY_STATE, member, {reads.BATTERY: dumps.BATTERY + f"BatteryInfoBackUp\n  {line}\n"}) == expected


@pytest.mark.parametrize(("full", "design", "percent"), [
    (4_212_000, 5_160_000, 82), (5_170_000, 5_160_000, 100), (2_840_000, 5_160_000, 55),
    (2_430_000, 4_860_000, "implausible"),     # one cell of two in one figure
    (9_720_000, 4_860_000, "implausible"),     # and the other way round
    (4860, 4_860_000, "implausible"),          # mAh beside uAh
    (48_600_000, 4_860_000, "implausible"),
])
def test_half_or_twice_the_design_is_no_measure_of_wear(full, design, percent):
    files = {reads.BATTERY_FILES: f"/sys/class/power_supply/bms/charge_full:{full}\n/sys/class/power_supply/bms/charge_full_design:{design}\n"}
    hal = {reads.HEALTH_HAL: f"getHealthInfo -> HealthInfo{{batteryFullChargeUah: {full}, batteryFullChargeDesignCapacityUah: {design}}}\n"}
    assert _member(BATTERY_STATE, "health_sysfs_capacity_percent", files) == percent
    assert _member(BATTERY_STATE, "health_hal_capacity_percent", hal) == percent
    assert _member(BATTERY_STATE, "design_capacity_sysfs_mah", files) == design // 1000


def test_a_count_that_nobody_filled_in_gives_way_to_one_that_somebody_did():
    files = "/sys/class/power_supply/battery/cycle_count:0\n/sys/class/power_supply/bms/cycle_count:412\n"
    assert _member(BATTERY_STATE, "cycle_count_sysfs", {reads.BATTERY_FILES: files}) == 412


def test_the_density_is_the_one_the_system_counts_with():
    chosen = {reads.WM_DENSITY: "Physical density: 600\nOverride density: 450\n"}
    assert _member(DISPLAY, "density_dpi", chosen) == 450


def test_every_source_of_wear_has_its_name():
    files = {reads.BATTERY_FILES: "/sys/class/power_supply/battery/cycle_count:401\n/sys/class/power_supply/battery/charge_full:4500000\n"
                                  "/sys/class/power_supply/battery/charge_full_design:5000000\n"}
    value = _find(BATTERY_STATE, files).value
    assert isinstance(value, dict)
    expected = {
        "cycle_count_hal": 316, "cycle_count_sysfs": 401, "cycle_count": 316, "cycle_count_source": "hal", "health_hal_percent": 93,
        "health_hal_capacity_percent": 94, "health_sysfs_capacity_percent": 90, "estimated_capacity_mah": 5000,
        "last_learned_capacity_mah": 4702, "full_capacity_sysfs_mah": 4500}
    assert {name: value[name] for name in expected} == expected


def test_a_full_capacity_that_is_a_percent_flag_is_no_health():
    files = {reads.BATTERY_FILES: "/sys/class/power_supply/battery/charge_full:100\n"
                                  "/sys/class/power_supply/battery/charge_full_design:5000000\n"}
    assert _member(BATTERY_STATE, "health_sysfs_capacity_percent", files) == "implausible"
    assert _member(BATTERY_STATE, "full_capacity_sysfs_mah", files) == "implausible"


@pytest.mark.parametrize("text", [
    "getHealthInfo -> HealthInfo{.legacy = {.batteryCycleCount = 316, .batteryFullCharge = 4691000}, "
    ".batteryFullChargeDesignCapacityUah = 5000000}\n",
    dumps.HEALTH_HAL])
def test_both_generations_of_the_health_hal_are_read(text):
    assert _member(BATTERY_STATE, "cycle_count_hal", {reads.HEALTH_HAL: text}) == 316
    assert _member(BATTERY_STATE, "health_hal_capacity_percent", {reads.HEALTH_HAL: text}) == 94


def test_a_hal_that_fills_nothing_in_says_nothing():
    empty = {reads.HEALTH_HAL: "getHealthInfo -> HealthInfo{batteryCycleCount: 0, batteryFullChargeUah: 0}\n"}
    assert _member(BATTERY_STATE, "cycle_count_hal", empty) == "key_missing"


def test_files_the_shell_may_not_read_say_so():
    assert _member(BATTERY_STATE, "cycle_count_sysfs") == "permission_denied"


# --- storage ------------------------------------------------------------------------------------------------------

def test_the_data_volume_is_counted_once():
    value = _find(STORAGE_HEALTH).value
    assert isinstance(value, dict)
    assert (value["data_total_bytes"], value["data_free_bytes"], value["data_source"]) == (113456000 * 1024, 67942528 * 1024, "df")


def test_rounded_sizes_give_way_to_exact_ones():
    toolbox = {reads.DATA_VOLUME: "Filesystem Size Used Free Blksize\n/data 108.2G 43.3G 64.8G 4096\n"}
    assert _member(STORAGE_HEALTH, "data_source", toolbox) == "diskstats"
    assert _member(STORAGE_HEALTH, "data_source", {**toolbox, reads.DISKSTATS: Unread("timeout")}) == "df"


def test_sizes_that_cannot_be_are_implausible():
    odd = {reads.DATA_VOLUME: "Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/x 100 50 9000 1% /data\n"}
    assert _member(STORAGE_HEALTH, "data_free_bytes", odd) == "implausible"


@pytest.mark.parametrize(("files", "hal", "life_a", "life_b", "reserve"), [
    ("/sys/devices/platform/soc/1d84000.ufshc/health_descriptor/eol_info:0x02\n"
     "/sys/devices/platform/soc/1d84000.ufshc/health_descriptor/life_time_estimation_a:0x0B\n"
     "/sys/devices/platform/soc/1d84000.ufshc/health_descriptor/life_time_estimation_b:0x01\n", dumps.HEALTH_HAL, 110, 10, "warning"),
    ("/sys/class/mmc_host/mmc0/mmc0:0001/life_time:0x03 0x0a\n/sys/class/mmc_host/mmc0/mmc0:0001/pre_eol_info:01\n", "", 30, 100, "normal"),
    ("grep: /sys/class/mmc_host/mmc0/mmc0:*/life_time: No such file or directory\n", dumps.HEALTH_HAL, 20, 10, "normal"),
    ("grep: /sys/x/health_descriptor/life_time_estimation_a: Permission denied\n"
     "grep: /sys/x/health_descriptor/eol_info: Permission denied\n", "", "permission_denied", "key_missing", "permission_denied"),
    ("/sys/x/health_descriptor/life_time_estimation_a:0x00\n", "", "key_missing", "key_missing", "key_missing"),
    ("/sys/x/health_descriptor/life_time_estimation_a:0xff\n/sys/x/health_descriptor/eol_info:zz\n", "",
     "implausible", "key_missing", "unreadable"),
])
def test_wear_of_the_chip_is_told_in_its_own_steps(files, hal, life_a, life_b, reserve):
    changes = {reads.STORAGE_LIFE_FILES: files, reads.HEALTH_HAL: hal}
    assert _member(STORAGE_HEALTH, "life_used_percent_a", changes) == life_a
    assert _member(STORAGE_HEALTH, "life_used_percent_b", changes) == life_b
    assert _member(STORAGE_HEALTH, "reserve", changes) == reserve


# --- heat ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("member", "expected"), [
    ("status", "light"), ("hottest_c", 45.8), ("hottest_sensor", "CPU7"), ("battery_c", 31.2), ("skin_c", 35.1), ("gpu_c", "key_missing")])
def test_heat_is_told_by_type(member, expected):
    assert _member(THERMAL_STATE, member) == expected


def test_what_is_no_temperature_is_not_listed():
    sensors = _member(THERMAL_STATE, "sensors")
    assert isinstance(sensors, list)
    assert not {"vbat", "ibat", "socd"} & {sensor["sensor"] for sensor in sensors}


def test_a_sensor_of_unknown_type_is_never_the_hottest():
    assert _member(THERMAL_STATE, "hottest_sensor") != "virtual-difference"


def test_a_hal_that_is_not_ready_measures_nothing():
    text = dumps.THERMAL.replace("HAL Ready: true", "HAL Ready: false").replace("Current temperatures from HAL:", "gone")
    assert _member(THERMAL_STATE, "hottest_c", {reads.THERMALSERVICE: text}) == "unsupported"
    assert _member(THERMAL_STATE, "status", {reads.THERMALSERVICE: text}) == "light"


COOL = dumps.THERMAL.replace("Thermal Status: 1", "Thermal Status: 0")
SKINLESS = "".join(line for line in COOL.splitlines(keepends=True) if "mType=3" not in line)


@pytest.mark.parametrize(("text", "status"), [
    (COOL, "none"),
    (SKINLESS, "unsupported"),                                    # nobody asks the other sensors
    (SKINLESS.replace("Thermal Status: 0", "Thermal Status: 2"), "moderate"),
    (SKINLESS.replace("IsStatusOverride: false", "IsStatusOverride: true"), "none"),
    (SKINLESS[:SKINLESS.index("Current cooling")], "truncated"),
    (COOL.replace("HAL Ready: true", "HAL Ready: false"), "unsupported"),
    ("Thermal Status: 0\nHAL Ready: true\nCurrent temperatures from HAL:\nCurrent cooling devices from HAL:\n", "key_missing"),
])
def test_a_status_that_no_sensor_of_the_skin_stands_behind_is_no_all_clear(text, status):
    assert _member(THERMAL_STATE, "status", {reads.THERMALSERVICE: text}) == status


def test_a_cut_list_has_no_hottest():
    cut = {reads.THERMALSERVICE: dumps.THERMAL[:dumps.THERMAL.index("Current cooling")]}
    assert _member(THERMAL_STATE, "hottest_c", cut) == "truncated" and _member(THERMAL_STATE, "battery_c", cut) == 31.2


# --- security, root -----------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("member", "properties", "expected"), [
    ("bootloader", {}, "locked"),
    ("verified_boot", {}, "green"),
    ("verified_boot", {"vendor.boot.verifiedbootstate": "orange"}, "conflict"),
    ("verity_mode", {}, "enforcing"),
    ("encryption", {"ro.crypto.state": "unsupported"}, "unsupported"),
    ("encryption", {"ro.crypto.state": None}, "key_missing"),
    ("encryption", {"ro.crypto.state": "???"}, "unreadable"),
    ("security_patch", {}, "2025-09-05"),
    ("security_patch", {"ro.build.version.security_patch": None}, "key_missing"),
    ("security_patch", {"ro.build.version.security_patch": "2025-13-40"}, "unreadable"),
    ("security_patch_age_days", {}, 35),
    ("security_patch_age_days", {"ro.build.version.security_patch": "2026-09-05"}, "implausible"),
    ("knox_warranty_tripped", {}, "key_missing"),
    ("knox_warranty_tripped", {"ro.boot.warranty_bit": "0", "ro.warranty_bit": "0"}, False),
    ("knox_warranty_tripped", {"ro.vendor.boot.warranty_bit": "1"}, True),
    ("knox_warranty_tripped", {"ro.boot.warranty_bit": "0", "ro.warranty_bit": "1"}, "conflict"),
    ("debuggable", {"ro.debuggable": "1"}, True),
    ("selinux", {}, "enforcing"),
])
def test_security_is_told_member_by_member(member, properties, expected):
    assert _member(SECURITY_STATE, member, {reads.GETPROP: dumps.getprop(properties)}) == expected


@pytest.mark.parametrize("clock", ["1000\n", "100000000\n", "date: bad format\n"])
def test_a_phone_with_an_unset_clock_tells_no_age(clock):
    assert isinstance(_member(SECURITY_STATE, "security_patch_age_days", {reads.CLOCK: clock}), str)


@pytest.mark.parametrize(("changes", "seen"), [
    ({}, False),
    ({reads.ROOT_FILES: "/system/xbin/su\n" + dumps.ROOT_FILES}, True),
    ({reads.ROOT_MANAGERS: "package:com.topjohnwu.magisk\n"}, True),
    ({reads.SELINUX: "Permissive\n"}, True),
    ({reads.GETPROP: dumps.getprop({"ro.secure": "0"})}, True),
    ({reads.ROOT_FILES: Unread("timeout")}, "timeout"),
    ({reads.ROOT_MANAGERS: "package:com.android.settings\npackage:com.exa"}, "truncated"),
    ({reads.ROOT_FILES: dumps.ROOT_FILES[:200]}, "truncated"),
    ({reads.GETPROP: dumps.getprop() + "[zz.half]: [cut o"}, "truncated"),
])
def test_no_sign_of_root_needs_everything_to_be_looked_at(changes, seen):
    assert _member(ROOT_SIGNS, "signs_seen", changes) == seen


def test_names_of_other_apps_are_dropped():
    finding = _find(ROOT_SIGNS, {reads.ROOT_MANAGERS: "package:com.example.dating\npackage:me.weishu.kernelsu\n"})
    assert "dating" not in repr(finding.as_json()) and finding.spoofable


# --- the others ---------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("trust", "locked"), [
    (dumps.TRUST, False), (dumps.TRUST.replace("deviceLocked=0", "deviceLocked=1"), True),
    ('Trust manager state:\n User "a" (id=0, flags=0x13): trusted=0, deviceLocked=1\n'
     ' User "b (current): deviceLocked=1" (id=10, flags=0x0) '
     "(current): trusted=0, trustManaged=1, deviceLocked=0, strongAuthRequired=0x0\n", False),
    ('Trust manager state:\n User "a" (id=0, flags=0x13) (current): deviceLocked=1\n User "b" (id=150, flags=0x1030)(managed profile)\n'
     "   disabled because switching to this user is not possible.\n", True),
    ('Trust manager state:\n User "a" (id=0) (current): deviceLocked=true, strongAuthRequired=0x40\n', True),
    ('Trust manager state:\n User "a" (id=0) (current): deviceLocked=false, strongAuthRequired=0x0\n', False),
    ('Trust manager state:\n User "a" (id=0, flags=0x13) (current): deviceLocked=10\n', "key_missing"),
    ("disabled because the third-party apps can't run yet.\n", "locked"),
    ("Trust manager state:\n", "unreadable"),
])
def test_the_current_users_lock_counts(trust, locked):
    assert _member(LOCK_SCREEN, "locked_now", {reads.TRUST: trust}) == locked


def test_whether_there_is_a_lock_is_told_by_the_keyguard():
    assert _member(LOCK_SCREEN, "secure") is True
    assert _member(LOCK_SCREEN, "secure", {reads.KEYGUARD: dumps.KEYGUARD.replace("secure=true", "secure=false")}) is False


@pytest.mark.parametrize(("state", "slots", "hint"), [
    ("LOADED,ABSENT", ["loaded", "absent"], "not_exposed"), ("NETWORK_LOCKED", ["network_locked"], True),
    ("SOMETHING_NEW", ["unknown"], "not_exposed"), (None, "key_missing", "not_exposed")])
def test_slots_are_told_one_by_one_and_a_lock_is_only_a_hint(state, slots, hint):
    changes = {reads.GETPROP: dumps.getprop({"gsm.sim.state": state})}
    assert _member(SIM_STATE, "slots", changes) == slots and _member(SIM_STATE, "carrier_lock_hint", changes) == hint


def test_memory_is_told_in_bytes():
    assert _member(MEMORY, "total_bytes") == 7579252 * 1024
    assert _member(MEMORY, "available_bytes", {reads.MEMINFO: "MemTotal: 7579252 kB\nMemFree: 5 kB\n"}) == "key_missing"


def test_the_panel_is_told_as_it_is_and_not_as_overridden():
    changes = {reads.WM_SIZE: "Physical size: 1080x2400\nOverride size: 720x1600\n"}
    assert _member(DISPLAY, "width_px", changes) == 1080 and _member(DISPLAY, "size_overridden", changes) is True
    assert _member(DISPLAY, "refresh_rates_hz") == [60.0, 120.0]


@pytest.mark.parametrize(("text", "count", "back"), [
    ("Number of camera devices: 2\nNumber of normal camera devices: 2\n    Facing: BACK\n    Facing: FRONT\n", 2, 1),
    ("Number of camera devices: 0\n", 0, "key_missing"), ("Can't find service: media.camera\n", "unsupported", "unsupported")])
def test_cameras_are_counted(text, count, back):
    assert _member(CAMERAS, "count", {reads.CAMERAS: text}) == count
    assert _member(CAMERAS, "back_count", {reads.CAMERAS: text}) == back


@pytest.mark.parametrize("line", [
    "0x0000000b) LSM6DSO Accelerometer | STM | ver: 1 | type: android.sensor.accelerometer(1) | perm: n/a | flags: 0x0",
    "0000000001) LSM6DSO Accelerometer | STM | ver: 1 | type: android.sensor.accelerometer(1) | perm: n/a",
    "LSM6DSO Accelerometer | STM |  version=1 |android.sensor.accelerometer| 0x00000000 | \"\" | type=1 | continuous | minRate=1.00Hz"])
def test_sensors_are_read_in_every_shape(line):
    listed = _member(SENSORS, "sensors", {reads.SENSORS: f"Sensor List:\n{line}\n"})
    assert listed == [{"model": "LSM6DSO Accelerometer", "vendor": "STM", "type": "accelerometer"}]


def test_crash_reports_are_counted_by_kind_and_not_read():
    value = _find(CRASH_SUMMARY).value
    assert isinstance(value, dict)
    assert value["reports"]["app_crashes"] == 2 and value["reports"]["tombstones"] == 1 and value["reports_total"] == 5


def test_the_boot_history_is_taken_apart():
    assert _member(CRASH_SUMMARY, "reboots") == [
        {"reason": "reboot,ota", "at": "2025-10-09T08:58:20Z"}, {"reason": "reboot,userrequested", "at": "2025-09-27T19:11:40Z"}]


def test_tombstones_behind_a_closed_folder_are_not_none():
    assert _member(CRASH_SUMMARY, "tombstones") == "permission_denied"
    assert _member(CRASH_SUMMARY, "tombstones", {reads.TOMBSTONES: "tombstone_00\ntombstone_00.pb\ntombstone_01\n"}) == 2
    assert _member(CRASH_SUMMARY, "tombstones", {reads.TOMBSTONES: ".\n..\n"}) == 0
    assert _member(CRASH_SUMMARY, "tombstones", {reads.TOMBSTONES: ""}) == "key_missing"


def test_developer_options_are_switches():
    assert _find(DEVELOPER).value == {"enabled": True, "usb_debugging": True, "wireless_debugging": False, "stay_awake": False,
                                      "oem_unlock_allowed": False}
    assert _member(DEVELOPER, "stay_awake", {reads.STAY_AWAKE: "7\n"}) is True
