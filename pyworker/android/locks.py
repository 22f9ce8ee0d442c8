"""The locks of an Android phone, as `inspect.basic` gives them; each has a file of its own.

activation_locked and efi_locked are questions about other makers' devices: null with `not_applicable`, never false.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyworker.android.bootloader import BOOTLOADER
from pyworker.android.frp import FRP_ARMED, FRP_LOCKED
from pyworker.android.knox_guard import KNOX_GUARD
from pyworker.android.management import MDM_ENROLLED, MDM_ORGANIZATION, MDM_SCOPE, WORK_PROFILE
from pyworker.probes import BASIC, Probe

if TYPE_CHECKING:
    from pyworker.findings import Finding
    from pyworker.probes import Observations


def not_applicable(seen: Observations) -> Finding:
    return seen.cannot_tell("not_applicable")


ACTIVATION_LOCKED = Probe("activation_locked", BASIC, (), not_applicable)
EFI_LOCKED = Probe("efi_locked", BASIC, (), not_applicable)

PROBES = (ACTIVATION_LOCKED, EFI_LOCKED, FRP_LOCKED, FRP_ARMED, MDM_ENROLLED, MDM_SCOPE, MDM_ORGANIZATION, WORK_PROFILE,
          BOOTLOADER, KNOX_GUARD)
