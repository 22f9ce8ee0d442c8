"""The developer options that matter on a bench: a customer's phone should not leave with them on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyworker.android import frp, reads
from pyworker.android.settings_tables import flag
from pyworker.findings import Finding, Unread
from pyworker.probes import DEEP, Probe, Witness

if TYPE_CHECKING:
    from pyworker.probes import Observations, Read


def _switch(read: Read, key: str) -> Witness:
    def pick(text: object) -> object:
        value = flag(text)
        return value if isinstance(value, Unread) else value == 1

    return Witness(read, key, pick)


def _stays_awake(text: str) -> object:
    """A mask of the chargers it stays on with; 0 is none."""
    return text != "0" if text.isascii() and text.isdigit() and len(text) <= 2 else Unread("unreadable")


OPTIONS = _switch(reads.DEVELOPER_OPTIONS, "development_settings_enabled")
ADB = _switch(reads.ADB_ENABLED, "adb_enabled")
ADB_WIFI = _switch(reads.ADB_WIFI_ENABLED, "adb_wifi_enabled")
AWAKE = Witness(reads.STAY_AWAKE, "stay_on_while_plugged_in", _stays_awake)


def developer_options(seen: Observations) -> Finding:
    allowed = seen.answer(frp.OEM_UNLOCK_ALLOWED)
    return seen.gathers({
        "enabled": OPTIONS,
        "usb_debugging": ADB,
        "wireless_debugging": ADB_WIFI,
        "stay_awake": AWAKE,
        "oem_unlock_allowed": allowed if isinstance(allowed, Unread) else allowed == 1,
    }, ("oem_unlock_switch_is_no_lock_state",))


DEVELOPER = Probe("developer_options", DEEP, (OPTIONS, ADB, ADB_WIFI, AWAKE, frp.OEM_UNLOCK_ALLOWED), developer_options)
