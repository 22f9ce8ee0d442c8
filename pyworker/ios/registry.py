"""Everything that is found out about an iPhone, in the order in which a reader wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyworker.ios import (
    battery,
    clock,
    crashes,
    identity,
    jailbreak,
    locks,
    regulatory,
    security,
    sim,
    storage,
)

if TYPE_CHECKING:
    from pyworker.probes import Probe, Read

PROBES: tuple[Probe, ...] = (
    *locks.PROBES, *battery.PROBES, *storage.PROBES, *security.PROBES, *jailbreak.PROBES, *sim.PROBES, *crashes.PROBES,
    *regulatory.PROBES, *clock.PROBES,
)

IDENTITY: tuple[Read, ...] = identity.IDENTITY
