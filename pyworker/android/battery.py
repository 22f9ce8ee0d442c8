"""The battery: what the service says now, and every readable figure of its wear, each with the name of its source.

Units differ between phones: values outside the windows below are not believed (reason `implausible`, the raw value is
in the evidence). 0 and -1 mean "no value" wherever wear is told. Sources of wear disagree by nature, so none is
averaged or preferred silently: `cycle_counts` and `health_percents` list them all.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from pyworker.android import reads
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
CURRENT_UA = (1, 20_000_000)
CHARGER_UV = (1_000_000, 60_000_000)
CYCLES = (1, 5000)
HEALTH_PERCENT = (1, 130)  # new packs give a little over 100
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
    return battery.faked if battery.faked or battery.whole else Unread("truncated")


LEVEL, SCALE = _service("level"), _service("scale")
STATUS, HEALTH, PRESENT = _service("status"), _service("health"), _service("present")
VOLTAGE, TEMPERATURE, COUNTER = _service("voltage"), _service("temperature"), _service("Charge counter")
TECHNOLOGY = _service("technology")
MAX_CURRENT, MAX_VOLTAGE = _service("Max charging current"), _service("Max charging voltage")
POWERED = {word: _service(key) for key, word in POWER.items()}
FAKED = Witness(reads.BATTERY, "updates stopped", _faked)

ASOC, BSOH, USAGE = _vendor("mSavedBatteryAsoc"), _vendor("mSavedBatteryBsoh"), _vendor("mSavedBatteryUsage")
MAX_TEMPERATURE = _vendor("mSavedBatteryMaxTemp")
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
    """From tenths of a degree. Where the voltage is not in mV this is not in tenths either; 0 is no reading."""
    raw = seen.answer(TEMPERATURE)
    if isinstance(raw, Unread):
        return raw
    if raw == 0 or _voltage_mv(seen) == Unread("implausible"):
        return Unread("implausible")
    return within(round(raw / 10, 1), TEMPERATURE_C)


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


def _cycle_counts(seen: Observations) -> list[dict[str, Any]]:
    usage = seen[USAGE]
    return _believed("cycles", CYCLES, (
        ("health_hal", seen[HAL_CYCLES]),
        ("sysfs", seen[FILE_CYCLES]),
        ("samsung_usage", None if usage is None else round(usage / SAMSUNG_USAGE_PER_CYCLE)),
    ))


def _health_percents(seen: Observations) -> list[dict[str, Any]]:
    return _believed("percent", HEALTH_PERCENT, (
        ("health_hal_state_of_health", seen[HAL_HEALTH]),
        ("health_hal_full_by_design", _share(seen[HAL_FULL], seen[HAL_DESIGN])),
        ("sysfs_full_by_design", _share(seen[FILE_FULL], seen[FILE_DESIGN])),
        ("samsung_asoc", seen[ASOC]),
        ("samsung_asoc_sysfs", seen[FILE_ASOC]),
        ("samsung_bsoh", seen[BSOH]),
        ("asus_soh", seen[ASUS_SOH]),
    ))


def _capacities(seen: Observations) -> list[dict[str, Any]]:
    full, design = seen[FILE_FULL], seen[FILE_DESIGN]
    return _believed("mah", (COUNTER_UAH[0] / 1000, COUNTER_UAH[1] / 1000), (
        ("health_hal_full", _mah(seen[HAL_FULL])), ("health_hal_design", _mah(seen[HAL_DESIGN])),
        ("sysfs_full", _mah(full)), ("sysfs_design", _mah(design)),
        *((f"batterystats_{name}", seen[witness]) for name, witness in LEARNED.items()),
    ))


def _mah(uah: int | None) -> int | None:
    return None if uah is None else round(uah / 1000)


def _share(full: int | None, design: int | None) -> int | None:
    """Percent of the design capacity. A "full" of 100 beside a design in uAh is a percent flag, and falls out."""
    return None if not full or not design else round(full * 100 / design)


def _believed(
    unit: str, window: tuple[float, float], given: tuple[tuple[str, int | None], ...],
) -> list[dict[str, Any]]:
    return [{"source": source, unit: value} for source, value in given
            if value is not None and window[0] <= value <= window[1]]


def _first_use(seen: Observations) -> Any:
    for witness in (SAMSUNG_FIRST_USE, XIAOMI_FIRST_USE):
        raw = seen[witness]
        if raw:
            try:
                day = date(raw // 10_000, raw // 100 % 100, raw % 100)
            except ValueError:
                return Unread("implausible")
            return day.isoformat() if YEARS[0] <= day.year <= YEARS[1] else Unread("implausible")
    return seen.answer(SAMSUNG_FIRST_USE) if not seen.heard(SAMSUNG_FIRST_USE) else Unread("key_missing")


def _or_why(found: list[dict[str, Any]], seen: Observations, *witnesses: Witness) -> Any:
    """The list, or why it is empty: implausible when a source gave something that was not believed."""
    if found:
        return found
    values = [seen[witness] for witness in witnesses]
    if any(value is not None and value > 0 for value in values):
        return Unread("implausible")
    reasons = [reason for witness in witnesses if (reason := seen.reason(witness))]
    return Unread(most_telling(reasons))


def most_telling(reasons: list[str]) -> str:
    """Of several sources' reasons: that of an attempt that failed, else that there is no such thing, else no value."""
    failed = [reason for reason in reasons if reason not in ("key_missing", "unsupported")]
    if failed:
        return failed[0]
    return "unsupported" if reasons and "key_missing" not in reasons else "key_missing"


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
    members |= {
        "present": PRESENT,
        "powered_by": _powered_by(seen),
        "max_charging_current_ua": _limit(seen, MAX_CURRENT, CURRENT_UA),
        "max_charging_voltage_uv": _limit(seen, MAX_VOLTAGE, CHARGER_UV),
        "values_faked": FAKED,
        "cycle_counts": _or_why(_cycle_counts(seen), seen, HAL_CYCLES, FILE_CYCLES, USAGE),
        "health_percents": _or_why(
            _health_percents(seen), seen, HAL_HEALTH, ASOC, BSOH, FILE_ASOC, ASUS_SOH, HAL_FULL, FILE_FULL),
        "capacities": _or_why(_capacities(seen), seen, HAL_FULL, HAL_DESIGN, FILE_FULL, FILE_DESIGN, *LEARNED.values()),
        "first_use_date": _first_use(seen),
        "highest_temperature_c": _highest_temperature(seen),
    }
    notes = ("estimated_capacity_may_be_design",) if seen[LEARNED["estimated"]] is not None else ()
    return seen.gathers(members, notes)


def _highest_temperature(seen: Observations) -> Any:
    """The highest a Samsung remembers, tenths of a degree; 0 and -1 are none."""
    raw = seen.answer(MAX_TEMPERATURE)
    if isinstance(raw, Unread):
        return raw
    return within(round(raw / 10, 1), TEMPERATURE_C) if raw > 0 else MISSING


BATTERY_STATE = Probe("battery_state", DEEP, (
    LEVEL, SCALE, STATUS, HEALTH, PRESENT, VOLTAGE, TEMPERATURE, COUNTER, TECHNOLOGY, MAX_CURRENT, MAX_VOLTAGE,
    *POWERED.values(), FAKED, ASOC, BSOH, USAGE, MAX_TEMPERATURE, SAMSUNG_FIRST_USE, XIAOMI_FIRST_USE, ASUS_SOH,
    FILE_CYCLES, FILE_FULL, FILE_DESIGN, FILE_ASOC, *LEARNED.values(), HAL_CYCLES, HAL_FULL, HAL_DESIGN, HAL_HEALTH,
), battery_state)
