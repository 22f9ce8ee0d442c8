"""`dumpsys batterystats`: the capacity lines among the statistics since the last charge, in mAh.

"Estimated" is the power profile's figure on many phones, so it is a design value more often than a measured one;
"learned" is what the fuel gauge saw between charges. Facts: AOSP BatteryStats (Android 6 to 16), published dumps.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pyworker.android.dump_text import read_dump
from pyworker.findings import Unread

_LINE = re.compile(
    r"\s*(Estimated|Last learned|Min learned|Max learned) battery capacity: ([0-9]{1,9})(?:[.,][0-9]{1,6})? mAh\b")


class LearnedCapacity(NamedTuple):
    """Milliampere hours; None where the line is missing or says 0."""

    estimated_mah: int | None
    last_learned_mah: int | None
    min_learned_mah: int | None
    max_learned_mah: int | None


def parse_batterystats(data: bytes | str, cut: bool = False) -> LearnedCapacity | Unread:
    """The dump, or its capacity lines alone -> LearnedCapacity; Unread when it has none of them."""
    dump = read_dump(data, cut)
    said: dict[str, int] = {}
    for line in (*dump.lines, dump.unfinished):
        found = _LINE.match(line)
        if found and int(found.group(2)) > 0:
            said.setdefault(found.group(1), int(found.group(2)))
    if not said:
        return dump.refusal()
    return LearnedCapacity(*(said.get(key) for key in ("Estimated", "Last learned", "Min learned", "Max learned")))
