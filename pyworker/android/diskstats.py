"""`dumpsys diskstats`: how fast and how full the storage is, and what fills it.

The "-Free" lines are KiB, the category sizes (Android 9) are bytes, and "System Size" may be the nominal size of the
chip. File-based encryption is announced only when true. Facts: AOSP DiskStatsService, published dumps.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pyworker.android.dump_text import read_dump
from pyworker.findings import Unread

KIB = 1024
_LATENCY = re.compile(r"Latency: ([0-9]{1,9})ms \[512B Data Write\]$")
_FREE = re.compile(r"(Data|Cache|System|Metadata)-Free: ([0-9]{1,15})K / ([0-9]{1,15})K total\b")
_SPEED = re.compile(r"Recent Disk Write Speed \(kB/s\) = ([0-9]{1,9})$")
_SIZE = re.compile(
    r"(App|App Data|Apps Cache|App Cache|Photos|Videos|Audio|Downloads|System|Other) Size: ([0-9]{1,18})$")


class Space(NamedTuple):
    free_bytes: int
    total_bytes: int


class DiskStats(NamedTuple):
    """write_latency_ms of one block, write_speed_kb_s where measured. spaces: by "Data", "Cache", "System", "Metadata".
    category_bytes: by the dump's own names ("App", "Photos"). file_based_encryption: True, or None where not announced.
    """

    write_latency_ms: int | None
    write_speed_kb_s: int | None
    spaces: dict[str, Space]
    category_bytes: dict[str, int]
    file_based_encryption: bool | None


def parse_diskstats(data: bytes | str, cut: bool = False) -> DiskStats | Unread:
    """`dumpsys diskstats` -> DiskStats; Unread when it has none of its lines."""
    dump = read_dump(data, cut, "diskstats")
    latency = speed = encryption = None
    spaces: dict[str, Space] = {}
    sizes: dict[str, int] = {}
    for raw in dump.lines:
        line = raw.strip()
        if found := _LATENCY.match(line):
            latency = int(found.group(1))
        elif found := _FREE.match(line):
            spaces.setdefault(found.group(1), Space(int(found.group(2)) * KIB, int(found.group(3)) * KIB))
        elif found := _SPEED.match(line):
            speed = int(found.group(1))
        elif line == "File-based Encryption: true":
            encryption = True
        elif found := _SIZE.match(line):
            sizes.setdefault(found.group(1), int(found.group(2)))
    if latency is None and speed is None and not spaces:
        return dump.refusal()
    return DiskStats(latency, speed or None, spaces, sizes, encryption)
