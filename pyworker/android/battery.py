"""The battery: what the service says now, and every readable figure of its wear, each with the name of its source.

Units differ between phones: values outside the windows below are not believed (reason `implausible`, the raw value is
in the evidence). 0 and -1 mean "no value" wherever wear is told. Sources of wear disagree by nature, so none is
averaged or preferred silently: each has a member of its own, and `cycle_count` says whose it is.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from pyworker.android import reads
from pyworker.android.several_sources import most_telling
from pyworker.findings import MISSING, Finding, Unread
from pyworker.probes import DEEP, Probe, Witness

if TYPE_CHECKING:
    from pyworker.android.batterystats import LearnedCapacity
    from pyworker.android.dumpsys_battery import Battery
    from pyworker.android.file_values import FileValues
    from pyworker.android.health_hal import HealthHal
    from pyworker.probes import Observations

STATUSES = {1: "unknown", 2: "charging", 3: "discharging", 4: "not_charging", 5: "full"}
HEALTHS = {1: "unknown", 2: "good", 3: "overheat", 4: "dead", 5: "over_voltage", 6: "failure", 7: "cold"}
POWER = {"AC powered": "ac", "USB powered": "usb", "Wireless powered": "wireless", "Dock powered": "dock"}

# Beyond these no phone's battery can be; published dumps with whole volts, whole degrees or mAh fall outside.
VOLTAGE_MV = (2500, 10_000)
TEMPERATURE_C = (-20.0, 80.0)
COUNTER_UAH = (100_000, 20_000_000)
CAPACITY_MAH = (100, 20_000)
CURRENT_UA = (1, 20_000_000)
CHARGER_UV = (1_000_000, 60_000_000)
CYCLES = (1, 5000)
HEALTH_PERCENT = (1, 130)  # new packs give a little over 100
# Of a full charge to the design: phones with two cells that count one here and both there give half, or twice, whatever
# the wear (published: 2322 of 4440 mAh on a phone in order). Worn that far is rare; the two capacities are told anyway.
CAPACITY_SHARE_PERCENT = (55, 130)
YEARS = (2010, 2060)
SAMSUNG_USAGE_PER_CYCLE = 100


def _service(key: str) -> Witness:
    return Witness(reads.BATTERY, key, lambda battery: battery.values.get(key, MISSING))


def _vendor(key: str) -> Witness:
    return Witness(reads.BATTERY, key, lambda battery: battery.vendor.get(key, MISSING))


def _hal(key: str, pick: Any) -> Witness:
    def value(hal: HealthHal) -> object:
        number = pick(hal)
        return MISSING if number is None else number

    return Witness(reads.HEALTH_HAL, key, value)


def _file(*names: str) -> Witness:
    def value(files: FileValues) -> object:
        text = files.ending(*names)
        if isinstance(text, Unread):
            return text
        digits = text.removeprefix("+")
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else Unread("unreadable")

    return Witness(reads.BATTERY_FILES, names[0], value)


def _stats(key: str, pick: Any) -> Witness:
    def value(stats: LearnedCapacity) -> object:
        number = pick(stats)
        return MISSING if number is None else number

    return Witness(reads.BATTERYSTATS, key, value)


def _faked(battery: Battery) -> object:
    return Unread("truncated") if battery.faked is None else battery.faked


LEVEL, SCALE = _service("level"), _service("scale")
STATUS, HEALTH, PRESENT = _service("status"), _service("health"), _service("present")
VOLTAGE, TEMPERATURE, COUNTER = _service("voltage"), _service("temperature"), _service("Charge counter")
TECHNOLOGY = _service("technology")
MAX_CURRENT, MAX_VOLTAGE = _service("Max charging current"), _service("Max charging voltage")
POWERED = {word: _service(key) for key, word in POWER.items()}
FAKED = Witness(reads.BATTERY, "updates stopped", _faked)

ASOC, BSOH, USAGE = _vendor("mSavedBatteryAsoc"), _vendor("mSavedBatteryBsoh"), _vendor("mSavedBatteryUsage")
MAX_TEMPERATURE = _vendor("mSavedBatteryMaxTemp")
EFS_ASOC, EFS_USAGE, EFS_FIRST_USE = (
    _vendor("AsocData"), _vendor("DischargeLevelData"), _vendor("FirstUseDateData"))
SAMSUNG_FIRST_USE, XIAOMI_FIRST_USE = _vendor("battery FirstUseDate"), _vendor("mParseNtpTime")
ASUS_SOH = _vendor("soh")

HAL_CYCLES = _hal("batteryCycleCount", lambda hal: hal.cycles)
HAL_FULL = _hal("batteryFullChargeUah", lambda hal: hal.full_charge_uah)
HAL_DESIGN = _hal("batteryFullChargeDesignCapacityUah", lambda hal: hal.design_capacity_uah)
HAL_HEALTH = _hal("batteryStateOfHealth", lambda hal: hal.state_of_health)

FILE_CYCLES = _file("cycle_count", "battery_cycle")
FILE_FULL, FILE_DESIGN = _file("charge_full"), _file("charge_full_design")
FILE_ASOC = _file("fg_asoc")

LEARNED = {
    "estimated": _stats("Estimated battery capacity", lambda stats: stats.estimated_mah),
    "last_learned": _stats("Last learned battery capacity", lambda stats: stats.last_learned_mah),
    "min_learned": _stats("Min learned battery capacity", lambda stats: stats.min_learned_mah),
    "max_learned": _stats("Max learned battery capacity", lambda stats: stats.max_learned_mah),
}


def within(value: object, window: tuple[float, float]) -> Any:
    """A number that may be believed; Unread, or the reason it may not."""
    if isinstance(value, Unread) or value is None:
        return value if value is not None else MISSING
    return value if isinstance(value, int | float) and window[0] <= value <= window[1] else Unread("implausible")


def _named(seen: Observations, witness: Witness, names: dict[int, str]) -> Any:
    code = seen.answer(witness)
    return code if isinstance(code, Unread) else names.get(code, Unread("implausible"))


def _level_percent(seen: Observations) -> Any:
    level, scale = seen.answer(LEVEL), seen.answer(SCALE)
    if isinstance(level, Unread) or isinstance(scale, Unread):
        return level if isinstance(level, Unread) else scale
    return round(level * 100 / scale) if scale > 0 and 0 <= level <= scale else Unread("implausible")


def _voltage_mv(seen: Observations) -> Any:
    return within(seen.answer(VOLTAGE), VOLTAGE_MV)


def _temperature_c(seen: Observations) -> Any:
    """From tenths of a degree; 0 is no reading. A phone whose voltage is not in mV may give whole degrees: then only a
    number that would be too hot for those is believed (several vendors round to volts, and give tenths all the same)."""
    raw = seen.answer(TEMPERATURE)
    if isinstance(raw, Unread):
        return raw
    may_be_degrees = _voltage_mv(seen) == Unread("implausible") and TEMPERATURE_C[0] <= raw <= TEMPERATURE_C[1]
    return Unread("implausible") if raw == 0 or may_be_degrees else within(round(raw / 10, 1), TEMPERATURE_C)


def _counter_uah(seen: Observations) -> Any:
    raw = seen.answer(COUNTER)
    return Unread("unsupported") if raw == 0 else within(raw, COUNTER_UAH)


def _limit(seen: Observations, witness: Witness, window: tuple[float, float]) -> Any:
    """What the charger may give; 0 while none is attached."""
    raw = seen.answer(witness)
    return raw if raw == 0 else within(raw, window)


def _powered_by(seen: Observations) -> Any:
    heard = {word: seen[witness] for word, witness in POWERED.items()}
    if all(value is None for value in heard.values()):
        return seen.answer(POWERED["ac"])
    return [word for word, value in heard.items() if value is True]


def _filled(value: Any) -> Any:
    """0 and -1 are what a source says that was never filled in."""
    return MISSING if not isinstance(value, Unread) and value <= 0 else value


def _cycles(seen: Observations) -> dict[str, Any]:
    usage = next((_filled(seen.answer(w)) for w in (USAGE, EFS_USAGE) if seen[w] is not None), seen.answer(USAGE))
    if not isinstance(usage, Unread):
        usage = max(1, round(usage / SAMSUNG_USAGE_PER_CYCLE))
    return {
        "cycle_count_hal": within(_filled(seen.answer(HAL_CYCLES)), CYCLES),
        "cycle_count_sysfs": within(_filled(seen.answer(FILE_CYCLES)), CYCLES),
        "cycle_count_samsung": within(usage, CYCLES),
    }


def _first_told(told: dict[str, Any]) -> tuple[Any, Any]:
    """The value of the first source that has one, and which it was; else why none has."""
    for name, value in told.items():
        if not isinstance(value, Unread):
            return value, name.rpartition("_")[2]
    why = Unread(most_telling([value.reason for value in told.values()]))
    return why, why


def _health(seen: Observations) -> dict[str, Any]:
    return {
        "health_hal_percent": within(_filled(seen.answer(HAL_HEALTH)), HEALTH_PERCENT),
        "health_hal_capacity_percent": _share(seen.answer(HAL_FULL), seen.answer(HAL_DESIGN)),
        "health_sysfs_capacity_percent": _share(seen.answer(FILE_FULL), seen.answer(FILE_DESIGN)),
        "health_samsung_asoc_percent": within(_filled(seen.answer(ASOC)), HEALTH_PERCENT),
        "health_samsung_bsoh_percent": within(_filled(seen.answer(BSOH)), HEALTH_PERCENT),
        "health_samsung_efs_percent": within(_filled(seen.answer(EFS_ASOC)), HEALTH_PERCENT),
        "health_samsung_gauge_percent": within(_filled(seen.answer(FILE_ASOC)), HEALTH_PERCENT),
        "health_asus_percent": within(_filled(seen.answer(ASUS_SOH)), HEALTH_PERCENT),
    }


def _capacities(seen: Observations) -> dict[str, Any]:
    members = {
        "full_capacity_hal_mah": _mah(seen.answer(HAL_FULL)),
        "design_capacity_hal_mah": _mah(seen.answer(HAL_DESIGN)),
        "full_capacity_sysfs_mah": _mah(seen.answer(FILE_FULL)),
        "design_capacity_sysfs_mah": _mah(seen.answer(FILE_DESIGN)),
    }
    return members | {
        f"{name}_capacity_mah": within(_filled(seen.answer(witness)), CAPACITY_MAH)
        for name, witness in LEARNED.items()}


def _mah(uah: Any) -> Any:
    filled = _filled(uah)
    return filled if isinstance(filled, Unread) else within(round(filled / 1000), CAPACITY_MAH)


def _share(full: Any, design: Any) -> Any:
    """Percent of the design capacity. A "full" of 100 beside a design in uAh is a percent flag, and falls out."""
    full, design = _filled(full), _filled(design)
    if isinstance(full, Unread) or isinstance(design, Unread):
        return full if isinstance(full, Unread) else design
    return within(round(full * 100 / design), CAPACITY_SHARE_PERCENT)


def _first_use(seen: Observations) -> Any:
    for witness in (SAMSUNG_FIRST_USE, EFS_FIRST_USE, XIAOMI_FIRST_USE):
        raw = seen[witness]
        if raw:
            try:
                day = date(raw // 10_000, raw // 100 % 100, raw % 100)
            except ValueError:
                return Unread("implausible")
            return day.isoformat() if YEARS[0] <= day.year <= YEARS[1] else Unread("implausible")
    return seen.answer(SAMSUNG_FIRST_USE) if not seen.heard(SAMSUNG_FIRST_USE) else Unread("key_missing")


def battery_state(seen: Observations) -> Finding:
    present = seen[PRESENT]
    members: dict[str, Any] = {
        "level_percent": _level_percent(seen),
        "status": _named(seen, STATUS, STATUSES),
        "health": _named(seen, HEALTH, HEALTHS),
        "voltage_mv": _voltage_mv(seen),
        "temperature_c": _temperature_c(seen),
        "charge_counter_uah": _counter_uah(seen),
        "technology": TECHNOLOGY,
    }
    if present is False:
        members = dict.fromkeys(members, Unread("not_applicable"))
    cycles = _cycles(seen)
    cycle_count, source = _first_told(cycles)
    members |= {
        "present": PRESENT,
        "powered_by": _powered_by(seen),
        "max_charging_current_ua": _limit(seen, MAX_CURRENT, CURRENT_UA),
        "max_charging_voltage_uv": _limit(seen, MAX_VOLTAGE, CHARGER_UV),
        "values_faked": FAKED,
        "cycle_count": cycle_count,
        "cycle_count_source": source,
        **cycles,
        **_health(seen),
        **_capacities(seen),
        "first_use_date": _first_use(seen),
        "highest_temperature_c": _highest_temperature(seen),
    }
    return seen.gathers(
        members,
        ("estimated_capacity_may_be_design",) if seen[LEARNED["estimated"]] is not None else (),
        warnings=("battery_values_faked",) if seen[FAKED] is True else ())


def _highest_temperature(seen: Observations) -> Any:
    """The highest a Samsung remembers, tenths of a degree; 0 and -1 are none."""
    raw = seen.answer(MAX_TEMPERATURE)
    if isinstance(raw, Unread):
        return raw
    return within(round(raw / 10, 1), TEMPERATURE_C) if raw > 0 else MISSING


BATTERY_STATE = Probe("battery_state", DEEP, (
    LEVEL, SCALE, STATUS, HEALTH, PRESENT, VOLTAGE, TEMPERATURE, COUNTER, TECHNOLOGY, MAX_CURRENT, MAX_VOLTAGE,
    *POWERED.values(), FAKED, ASOC, BSOH, USAGE, MAX_TEMPERATURE, SAMSUNG_FIRST_USE, XIAOMI_FIRST_USE, ASUS_SOH,
    EFS_ASOC, EFS_USAGE, EFS_FIRST_USE,
    FILE_CYCLES, FILE_FULL, FILE_DESIGN, FILE_ASOC, *LEARNED.values(), HAL_CYCLES, HAL_FULL, HAL_DESIGN, HAL_HEALTH,
), battery_state)
