"""How hot the phone is now, by its thermal HAL, and whether it throttles because of it.

Facts: AOSP ThermalManagerService.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyworker.android import reads
from pyworker.android.thermalservice import NOT_TEMPERATURES, STATUSES, UNKNOWN_TYPE
from pyworker.findings import MISSING, Finding, Unread
from pyworker.probes import DEEP, Probe, Witness

if TYPE_CHECKING:
    from pyworker.android.thermalservice import Thermal
    from pyworker.probes import Observations

SKIN = "skin"


def _status(thermal: Thermal) -> object:
    return MISSING if thermal.status is None else thermal.status


def _sensors(thermal: Thermal) -> object:
    if thermal.ready is False:
        return Unread("unsupported")
    sensors = [{"sensor": s.name, "type": s.type, "temperature_c": s.temperature_c, "status": s.status}
               for s in thermal.sensors if s.type not in NOT_TEMPERATURES]
    return sensors or (MISSING if thermal.whole else Unread("truncated"))


def _whole(thermal: Thermal) -> object:
    return True if thermal.whole else Unread("truncated")


STATUS = Witness(reads.THERMALSERVICE, "Thermal Status", _status)
OVERRIDDEN = Witness(reads.THERMALSERVICE, "IsStatusOverride", lambda thermal: thermal.overridden)
SENSORS = Witness(reads.THERMALSERVICE, "Current temperatures from HAL", _sensors)
WHOLE = Witness(reads.THERMALSERVICE, "list is whole", _whole)


def _of_type(sensors: list[dict[str, Any]], *kinds: str) -> Any:
    """The highest reading of these types; sensors of unknown type may be differences and are of none."""
    read = [s["temperature_c"] for s in sensors if s["type"] in kinds and s["temperature_c"] is not None]
    return max(read) if read else MISSING


def _throttling(seen: Observations, status: Any, sensors: Any) -> Any:
    """The system's status. It follows the sensors of the skin alone: without one it is 0, however hot the phone is."""
    if isinstance(status, Unread):
        return status
    measured = not isinstance(sensors, Unread) and any(s["type"] == SKIN for s in sensors)
    if status > 0 or measured or seen[OVERRIDDEN] is True:
        return STATUSES[status]
    if isinstance(sensors, Unread):
        return sensors
    return Unread("unsupported" if seen.heard(WHOLE) else "truncated")


def thermal_state(seen: Observations) -> Finding:
    status, sensors = seen.answer(STATUS), seen.answer(SENSORS)
    members: dict[str, Any] = {
        "status": _throttling(seen, status, sensors),
        "status_overridden": OVERRIDDEN,
        "sensors": sensors,
    }
    if isinstance(sensors, Unread):
        members |= dict.fromkeys(("hottest_c", "hottest_sensor", "battery_c", "skin_c", "cpu_c", "gpu_c"), sensors)
        return seen.gathers(members)
    readings = [s for s in sensors if s["temperature_c"] is not None and s["type"] != UNKNOWN_TYPE]
    hottest = max(readings, key=lambda s: s["temperature_c"], default=None)
    # A list that was cut may have lost the hottest one.
    why = None if seen.heard(WHOLE) else Unread("truncated")
    members |= {
        "hottest_c": why or (MISSING if hottest is None else hottest["temperature_c"]),
        "hottest_sensor": why or (MISSING if hottest is None else hottest["sensor"]),
        "battery_c": _of_type(sensors, "battery"),
        "skin_c": _of_type(sensors, SKIN),
        "cpu_c": _of_type(sensors, "cpu"),
        "gpu_c": _of_type(sensors, "gpu"),
    }
    return seen.gathers(members)


THERMAL_STATE = Probe("thermal_state", DEEP, (STATUS, OVERRIDDEN, SENSORS, WHOLE), thermal_state)
