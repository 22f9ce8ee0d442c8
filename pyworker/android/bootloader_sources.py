"""Which properties tell whether the bootloader is locked, and what each of them says.

Root hiders edit only ro.boot.*; three published listings show those locked and green while vendor.boot.* says
unlocked and orange. So every source is asked, and any disagreement is one. Not among them, by name:
ro.boot.veritymode (stays "enforcing" when unlocked), sys.oem_unlock_allowed (the developer's switch),
ro.boot.secureboot_enable (a fuse), ro.build.tags and ro.secure (the build).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyworker.android.getprop import Properties

LOCKED = "locked"
UNLOCKED = "unlocked"

_ONE_IS_LOCKED: dict[str, object] = {"1": LOCKED, "0": UNLOCKED}
_NAMED: dict[str, object] = {"locked": LOCKED, "unlocked": UNLOCKED}
# yellow: locked, with the user's own key. red: the system was not verified, which says nothing about the lock.
_COLOURS: dict[str, object] = {"green": LOCKED, "yellow": LOCKED, "orange": UNLOCKED}

SOURCES: dict[str, dict[str, object]] = {
    "ro.boot.flash.locked": _ONE_IS_LOCKED,
    "ro.boot.vbmeta.device_state": _NAMED,
    "ro.boot.verifiedbootstate": _COLOURS,
    "vendor.boot.vbmeta.device_state": _NAMED,
    "vendor.boot.verifiedbootstate": _COLOURS,
    "ro.boot.realme.lockstate": _ONE_IS_LOCKED,
    "ro.boot.realmebootstate": _COLOURS,
    "ro.secureboot.lockstate": _NAMED,
}


def states(properties: Properties) -> dict[str, object]:
    """LOCKED or UNLOCKED by source, only the sources that say one of them."""
    said: dict[str, object] = {}
    for key, words in SOURCES.items():
        state = words.get((properties.get(key) or "").lower())
        if state is not None:
            said[key] = state
    return said


def disagree(properties: Properties) -> bool:
    return len(set(states(properties).values())) > 1
