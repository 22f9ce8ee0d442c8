"""The figures of a daily Analytics file: the battery health that Settings shows, and the date it is from.

`Analytics-2026-10-05-….ips.ca.synced` holds one JSON document a line: a header with the time it was written, then
events {"name", "message": {…}}. Published files carry the battery in `BatteryConfigValueHistogram…` events, as
`last_value_MaximumCapacityPercent`, `last_value_CycleCount` …; the one whose name has "Final" is the later
snapshot. A `BHUI_…` event carries `maximumCapacityPercent`. Nothing is summed or averaged over events.

Storage wear: counters named `…NANDInfo…MaxPercentageNANDUsed` were seen in a system's code and in files of 2016, in
no recent file. They are taken when they occur and never expected.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pyworker.findings import MISSING, Unread
from pyworker.ios import ips
from pyworker.ios.plist import UNREADABLE, jsonable, number

if TYPE_CHECKING:
    from collections.abc import Iterator

HEALTH = "health_percent"
CYCLES = "cycle_count"
NOMINAL = "nominal_capacity_mah"
RAW = "raw_capacity_mah"
WEAR = "nand_used_percent"

# Figure -> the member that carries it, the surest first.
_MEMBERS: dict[str, tuple[str, ...]] = {
    HEALTH: ("last_value_MaximumCapacityPercent", "maximumCapacityPercent"),
    CYCLES: ("last_value_CycleCount",),
    NOMINAL: ("last_value_NominalChargeCapacity",),
    RAW: ("last_value_AppleRawMaxCapacity",),
}
_WEAR_MEMBER = "MaxPercentageNANDUsed"
# A line is only parsed when it holds one of these: files have tens of thousands of lines.
_MARKS = ("MaximumCapacityPercent", "maximumCapacityPercent", _WEAR_MEMBER)
# An event is some hundred bytes to some kilobytes.
LONGEST_LINE = 256 * 1024


def daily_figures(raw: Any) -> dict[str, Any] | Unread:
    """{"date", HEALTH, CYCLES, NOMINAL, RAW, WEAR}: what the file has of them. date: RFC 3339 or "YYYY-MM-DD"."""
    if raw is None or raw in ({}, []):
        return MISSING
    if not isinstance(raw, dict) or not isinstance(raw.get("data"), (bytes, bytearray, str)):
        return UNREADABLE
    data = raw["data"]
    content = data if isinstance(data, str) else bytes(data).decode("utf-8", "replace")
    events = list(_events(content))
    figures: dict[str, Any] = {}
    for figure, members in _MEMBERS.items():
        found = _figure(events, members)
        if found is not None:
            figures[figure] = found
    wear = _wear(events)
    if wear is not None:
        figures[WEAR] = wear
    if not figures:
        return Unread("truncated") if raw.get("truncated") is True else MISSING
    figures["date"] = _date(content, raw)
    return figures


def _events(content: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name of the event, its message) of the lines that can matter."""
    for line in content.split("\n"):
        if len(line) > LONGEST_LINE or not any(mark in line for mark in _MARKS):
            continue
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue  # a line that is cut or damaged says nothing; the others still do
        if isinstance(event, dict):
            message = event.get("message", event)
            name = event.get("name")
            if isinstance(message, dict):
                yield (name if isinstance(name, str) else ""), message


def _figure(events: list[tuple[str, dict[str, Any]]], members: tuple[str, ...]) -> Any:
    """The figure of the last "Final" event, else of the last that has it; Unread when equals disagree."""
    for member in members:
        ranked: dict[bool, list[int | float]] = {True: [], False: []}
        for name, message in events:
            given = number(message.get(member))
            if not isinstance(given, Unread):
                ranked["Final" in name].append(given)
        best = ranked[True] or ranked[False]
        if best:
            return best[-1] if len(set(best)) == 1 else Unread("conflict")
    return None


def _wear(events: list[tuple[str, dict[str, Any]]]) -> Any:
    for name, message in events:
        for key, value in message.items():
            if key.endswith(_WEAR_MEMBER) and "NANDInfo" in f"{name} {key}":
                given = number(value)
                if not isinstance(given, Unread):
                    return given
    return None


def _date(content: str, raw: dict[str, Any]) -> str | None:
    """When the figures were written: the header's time, else the day in the name, else the date of change."""
    written = ips.parse(content[:ips.LONGEST_HEADER]).timestamp
    if ips.DAY.fullmatch(written[:10]):
        try:
            return datetime.strptime(written, "%Y-%m-%d %H:%M:%S.%f %z").isoformat(timespec="seconds")
        except ValueError:
            return written[:10]
    path = raw.get("path")
    day = ips.parse_name(path).day if isinstance(path, str) else ""
    if day:
        return day
    modified = jsonable(raw.get("modified"))
    return modified if isinstance(modified, str) and ips.DAY.fullmatch(modified[:10]) else None
