"""`dumpsys thermalservice`: the HAL's current section only, types and their names, readings that are none."""

from __future__ import annotations

import android_dumps as dumps
import pytest

from pyworker.android.thermalservice import Sensor, Thermal, parse_thermalservice
from pyworker.findings import Unread


def _thermal(text: str) -> Thermal:
    parsed = parse_thermalservice(text)
    assert isinstance(parsed, Thermal)
    return parsed


def _one(line: str) -> Sensor:
    text = f"Thermal Status: 0\nHAL Ready: true\nCurrent temperatures from HAL:\n{line}\nCurrent cooling devices from HAL:\n"
    return _thermal(text).sensors[0]


def test_cached_temperatures_are_not_read():
    sensors = {sensor.name: sensor.temperature_c for sensor in _thermal(dumps.THERMAL).sensors}
    assert sensors["battery"] == 31.2 and "CPU3" not in sensors


def test_status_and_readiness_are_read():
    thermal = _thermal(dumps.THERMAL)
    assert (thermal.status, thermal.ready, thermal.overridden, thermal.whole) == (1, True, False, True)
    assert _thermal(dumps.THERMAL.replace("IsStatusOverride: false", "IsStatusOverride: true")).overridden


@pytest.mark.parametrize(("code", "kind"), [
    (0, "cpu"), (1, "gpu"), (2, "battery"), (3, "skin"), (4, "usb_port"), (5, "power_amplifier"), (6, "bcl_voltage"),
    (7, "bcl_current"), (8, "bcl_percentage"), (9, "npu"), (-1, "unknown"), (99, "unknown")])
def test_types_have_the_names_of_the_hal(code, kind):
    assert _one(f"    Temperature{{mValue=30.0, mType={code}, mName=x, mStatus=0}}").type == kind


@pytest.mark.parametrize(("name", "kind"), [("TYPE_CPU", "cpu"), ("TYPE_SKIN", "skin"), ("TYPE_BATTERY", "battery"),
                                            ("TYPE_BCL_VOLTAGE", "bcl_voltage")])
def test_where_samsung_names_the_type_the_name_is_right(name, kind):
    assert _one(f"\tTemperature{{mValue=30.0, mType=1, mName={name}, mStatus=0}}").type == kind


@pytest.mark.parametrize("value", ["-99.9", "NaN", "0.0", "-3.4028235E38", "Infinity", "", "1e99"])
def test_what_is_no_reading_is_none(value):
    sensor = parse_thermalservice(
        f"Thermal Status: 0\nCurrent temperatures from HAL:\n\tTemperature{{mValue={value}, mType=0, mName=x, mStatus=0}}\n")
    assert all(each.temperature_c is None for each in sensor.sensors)


@pytest.mark.parametrize("kind", [6, 7, 8])
def test_millivolts_milliamperes_and_percent_are_no_temperatures(kind):
    assert _one(f"\tTemperature{{mValue=42.0, mType={kind}, mName=x, mStatus=0}}").temperature_c is None


def test_noise_of_floats_is_rounded_away():
    assert _one("\tTemperature{mValue=26.500002, mType=3, mName=VIRTUAL-SKIN, mStatus=0}").temperature_c == 26.5


def test_a_name_may_hold_commas_and_braces():
    assert _one("\tTemperature{mValue=26.5, mType=3, mName=soc,kgsl{3d0}, mStatus=0}").name == "soc,kgsl{3d0}"


@pytest.mark.parametrize("line", ["\tSdhms connected: yes", "\tThermalHAL 1.1 connected: yes", "  ThermalHAL 2.0 connected: yes"])
def test_the_kind_of_hal_does_not_matter(line):
    assert _thermal(dumps.THERMAL.replace("\tThermalHAL AIDL 3  connected: yes", line)).whole


def test_without_the_hal_there_are_no_sensors():
    thermal = _thermal("IsStatusOverride: false\nThermal Status: 0\nCached temperatures:\n"
                       "\tTemperature{mValue=54.8, mType=2, mName=battery, mStatus=0}\nHAL Ready: false\n")
    assert (thermal.sensors, thermal.ready, thermal.status) == ((), False, 0)


def test_a_list_that_was_cut_is_not_whole():
    assert not _thermal(dumps.THERMAL[:dumps.THERMAL.index("Current cooling")]).whole
    assert not _thermal(dumps.THERMAL.replace("Current cooling devices from HAL:", "Temperature static thresholds from HAL:")).whole


def test_android_9_has_no_such_service():
    assert parse_thermalservice("Can't find service: thermalservice\n") == Unread("unsupported")
