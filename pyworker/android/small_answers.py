"""Answers of one line or a few: `date`, `getenforce`, /proc/meminfo, /proc/uptime, `ls -a /data/tombstones`."""

from __future__ import annotations

import re

from pyworker.android.dump_text import read_dump
from pyworker.findings import Unread

_SECONDS = re.compile(r"[0-9]{6,11}$")
_ENFORCE = re.compile(r"(Enforcing|Permissive|Disabled)$")
_MEMORY = re.compile(r"(MemTotal|MemFree|MemAvailable|SwapTotal|SwapFree): +([0-9]{1,12}) kB$")
_UPTIME = re.compile(r"([0-9]{1,10})\.[0-9]{2} [0-9]{1,12}\.[0-9]{2}$")
_TOMBSTONE = re.compile(r"tombstone_([0-9]{1,4})(\.pb)?$")
KIB = 1024


def parse_date(data: bytes | str, cut: bool = False) -> int | Unread:
    """`date +%s` -> the phone's clock, seconds since 1970."""
    dump = read_dump(data, cut)
    for line in dump.lines:
        if found := _SECONDS.match(line.strip()):
            return int(found[0])  # not the line: text's idea of blanks is wider than int's
    return dump.refusal()


def parse_getenforce(data: bytes | str, cut: bool = False) -> str | Unread:
    """"enforcing", "permissive" or "disabled"."""
    dump = read_dump(data, cut)
    for line in (*dump.lines, dump.unfinished):
        if found := _ENFORCE.match(line.strip()):
            return found.group(1).lower()
    return dump.refusal()


def parse_meminfo(data: bytes | str, cut: bool = False) -> dict[str, int] | Unread:
    """/proc/meminfo -> bytes by the kernel's names; MemAvailable is missing before kernel 3.14."""
    dump = read_dump(data, cut)
    said = {f.group(1): int(f.group(2)) * KIB for line in dump.lines if (f := _MEMORY.match(line.strip()))}
    return said or dump.refusal()


def parse_uptime(data: bytes | str, cut: bool = False) -> int | Unread:
    """/proc/uptime -> whole seconds since the phone started."""
    dump = read_dump(data, cut)
    for line in (*dump.lines, dump.unfinished):
        if found := _UPTIME.match(line.strip()):
            return int(found.group(1))
    return dump.refusal()


def parse_tombstones(data: bytes | str, cut: bool = False) -> int | Unread:
    """`ls -a /data/tombstones` -> how many native crashes left a record; each may have two files.

    An empty folder lists itself, so that no answer is not taken for none."""
    dump = read_dump(data, cut)
    words = [word for line in dump.lines for word in line.split()]
    numbers = {found.group(1) for word in words if (found := _TOMBSTONE.match(word))}
    return len(numbers) if numbers or (".." in words and dump.damaged is None) else dump.refusal()
