"""`dumpsys trust` and the keyguard's lines of `dumpsys window policy`: is the screen locked, is there a lock.

One line a user: User "Owner" (id=0, flags=0x13) (current): trusted=0, trustManaged=1, deviceLocked=1, ... The name may
hold anything; some phones leave the flags out, or write true and false.
Facts: AOSP TrustManagerService, KeyguardServiceDelegate, published dumps.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pyworker.android.dump_text import read_dump
from pyworker.findings import Unread

_USER = re.compile(r'User ".*" \(id=([0-9]{1,9})(?:, flags=(?:0x)?[0-9a-fA-F]{1,8})?\)( \(current\))?')
_DISABLED = re.compile(r"disabled because ")
_SWITCH = re.compile(r"(?<![A-Za-z])(trusted|trustManaged|deviceLocked)=([01]|true|false)(?![0-9a-z])")
_KEYGUARD = re.compile(r"(?:KeyguardServiceDelegate\s*)?(showing|secure|occluded)=(true|false)$")
_KEYGUARD_MONITOR = re.compile(r"mIsShowing=(true|false)$")


class Trust(NamedTuple):
    """Of the current user; each None where not told. device_locked: the lock screen stands between us and the user's
    data. trust_managed: an agent (a watch, a place) may keep the phone unlocked."""

    user: int
    device_locked: bool | None
    trusted: bool | None
    trust_managed: bool | None


def parse_trust(data: bytes | str, cut: bool = False) -> Trust | Unread:
    """`dumpsys trust` -> Trust; Unread when no line is the current user's."""
    dump = read_dump(data, cut, "trust")
    users: list[tuple[bool, Trust]] = []
    for raw in dump.lines:
        line = raw.strip()
        found = _USER.match(line)
        if found:
            said = {key: value in ("1", "true") for key, value in _SWITCH.findall(line[found.end():])}
            users.append((bool(found.group(2)), Trust(
                int(found.group(1)), said.get("deviceLocked"), said.get("trusted"), said.get("trustManaged"))))
        elif _DISABLED.match(line) and not users:
            return Unread("locked" if "can't run yet" in line else "unsupported")
    current = [trust for is_current, trust in users if is_current]
    if len(current) == 1:
        return current[0]
    return dump.refusal() if not users else users[0][1] if len(users) == 1 and dump.damaged is None else Unread(
        "unreadable")


class Keyguard(NamedTuple):
    """Each None where not told. showing: the lock screen is up. secure: opening it needs a PIN, pattern or password."""

    showing: bool | None
    secure: bool | None


def parse_keyguard(data: bytes | str, cut: bool = False) -> Keyguard | Unread:
    """`dumpsys window policy`, or its keyguard lines alone -> Keyguard; Unread when it has none of them."""
    dump = read_dump(data, cut)
    said: dict[str, bool] = {}
    for raw in dump.lines:
        line = raw.strip()
        found, monitor = _KEYGUARD.match(line), _KEYGUARD_MONITOR.match(line)
        if found:
            said.setdefault(found.group(1), found.group(2) == "true")
        elif monitor:
            said.setdefault("showing", monitor.group(1) == "true")
    if "showing" not in said and "secure" not in said:
        return dump.refusal()
    return Keyguard(said.get("showing"), said.get("secure"))
