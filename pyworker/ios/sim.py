"""SIM and carrier: hints only. Whether a carrier locked the phone cannot be read (libimobiledevice #300, #498).

SIMStatus speaks of the card that is in the phone, and an iPad with an embedded SIM says Ready without a card
(#359). The words are Apple's constants without their prefix: kCTSIMSupportSIMStatusOperatorLocked ->
operator_locked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pyworker.findings import MISSING, Finding, Unread
from pyworker.ios import reads
from pyworker.ios.plist import UNREADABLE, boolean, text
from pyworker.ios.reads import SESSION, told
from pyworker.probes import DEEP, Probe, Witness

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyworker.probes import Observations

# A phone has two slots and some embedded SIMs.
MOST_CARRIERS = 8

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def _constant(prefix: str) -> Callable[[Any], Any]:
    def word(value: Any) -> Any:
        said = text(value)
        if isinstance(said, Unread) or not said.startswith(prefix) or said == prefix:
            return said
        return _HUMP.sub("_", said.removeprefix(prefix)).lower()

    return word


def carriers(value: Any) -> Any:
    """[{"bundle", "mcc", "mnc"}] of CarrierBundleInfoArray, without its numbers of card and subscriber."""
    if not isinstance(value, list):
        return UNREADABLE
    named = [{
        "bundle": _or_none(entry.get("CFBundleIdentifier")), "mcc": _or_none(entry.get("MCC")),
        "mnc": _or_none(entry.get("MNC")),
    } for entry in value[:MOST_CARRIERS] if isinstance(entry, dict)]
    return named or MISSING


def _or_none(value: Any) -> str | None:
    said = text(value)
    return said if isinstance(said, str) else None


def _value(key: str, kind: Callable[[Any], Any]) -> Witness:
    return reads.member_as(reads.ALL_VALUES, key, kind)


TELEPHONY = _value("TelephonyCapability", boolean)
STATUS = _value("SIMStatus", _constant("kCTSIMSupportSIMStatus"))
TRAY = _value("SIMTrayStatus", _constant("kCTSIMSupportSIMTray"))
POSTPONEMENT = _value("kCTPostponementStatus", _constant("kCTPostponementStatus"))
BASEBAND = _value("BasebandStatus", text)
CARRIERS = _value("CarrierBundleInfoArray", carriers)


def sim_state(seen: Observations) -> Finding:
    if seen[TELEPHONY] is False:
        return seen.cannot_tell("not_applicable")
    return seen.gathers({
        "status": told(seen, STATUS),
        "tray": told(seen, TRAY),
        "postponement": told(seen, POSTPONEMENT),
        "baseband": told(seen, BASEBAND),
        "carriers": told(seen, CARRIERS),
    }, notes=("carrier_lock_is_not_readable",))


PROBES = (Probe("sim_state", DEEP, (TELEPHONY, STATUS, TRAY, POSTPONEMENT, BASEBAND, CARRIERS, SESSION), sim_state),)
