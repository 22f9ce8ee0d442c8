"""`dumpsys thermalservice` (Android 10): the thermal status and what the thermal HAL measures now.

The cached temperatures are old (20 degrees off in published dumps) and are not read; only the lines between "Current
temperatures from HAL:" and "Current cooling devices from HAL:" are. Facts: AOSP ThermalManagerService, the thermal
HAL's TemperatureType and ThrottlingSeverity, published dumps.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pyworker.android.dump_text import read_dump
from pyworker.findings import Unread

STATUSES = ("none", "light", "moderate", "severe", "critical", "emergency", "shutdown")
TYPES = ("cpu", "gpu", "battery", "skin", "usb_port", "power_amplifier", "bcl_voltage", "bcl_current", "bcl_percentage",
         "npu", "tpu", "display", "modem", "soc", "wifi", "camera", "flashlight", "speaker", "ambient", "pogo")
UNKNOWN_TYPE = "unknown"
# Old Samsung systems print the type one off, next to the name of the true one.
TYPES_BY_NAME = {
    "TYPE_UNKNOWN": UNKNOWN_TYPE, "TYPE_CPU": "cpu", "TYPE_GPU": "gpu", "TYPE_BATTERY": "battery", "TYPE_SKIN": "skin",
    "TYPE_USB_PORT": "usb_port", "TYPE_POWER_AMPLIFIER": "power_amplifier", "TYPE_BCL_VOLTAGE": "bcl_voltage",
    "TYPE_BCL_CURRENT": "bcl_current", "TYPE_BCL_PERCENTAGE": "bcl_percentage", "TYPE_NPU": "npu",
}
NOT_TEMPERATURES = frozenset(("bcl_voltage", "bcl_current", "bcl_percentage"))  # mV, mA and percent in the same field
PLAUSIBLE_C = (-40.0, 150.0)

_STATUS = re.compile(r"Thermal Status: ([0-9])$")
_READY = re.compile(r"HAL Ready: (true|false)$")
_OVERRIDE = re.compile(r"IsStatusOverride: (true|false)$")
_SENSOR = re.compile(
    r"Temperature\{mValue=([^,\s]{1,40}), mType=(-?[0-9]{1,4}), mName=(.{0,200}), mStatus=(-?[0-9]{1,4})\}$")
_NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,20})?(E-?[0-9]{1,3})?$")
_FROM_HAL = "Current temperatures from HAL:"
_AFTER = "Current cooling devices from HAL:"


class Sensor(NamedTuple):
    """type: of TYPES, or UNKNOWN_TYPE. temperature_c: rounded to 0.1; None without a reading, and for what is none."""

    name: str
    type: str
    temperature_c: float | None
    status: int


class Thermal(NamedTuple):
    """status: index into STATUSES, None where not told. overridden: somebody set the status by hand.
    sensors: of the HAL, now; whole: the list ends where it should. ready: the HAL answered; None where not told.
    """

    status: int | None
    overridden: bool
    ready: bool | None
    sensors: tuple[Sensor, ...]
    whole: bool


def parse_thermalservice(data: bytes | str, cut: bool = False) -> Thermal | Unread:
    """`dumpsys thermalservice` -> Thermal; Unread when it is no such dump."""
    dump = read_dump(data, cut, "thermalservice")
    lines = [line.strip() for line in dump.lines]
    status = next((int(found.group(1)) for line in lines if (found := _STATUS.match(line))), None)
    ready = next((found.group(1) == "true" for line in lines if (found := _READY.match(line))), None)
    overridden = any((found := _OVERRIDE.match(line)) and found.group(1) == "true" for line in lines)
    if status is None and ready is None and _FROM_HAL not in lines:
        return dump.refusal()
    if status is not None and status >= len(STATUSES):
        status = None
    sensors, whole = _sensors(lines[lines.index(_FROM_HAL) + 1:] if _FROM_HAL in lines else [])
    return Thermal(status, overridden, ready, sensors, whole)


def _sensors(lines: list[str]) -> tuple[tuple[Sensor, ...], bool]:
    """Those of the list whose heading stood before the lines, and whether it ends where it should."""
    sensors: list[Sensor] = []
    for line in lines:
        if line not in ("", _FROM_HAL) and not line.startswith("Temperature{"):
            return tuple(sensors), line == _AFTER
        if (found := _SENSOR.match(line)) is not None:
            sensors.append(_sensor(found.group(1), int(found.group(2)), found.group(3), int(found.group(4))))
    return tuple(sensors), False


def _sensor(value: str, kind: int, name: str, status: int) -> Sensor:
    named = TYPES_BY_NAME.get(name) or (TYPES[kind] if 0 <= kind < len(TYPES) else UNKNOWN_TYPE)
    reading = float(value) if _NUMBER.match(value) else None
    if named in NOT_TEMPERATURES or reading is None or reading == 0 or not PLAUSIBLE_C[0] <= reading <= PLAUSIBLE_C[1]:
        return Sensor(name, named, None, status)
    return Sensor(name, named, round(reading, 1), status)
