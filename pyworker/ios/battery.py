"""The battery: level, charge, wear. The phone tells it in four places, in units that changed over the years.

- lockdown's com.apple.mobile.battery: percent, charging, external power. It says "charging" also when full.
- The registry entry of the power source, by class or by one of two names; a name that does not fit the model gives
  an empty entry, and the next one is looked at. Up to iOS 9 MaxCapacity and CurrentCapacity are mAh; since then
  they are percent. Where the system nests them (seen from version 27 on), the mAh values lie in the dictionary
  BatteryData, under names of the gas gauge: FullChargeCapacity, RemainingCapacity, NominalChargeCapacity.
- The gas gauge: FullChargeCapacity is 100 since 12.2. A maximum of about 100 is a percent scale and never mAh.
- The daily analytics file: the health that Settings shows, a day or more old, so it comes with its date.
- Temperature is hundredths of a degree; currents are signed and may come as the unsigned image of a negative
  number.

Three figures of health are given by name, because they differ on worn phones: `health_official` is the phone's own,
`health_nominal` and `health_raw` are nominal and raw capacity as percent of the design. None is capped: a new pack
may show 102. What lies outside its window is null with `implausible`, and the raw value stands in the evidence.
(libimobiledevice #471, #660, #765, #823, #1068, #1095; pymobiledevice3 #324; published registry dumps.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyworker.findings import MISSING, Finding, Unread
from pyworker.ios import analytics, reads
from pyworker.ios.plist import boolean, number, signed, text
from pyworker.probes import DEEP, Probe, Read, Witness

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyworker.probes import Observations

IMPLAUSIBLE = Unread("implausible")

# (lowest, highest) of what each quantity can be on an iPhone, iPad or iPod.
PERCENT = (0.0, 100.0)
CYCLES = (0.0, 10_000.0)
CAPACITY_MAH = (300.0, 20_000.0)      # iPod touch 1030, iPhone 1219 to 5100, iPad Pro 10300; worn ones less
CHARGE_MAH = (0.0, 20_000.0)
TEMPERATURE = (-2_000.0, 8_000.0)     # hundredths of a degree Celsius
VOLTAGE_MV = (2_500.0, 10_000.0)
CURRENT_MA = (-10_000.0, 10_000.0)
HEALTH_PERCENT = (1.0, 130.0)

# MaxCapacity and FullChargeCapacity are mAh or percent, as the system likes. Nothing with a battery holds so little.
LARGEST_PERCENT = 130
_MAH_OR_PERCENT = frozenset((
    "MaxCapacity", "BatteryData.MaxCapacity", "FullChargeCapacity", "BatteryData.FullChargeCapacity"))

# In the order in which they are looked at. The first that holds anything of a battery is the battery.
ENTRIES = (reads.POWER_SOURCE, reads.SMART_BATTERY, reads.ARM_CHARGER)
_OF_A_BATTERY = frozenset((
    "AppleRawMaxCapacity", "BatteryData", "CurrentCapacity", "CycleCount", "DesignCapacity", "MaxCapacity", "Voltage"))

# Quantity -> where it stands in an entry, the surest first.
_KEYS: dict[str, tuple[tuple[str, ...], Any]] = {
    "charging": (("IsCharging",), boolean),
    "external": (("ExternalConnected",), boolean),
    "full": (("FullyCharged",), boolean),
    "present": (("BatteryInstalled",), boolean),
    "cycles": (("CycleCount", "BatteryData.CycleCount"), number),
    "design": (("DesignCapacity", "BatteryData.DesignCapacity"), number),
    "nominal": (("NominalChargeCapacity", "BatteryData.NominalChargeCapacity"), number),
    "raw": ((
        "AppleRawMaxCapacity", "BatteryData.AppleRawMaxCapacity", "BatteryData.FullChargeCapacity",
        "BatteryData.MaxCapacity", "MaxCapacity"), number),
    "remaining": ((
        "AppleRawCurrentCapacity", "BatteryData.AppleRawCurrentCapacity", "BatteryData.RemainingCapacity"), number),
    "voltage": (("Voltage", "AppleRawBatteryVoltage", "BatteryData.Voltage"), number),
    "current": (("InstantAmperage", "Amperage", "BatteryData.InstantAmperage", "BatteryData.Amperage"), signed),
    "temperature": (("Temperature", "BatteryData.Temperature"), signed),
    "serial": (("Serial", "BatteryData.Serial", "BatterySerialNumber"), text),
    "have": (("CurrentCapacity",), number),
    "full_scale": (("MaxCapacity",), number),
}
_IN_ENTRY: dict[tuple[Read, str], tuple[Witness, ...]] = {
    (entry, quantity): tuple(reads.member_as(entry, key, kind) for key in keys)
    for entry in ENTRIES for quantity, (keys, kind) in _KEYS.items()}


def _properties(answer: Any) -> Any:
    held = sorted(_OF_A_BATTERY & answer.keys()) if isinstance(answer, dict) else []
    return held or MISSING


_HOLDS = {entry: Witness(entry, "properties", _properties) for entry in ENTRIES}

LEVEL = reads.member_as(reads.BATTERY, "BatteryCurrentCapacity", number)
CHARGING = reads.member_as(reads.BATTERY, "BatteryIsCharging", boolean)
EXTERNAL = reads.member_as(reads.BATTERY, "ExternalConnected", boolean)
FULL = reads.member_as(reads.BATTERY, "FullyCharged", boolean)
PRESENT = reads.member_as(reads.BATTERY, "HasBattery", boolean)
GAUGE_CYCLES = reads.member_as(reads.GAS_GAUGE, "CycleCount", number)
GAUGE_DESIGN = reads.member_as(reads.GAS_GAUGE, "DesignCapacity", number)
GAUGE_FULL = reads.member_as(reads.GAS_GAUGE, "FullChargeCapacity", number)
OFFICIAL = reads.member_as(reads.ANALYTICS, analytics.HEALTH, lambda figure: figure)
OFFICIAL_DATE = reads.member_as(reads.ANALYTICS, "date", lambda figure: figure)


def battery_state(seen: Observations) -> Finding:
    entry = _entry(seen)

    def look(quantity: str, window: tuple[float, float] | None = None, *, before: Sequence[Witness] = (),
             after: Sequence[Witness] = ()) -> Any:
        inside = () if isinstance(entry, Unread) else _IN_ENTRY[entry, quantity]
        return _first(seen, (*before, *inside, *after), window, entry if isinstance(entry, Unread) else MISSING)

    design = look("design", CAPACITY_MAH, after=(GAUGE_DESIGN,))
    nominal = look("nominal", CAPACITY_MAH)
    raw = look("raw", CAPACITY_MAH, after=(GAUGE_FULL,))
    official = _between(seen.answer(OFFICIAL), HEALTH_PERCENT)
    temperature = look("temperature", TEMPERATURE)
    return seen.gathers({
        "level_percent": _level(seen, entry),
        "charging": look("charging", after=(CHARGING,)),
        "fully_charged": look("full", before=(FULL,)),
        "external_power": look("external", before=(EXTERNAL,)),
        "present": look("present", before=(PRESENT,)),
        "cycle_count": look("cycles", CYCLES, after=(GAUGE_CYCLES,)),
        "design_capacity_mah": design,
        "nominal_capacity_mah": nominal,
        "raw_capacity_mah": raw,
        "remaining_mah": look("remaining", CHARGE_MAH),
        "health_official": official,
        "health_official_date": official if isinstance(official, Unread) else seen.answer(OFFICIAL_DATE),
        "health_nominal": _share(nominal, design),
        "health_raw": _share(raw, design),
        "temperature_c": temperature if isinstance(temperature, Unread) else round(temperature / 100, 2),
        "voltage_mv": look("voltage", VOLTAGE_MV),
        "current_ma": look("current", CURRENT_MA),
        "serial": look("serial"),
    }, notes=() if isinstance(official, Unread) else ("health_official_is_the_phones_own",))


def _entry(seen: Observations) -> Read | Unread:
    """The registry entry that is the battery, or why there is none."""
    silent: list[Unread] = []
    for entry, holds in _HOLDS.items():
        answer = seen.answer(holds)
        if not isinstance(answer, Unread):
            return entry
        silent.append(answer)
    return _most_telling(silent, MISSING)


def _first(
    seen: Observations, places: Sequence[Witness], window: tuple[float, float] | None, otherwise: Unread,
) -> Any:
    """The first place that gives a value that can be right; else the most telling reason why none does."""
    silent: list[Unread] = []
    for place in places:
        answer = seen.answer(place)
        if window is not None:
            answer = MISSING if _in_percent(place, answer) else _between(answer, window)
        if not isinstance(answer, Unread):
            return answer
        silent.append(answer)
    return _most_telling(silent, otherwise)


def _most_telling(silent: Sequence[Unread], otherwise: Unread) -> Unread:
    """An attempt that failed says more than a value that is not there."""
    return next((answer for answer in silent if answer != MISSING), otherwise)


def _in_percent(place: Witness, answer: Any) -> bool:
    return place.key in _MAH_OR_PERCENT and not isinstance(answer, Unread) and answer <= LARGEST_PERCENT


def _between(answer: Any, window: tuple[float, float]) -> Any:
    if isinstance(answer, Unread):
        return answer
    return answer if window[0] <= answer <= window[1] else IMPLAUSIBLE


def _level(seen: Observations, entry: Read | Unread) -> Any:
    """Percent by lockdown; else by the registry, whose CurrentCapacity is percent or mAh as MaxCapacity tells."""
    level = _between(seen.answer(LEVEL), PERCENT)
    if not isinstance(level, Unread) or isinstance(entry, Unread):
        return level
    (current,), (maximum,) = _IN_ENTRY[entry, "have"], _IN_ENTRY[entry, "full_scale"]
    have, full = seen.answer(current), seen.answer(maximum)
    if isinstance(have, Unread) or isinstance(full, Unread):
        return level
    if full <= LARGEST_PERCENT:
        return _between(have, PERCENT)
    return _between(round(100 * have / full), PERCENT)


def _share(capacity: Any, design: Any) -> Any:
    for part in (capacity, design):
        if isinstance(part, Unread):
            return part
    return _between(round(100 * capacity / design, 1), HEALTH_PERCENT)


_HEARD = (
    LEVEL, CHARGING, EXTERNAL, FULL, PRESENT, *_HOLDS.values(),
    *(place for places in _IN_ENTRY.values() for place in places),
    GAUGE_CYCLES, GAUGE_DESIGN, GAUGE_FULL, OFFICIAL, OFFICIAL_DATE)

PROBES = (Probe("battery_state", DEEP, _HEARD, battery_state),)
