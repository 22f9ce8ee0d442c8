"""Files that only rooted phones have: their paths, and what `command -v` and `ls -d` say of them.

A found file is printed as its path; a missing one as "ls: PATH: No such file or directory", one behind a closed
folder as "Permission denied". `pm list packages` names the managers of root. A root that hides shows neither.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pyworker.android.dump_text import read_dump
from pyworker.findings import Unread

PROGRAMS = ("su", "magisk", "ksud", "apd")
PATHS = ("/sbin/su", "/system/bin/su", "/system/xbin/su", "/vendor/bin/su", "/su/bin/su", "/sbin/.magisk",
         "/system/bin/magisk", "/debug_ramdisk/.magisk", "/system/app/Superuser.apk", "/system/app/SuperSU")
MANAGERS = frozenset((
    "com.topjohnwu.magisk", "io.github.vvb2060.magisk", "io.github.huskydg.magisk", "me.weishu.kernelsu",
    "com.rifsxd.ksunext", "me.bmax.apatch", "eu.chainfire.supersu", "com.noshufou.android.su",
    "com.koushikdutta.superuser", "com.thirdparty.superuser", "com.kingroot.kinguser", "com.kingouser.com"))

_PATH = re.compile(r"(/[\w./+-]+)$")
_PACKAGE = re.compile(r"package:(?:.*=)?([\w.]+)$")


class RootFiles(NamedTuple):
    """found: paths that exist. asked_all: the phone said of each path whether it is there or hidden from the shell."""

    found: tuple[str, ...]
    asked_all: bool


def parse_root_files(data: bytes | str, cut: bool = False) -> RootFiles | Unread:
    """`command -v PROGRAMS; ls -d PATHS` -> RootFiles; Unread when it speaks of none of them."""
    dump = read_dump(data, cut)
    found: dict[str, None] = {}
    spoken_of: set[str] = set()
    for raw in dump.lines:
        line = raw.strip()
        path = _PATH.match(line)
        if path and (path.group(1) in PATHS or path.group(1).rsplit("/", 1)[-1] in PROGRAMS):
            found[path.group(1)] = None
            spoken_of.add(path.group(1))
        elif "No such file" in line or "denied" in line:
            spoken_of.update(known for known in PATHS if re.search(rf"(?<![\w/.]){re.escape(known)}(?![\w/.])", line))
    if not spoken_of:
        return dump.refusal()
    return RootFiles(tuple(found), spoken_of.issuperset(PATHS) and dump.damaged is None)


def parse_root_managers(data: bytes | str, cut: bool = False) -> tuple[str, ...] | Unread:
    """`pm list packages` -> those of MANAGERS that are installed; no other name is kept."""
    dump = read_dump(data, cut)
    names = {found.group(1) for line in dump.lines if (found := _PACKAGE.match(line.strip()))}
    if not names:
        return dump.refusal()
    installed = tuple(sorted(names & MANAGERS))
    # A list that was cut shows what is there, not what is missing.
    return installed if installed or dump.damaged is None else Unread(dump.damaged)
