"""What a technician should know first: crashes, hangs, panics and restarts, gathered from every place that tells of them.

One crash is often told of by several places: the main log, the event log and the box of crash reports. Each place is
counted for itself, and the largest number is how often it happened.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from pyworker.collecting.entries import instant

if TYPE_CHECKING:
    from collections.abc import Callable

# The gravest first.
KINDS = (
    "panic", "kernel_panic", "watchdog", "system_crash", "native_crash", "anr", "app_crash", "jetsam", "low_memory",
    "resource_limit", "forced_reset", "last_reboot_reason", "reboot", "tombstones",
)
MOST_EVIDENCE = 5
LONGEST_TEXT = 300
# More groups than any phone has; what comes later is counted without its process.
MOST_GROUPS = 300

# Sensors that a panic may miss -> the part they sit on, as repair shops have found it (iFixit's page on kernel panics).
SENSORS = {
    "MIC1": "bottom microphone, on the charging port's cable",
    "MIC2": "rear microphone, on the cable of the power button or camera flash",
    "PRS0": "barometer, on the charging port's cable",
    "TG0B": "the battery's gauge, on the battery or its connector",
    "TG0V": "the battery's gauge, on the battery or its connector",
}


class Evidence(NamedTuple):
    """source: which log or kind of file. file: the artifact with the whole report, or ""."""

    source: str
    text: str
    file: str = ""


class _Group:
    __slots__ = ("counts", "evidence", "first", "group", "last", "sensors", "words")

    def __init__(self, words: str) -> None:
        self.counts: Counter[str] = Counter()
        self.first: str | None = None
        self.last: str | None = None
        self.words = words
        self.evidence: list[Evidence] = []
        self.group = ""
        self.sensors: dict[str, None] = {}


class Triage:
    """clean: takes out of a text what identifies; evidence passes through it."""

    __slots__ = ("_clean", "_groups")

    def __init__(self, clean: Callable[[str], str]) -> None:
        self._clean = clean
        self._groups: dict[tuple[str, str | None, str], _Group] = {}

    def add(
        self, kind: str, words: str, evidence: Evidence, *, process: str | None = None, time: str | None = None,
        times: int = 1, group: str = "", sensors: tuple[str, ...] = (), redacted: bool = False,
    ) -> None:
        """redacted: the evidence's text went through `clean` already. group, sensors: of a panic."""
        if not redacted:
            words, process = self._clean(words), None if process is None else self._clean(process)
            evidence = evidence._replace(text=self._clean(evidence.text))
        key = (kind, process or None, group)
        if key not in self._groups and len(self._groups) >= MOST_GROUPS:
            key = (kind, None, "")
        found = self._groups.setdefault(key, _Group(words[:LONGEST_TEXT]))
        found.counts[evidence.source] += times
        found.group = group
        found.sensors.update(dict.fromkeys(sensors))
        if len(found.evidence) < MOST_EVIDENCE:
            found.evidence.append(evidence._replace(text=evidence.text[:LONGEST_TEXT]))
        if time:
            if found.first is None or _comes_before(time, found.first):
                found.first = time
            if found.last is None or not _comes_before(time, found.last):
                found.last = time

    def result(self) -> list[dict[str, Any]]:
        told = [self._said(kind, process, group) for (kind, process, _), group in self._groups.items()]
        told.sort(key=lambda item: (KINDS.index(item["kind"]), -item["count"], item["process"] or ""))
        return told

    def _said(self, kind: str, process: str | None, group: _Group) -> dict[str, Any]:
        said: dict[str, Any] = {
            "kind": kind, "count": max(group.counts.values()), "first": group.first, "last": group.last,
            "process": process, "words": group.words,
        }
        if group.group:
            said["group"] = group.group
        if group.sensors:
            said["sensors"] = [{"name": name, "meaning": SENSORS.get(name.upper())} for name in group.sensors]
        said["evidence"] = [
            {name: value for name, value in item._asdict().items() if value or name == "text"}
            for item in group.evidence]
        return said


def _comes_before(time: str, other: str) -> bool:
    a, b = instant(time), instant(other)
    return a < b if a is not None and b is not None else time < other
