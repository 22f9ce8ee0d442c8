"""Storage: how much there is, how much is free, by whom it is told; wear where anything tells it.

lockdown counts disk, data volume and free room for data; the file system (AFC) counts its own volume and answers in
strings. Neither counts what the phone would clear by itself, so free room is never a reason to call a phone full. Of
lockdown's two figures that holds for AmountDataAvailable on every system; TotalDataAvailable is that and the reserve up
to iOS 16, and more than Settings calls free on iOS 17 (libimobiledevice #1572), so it only stands in.
Sizes are decimal. The two sources stay apart: they measure different things. Wear is not exposed by any known phone
(the diagnostics request NAND fails on real ones); counters of that name in an analytics file are taken when they
occur.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyworker.findings import MISSING, Finding, Unread
from pyworker.ios import analytics, reads
from pyworker.ios.plist import within
from pyworker.probes import DEEP, Probe

if TYPE_CHECKING:
    from pyworker.probes import Observations, Witness

SMALLEST, LARGEST = 1_000_000_000, 100_000_000_000_000
WEAR_PERCENT = (0, 255)  # a memory counts on beyond its rated life

IMPLAUSIBLE = Unread("implausible")
NOT_EXPOSED = Unread("not_exposed")


def _bytes(read: Any, key: str, least: int = 0) -> Witness:
    return reads.member_as(read, key, lambda value: within(value, least, LARGEST))


TOTAL = _bytes(reads.DISK_USAGE, "TotalDiskCapacity", SMALLEST)
DATA = _bytes(reads.DISK_USAGE, "TotalDataCapacity")
FREE = _bytes(reads.DISK_USAGE, "TotalDataAvailable")
FREE_TO_USER = _bytes(reads.DISK_USAGE, "AmountDataAvailable")
RESERVED = _bytes(reads.DISK_USAGE, "AmountDataReserved")
FS_TOTAL = _bytes(reads.FILE_SYSTEM, "FSTotalBytes", SMALLEST)
FS_FREE = _bytes(reads.FILE_SYSTEM, "FSFreeBytes")
WEAR = reads.member_as(reads.ANALYTICS, analytics.WEAR, lambda value: within(value, *WEAR_PERCENT))


def storage_health(seen: Observations) -> Finding:
    total, data = seen.answer(TOTAL), seen.answer(DATA)
    free = seen.answer(FREE_TO_USER)
    if free == MISSING:
        free = seen.answer(FREE)
    fs_total = seen.answer(FS_TOTAL)
    wear = seen.answer(WEAR)
    return seen.gathers({
        "total_bytes": total,
        "data_bytes": _part(data, total),
        "free_bytes": _part(free, total),
        "reserved_bytes": RESERVED,
        "file_system_total_bytes": fs_total,
        "file_system_free_bytes": _part(seen.answer(FS_FREE), fs_total),
        "wear_used_percent": NOT_EXPOSED if isinstance(wear, Unread) and wear.reason != "implausible" else wear,
    }, notes=("free_space_excludes_purgeable",))


def _part(part: Any, whole: Any) -> Any:
    """A part cannot be larger than the whole, as far as the whole is known."""
    if isinstance(part, Unread) or isinstance(whole, Unread):
        return part
    return part if part <= whole else IMPLAUSIBLE


PROBES = (Probe("storage_health", DEEP, (
    TOTAL, DATA, FREE, FREE_TO_USER, RESERVED, FS_TOTAL, FS_FREE, WEAR), storage_health),)
