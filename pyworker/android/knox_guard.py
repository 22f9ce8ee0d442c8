"""Knox Guard, the lock by which Samsung phones on credit are barred: its raw words.

No source explains the words (one phone in normal use says "Completed", one "Checking"), so nothing is concluded from
one of them alone: barred needs the state to say Locked and the bootloader's flag to say 0x3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyworker.android import reads, root
from pyworker.findings import Finding, Unread
from pyworker.probes import BASIC, Probe

if TYPE_CHECKING:
    from pyworker.probes import Observations

STATE = reads.property_witness("knox.kg.state")
BOOT_FLAG = reads.property_witness("ro.boot.kg")
BOOT_BIT = reads.property_witness("ro.boot.kg.bit")
MANUFACTURER = reads.property_witness("ro.product.manufacturer")
LOCKED_STATE = "Locked"
LOCKED_FLAG = "0x3"


def knox_guard(seen: Observations) -> Finding:
    """{"state", "boot_flag", "boot_bit", "barred"}: raw words, and true or unknown."""
    state, flag = seen[STATE], seen[BOOT_FLAG]
    _ = seen[BOOT_BIT]
    maker = seen[MANUFACTURER]
    if state is None and flag is None and maker is not None and maker.lower() != "samsung":
        return seen.cannot_tell("not_applicable")
    if state is None and flag is None:
        return seen.cannot_tell()
    says = (state == LOCKED_STATE, flag == LOCKED_FLAG)
    barred: object = True if all(says) else Unread("conflict" if any(says) and None not in (state, flag)
                                                   else "not_exposed")
    return seen.gathers({"state": STATE, "boot_flag": BOOT_FLAG, "boot_bit": BOOT_BIT, "barred": barred},
                        ("knox_guard_words_are_undocumented",), root.rooted(seen))


KNOX_GUARD = Probe("knox_guard", BASIC, (STATE, BOOT_FLAG, BOOT_BIT, MANUFACTURER, *root.WITNESSES), knox_guard)
