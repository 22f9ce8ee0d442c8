"""The lock screen: is the phone locked now, has it a lock, and was it unlocked since it started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyworker.android import reads
from pyworker.findings import MISSING, Finding
from pyworker.probes import DEEP, Probe, Witness

if TYPE_CHECKING:
    from pyworker.probes import Observations

TRUE_FALSE: dict[str, object] = {"true": True, "false": False}


def _told(value: bool | None) -> object:
    return MISSING if value is None else value


DEVICE_LOCKED = Witness(reads.TRUST, "deviceLocked", lambda trust: _told(trust.device_locked))
TRUST_MANAGED = Witness(reads.TRUST, "trustManaged", lambda trust: _told(trust.trust_managed))
SHOWING = Witness(reads.KEYGUARD, "showing", lambda keyguard: _told(keyguard.showing))
SECURE = Witness(reads.KEYGUARD, "secure", lambda keyguard: _told(keyguard.secure))
UNLOCKED_ONCE = reads.property_witness("sys.user.0.ce_available", TRUE_FALSE)


def lock_screen(seen: Observations) -> Finding:
    return seen.gathers({
        "locked_now": DEVICE_LOCKED,
        "showing": SHOWING,
        "secure": SECURE,
        "trust_agents_manage": TRUST_MANAGED,
        "unlocked_since_start": UNLOCKED_ONCE,
    })


LOCK_SCREEN = Probe("lock_screen", DEEP, (DEVICE_LOCKED, TRUST_MANAGED, SHOWING, SECURE, UNLOCKED_ONCE), lock_screen)
