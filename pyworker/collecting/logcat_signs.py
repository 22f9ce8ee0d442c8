"""The lines of Android's log that tell of crashes, hangs, restarts and too little memory, told to the triage.

Each sign is a word that is searched for in the whole chunk; only the line around a hit is looked at. The words are
AOSP's: RuntimeInit and ActivityManager (crashes, hangs), debuggerd and libc's abort (native crashes), Watchdog,
lowmemorykiller and lmkd, the kernel's own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pyworker.collecting.triage import Evidence

if TYPE_CHECKING:
    from pyworker.collecting.triage import Triage

# How far behind a crash's first line the line with its process stands.
_NEAR = 600
_LONGEST = 600

_STAMP = re.compile(rb"[ ,]*((?:\d{4}-)?\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3,9})(?: ([+-]\d\d)(\d\d))?")
_NAME = rb"([A-Za-z0-9_.:/-]{1,120})"


# Begins the tags of ActivityManager's events, which most chunks have none of.
_EVENT = b" am_"


class _Sign(NamedTuple):
    """word: in every such line. process: where its name stands, in the line or, with `near`, shortly after it."""

    word: bytes
    kind: str
    line: re.Pattern[bytes]
    words: str
    near: bool = False


_SIGNS = (
    _Sign(b"FATAL EXCEPTION", "app_crash", re.compile(rb"Process: " + _NAME + rb", PID"), "An app crashed.", near=True),
    _Sign(b" am_crash", "app_crash", re.compile(rb"am_crash *: \[\d+,\d+," + _NAME + rb","), "An app crashed."),
    _Sign(b"Fatal signal ", "native_crash", re.compile(rb"Fatal signal \d+.{0,200}?(?:pid \d+ \(" + _NAME + rb"\))"),
          "Native code of a process crashed."),
    _Sign(b" >>> ", "native_crash", re.compile(rb"name: .{0,80}?>>> " + _NAME + rb" <<<"),
          "Native code of a process crashed."),
    _Sign(b"ANR in ", "anr", re.compile(rb"ANR in " + _NAME), "An app did not react and was reported as hanging."),
    _Sign(b" am_anr", "anr", re.compile(rb"am_anr *: \[\d+,\d+," + _NAME + rb","),
          "An app did not react and was reported as hanging."),
    _Sign(b"WATCHDOG KILLING SYSTEM PROCESS", "watchdog", re.compile(rb"WATCHDOG KILLING ()SYSTEM PROCESS"),
          "The system itself hung and restarted."),
    _Sign(b"Kernel panic - not syncing", "kernel_panic", re.compile(rb"Kernel panic ()- not syncing"),
          "The kernel stopped: hardware or a driver failed."),
    _Sign(b"owmemorykiller", "low_memory", re.compile(rb"[Kk]ill(?:ing)? '" + _NAME + rb"'"),
          "The system stopped a process for want of memory."),
    _Sign(b" am_low_memory", "low_memory", re.compile(rb"am_low_memory()"), "The system ran out of memory."),
)


def find_signs(chunk: bytes, triage: Triage) -> None:
    """chunk: redacted lines as the phone wrote them."""
    has_events = _EVENT in chunk
    for sign in _SIGNS:
        if not has_events and sign.word.startswith(_EVENT):
            continue
        at = chunk.find(sign.word)
        while at >= 0:
            earliest, end = max(0, at - _LONGEST), chunk.find(b"\n", at)
            end = end if end >= 0 else len(chunk)
            line = chunk[chunk.rfind(b"\n", earliest, at) + 1 or earliest:min(end, at + _LONGEST)]
            found = sign.line.search(chunk, at, at + _NEAR) if sign.near else sign.line.search(line)
            if found is not None or sign.near:
                process = found[1].decode("ascii", "replace") if found is not None else ""
                # Each tells of the same things in its own way, so each is a place of its own.
                triage.add(
                    sign.kind, sign.words, Evidence(f"logcat:{sign.word.strip().decode()}", _text(line)),
                    process=process or None, time=_time(line), redacted=True)
            # Once a line.
            at = chunk.find(sign.word, end)


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").strip()


def _time(line: bytes) -> str | None:
    found = _STAMP.match(line)
    if found is None:
        return None
    date, clock, hours, minutes = found.groups()
    zone = b"%b:%b" % (hours, minutes) if hours else b""
    return (date + b"T" + clock + zone).decode("ascii")
