"""`dumpsys android.hardware.health.IHealth/default`: the health HAL's own dump, where the shell is let near it.

Two generations print the same names: AIDL "batteryCycleCount: 316, ", HIDL ".batteryCycleCount = 316,"; the battery
monitor adds lines of its own ("cycle count: 316"). 0 means "not filled in" for all of them, -1 too.
Facts: AOSP hardware/interfaces/health, published dumps.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pyworker.android.dump_text import read_dump
from pyworker.findings import Unread

_NAMED = re.compile(
    r"(?<![A-Za-z0-9_])(batteryCycleCount|batteryFullChargeUah|batteryFullCharge|batteryFullChargeDesignCapacityUah"
    r"|batteryStateOfHealth|eol|lifetimeA|lifetimeB)\s*[:=]\s*(-?[0-9]{1,18})(?![0-9.])")
_LINE = re.compile(r"(cycle count|Full charge): (-?[0-9]{1,18})$")
_NAMES = {"cycle count": "batteryCycleCount", "Full charge": "batteryFullChargeUah",
          "batteryFullCharge": "batteryFullChargeUah"}


class HealthHal(NamedTuple):
    """Each None where it is absent or not filled in. Capacities in microampere hours, state_of_health in percent;
    eol and the two lifetimes are the storage's raw codes (see storage_life)."""

    cycles: int | None
    full_charge_uah: int | None
    design_capacity_uah: int | None
    state_of_health: int | None
    storage_eol: int | None
    storage_life_a: int | None
    storage_life_b: int | None


def parse_health_hal(data: bytes | str, cut: bool = False) -> HealthHal | Unread:
    """The HAL's dump -> HealthHal; Unread when it names none of these."""
    dump = read_dump(data, cut)
    said: dict[str, int] = {}
    for line in dump.lines:
        own = _LINE.match(line.strip())
        for found in (*_NAMED.finditer(line), *([own] if own else [])):
            number = int(found.group(2))
            if number > 0:
                said.setdefault(_NAMES.get(found.group(1), found.group(1)), number)
            else:
                said.setdefault("", 0)
    if not said:
        return dump.refusal()
    return HealthHal(*(said.get(name) for name in (
        "batteryCycleCount", "batteryFullChargeUah", "batteryFullChargeDesignCapacityUah", "batteryStateOfHealth",
        "eol", "lifetimeA", "lifetimeB")))
