"""`df`: sizes of mounted file systems, in the shapes of toolbox, busybox and toybox.

toolbox (Android 5) names the mount first, rounds to human units and prints no percentage; busybox and toybox name the
device first and count 1 KiB blocks, or human units with -h; busybox breaks a row after a long device name. /data may be
shown as itself, as a bind mount or only through /storage/emulated: it is one volume, and is reported once.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pyworker.android.dump_text import read_dump
from pyworker.findings import Unread

KIB = 1024
_HUMAN = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)([BKMGTP]?)$", re.I)
_UNITS = {"": 0, "B": 0, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5}
_BLOCKS = re.compile(r"(512|1K|1024|1k)-blocks$")
# The data volume, best road first; the last two are views of it that may hide a part.
_DATA_MOUNTS = (re.compile(r"/data$"), re.compile(r"/data/user/0$"), re.compile(r"/data/media$"),
                re.compile(r"/storage/emulated(/\S*)?$"))


class Mount(NamedTuple):
    """Sizes in bytes. free_bytes is what may still be written; total is more than used plus free (a reserve).
    exact: counted in blocks, not rounded to a unit."""

    device: str
    mount: str
    total_bytes: int
    used_bytes: int
    free_bytes: int
    exact: bool


class DiskFree(NamedTuple):
    mounts: tuple[Mount, ...]

    def data_volume(self) -> Mount | None:
        """The volume that holds the users' data, or None when no row shows it."""
        for shape in _DATA_MOUNTS:
            for mount in self.mounts:
                if shape.match(mount.mount):
                    return mount
        return None


class _Columns(NamedTuple):
    """What a header says of the rows under it. block: bytes in what is counted, None where the sizes have units."""

    mount_first: bool
    block: int | None

    @classmethod
    def headed_by(cls, words: list[str]) -> _Columns | None:
        """The columns of the header this line is, if it is one."""
        if words[:1] != ["Filesystem"] or len(words) < 4:
            return None
        blocks = _BLOCKS.match(words[1])
        block = None if blocks is None else 512 if blocks.group(1) == "512" else KIB
        return cls("Blksize" in words or "Mounted" not in words, block)

    def mount(self, words: list[str]) -> Mount | None:
        return _mount_first(words) if self.mount_first else _device_first(words, self.block)


def parse_df(data: bytes | str, cut: bool = False) -> DiskFree | Unread:
    """`df`, `df -k`, `df -h` -> DiskFree; Unread when there is no header, or no row under it."""
    dump = read_dump(data, cut)
    mounts: list[Mount] = []
    columns: _Columns | None = None
    device: list[str] = []  # a name so long that its row goes on in the next line
    for line in (*dump.lines, dump.unfinished):
        words = line.split()
        header = _Columns.headed_by(words)
        if header is not None:
            columns, device = header, []
            continue
        if columns is None or not words:
            continue
        if device and len(words) in (4, 5) and not words[0].startswith("/"):
            words = device + words
        device = words if len(words) == 1 and not columns.mount_first else []
        mount = columns.mount(words)
        if mount is not None:
            mounts.append(mount)
    if not mounts:
        is_empty = columns is not None and not dump.damaged and len(dump.lines) <= 1
        return Unread("key_missing") if is_empty else dump.refusal()
    return DiskFree(tuple(mounts))


def _mount_first(words: list[str]) -> Mount | None:
    if len(words) < 4 or not words[0].startswith("/"):
        return None
    total, used, free = (_bytes(word, None) for word in words[1:4])
    return None if total is None or used is None or free is None else Mount("", words[0], total, used, free, False)


def _device_first(words: list[str], block: int | None) -> Mount | None:
    if len(words) < 6 or not words[4].endswith("%"):
        return None
    total, used, free = (_bytes(word, block) for word in words[1:4])
    if total is None or used is None or free is None:
        return None
    return Mount(words[0], " ".join(words[5:]), total, used, free, block is not None)


def _bytes(word: str, block: int | None) -> int | None:
    size = _HUMAN.match(word)
    if size is None or (block is not None and not word.isdigit()):
        return None
    if block is not None:
        return int(word) * block
    unit: int = KIB ** _UNITS[size.group(2).upper()]
    return round(float(size.group(1)) * unit)
