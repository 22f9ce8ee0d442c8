"""The lines of Android's log that tell of crashes, hangs, restarts and too little memory, told to the triage.

Each sign has a mark that is searched for in the whole chunk; only the line around a hit is looked at. The marks are
AOSP's: RuntimeInit and ActivityManager (crashes, hangs), debuggerd and libc's abort (native crashes), Watchdog,
lowmemorykiller and lmkd, the kernel's own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pyworker.collecting.triage import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyworker.collecting.triage import Triage

# How far behind a crash's first line the line with its process stands.
_NEAR = 600
# A line without an end is looked at no further than this from the mark.
_LONGEST = 600

_STAMP = re.compile(rb"[ ,]*((?:\d{4}-)?\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3,9})(?: ([+-]\d\d)(\d\d))?")
_NAME = rb"([A-Za-z0-9_.:/-]{1,120})"


# Begins the tags of ActivityManager's events, which most chunks have none of.
_EVENT = b" am_"


class _Sign(NamedTuple):
    """mark: in every such line. process: its group is the name, in the line or, with `near`, shortly behind the mark."""

    mark: bytes
    kind: str
    process: re.Pattern[bytes]
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
        if has_events or not sign.mark.startswith(_EVENT):
            for at, line in _marked(chunk, sign.mark):
                found = sign.process.search(chunk, at, at + _NEAR) if sign.near else sign.process.search(line)
                if found is not None or sign.near:
                    _add(sign, line, "" if found is None else found[1].decode("ascii", "replace"), triage)


def _marked(chunk: bytes, mark: bytes) -> Iterator[tuple[int, bytes]]:
    """Where the mark stands, once a line, and the line: at most _LONGEST to either side of the mark."""
    at = chunk.find(mark)
    while at >= 0:
        earliest, end = max(0, at - _LONGEST), chunk.find(b"\n", at)
        end = end if end >= 0 else len(chunk)
        yield at, chunk[chunk.rfind(b"\n", earliest, at) + 1 or earliest:min(end, at + _LONGEST)]
        at = chunk.find(mark, end)


def _add(sign: _Sign, line: bytes, process: str, triage: Triage) -> None:
    # Each mark tells of the same things in its own way, so each is a place of its own.
    evidence = Evidence(f"logcat:{sign.mark.strip().decode()}", _text(line))
    triage.add(sign.kind, sign.words, evidence, process=process or None, time=_time(line), redacted=True)


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").strip()


def _time(line: bytes) -> str | None:
    found = _STAMP.match(line)
    if found is None:
        return None
    date, clock, hours, minutes = found.groups()
    zone = b"%b:%b" % (hours, minutes) if hours else b""
    return (date + b"T" + clock + zone).decode("ascii")
