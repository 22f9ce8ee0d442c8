"""What was collected, counted: by source, level and process, and from when to when."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from pyworker.collecting.entries import instant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pyworker.collecting.entries import Entry

MOST_PROCESSES = 25
# A phone has some hundreds of processes; whoever writes a new name a line does not get a place for each.
MOST_NAMES = 4096
UNKNOWN = "unknown"
OTHER = "other"
LONGEST_NAME = 120


def process_name(process: str | None, pid: int | None) -> str:
    if process:
        return process[:LONGEST_NAME]
    return UNKNOWN if pid is None else f"pid:{pid}"


class Tally:
    """entries: how many. first, last: times of entries, or None."""

    __slots__ = ("entries", "first", "last", "_first_instant", "_last_instant", "_sources", "_levels", "_processes", "_other")

    def __init__(self) -> None:
        self.entries = 0
        self.first: str | None = None
        self.last: str | None = None
        self._first_instant: datetime | None = None
        self._last_instant: datetime | None = None
        self._sources: Counter[str] = Counter()
        self._levels: Counter[str] = Counter()
        self._processes: Counter[str] = Counter()
        self._other = 0

    def count(self, source: str, level: str | None, process: str, times: int = 1) -> None:
        self.entries += times
        self._sources[source] += times
        self._levels[level or UNKNOWN] += times
        if process in self._processes or len(self._processes) < MOST_NAMES:
            self._processes[process] += times
        else:
            self._other += times

    def count_entry(self, entry: Entry) -> None:
        self.count(entry["source"], entry.get("level"), process_name(entry.get("process"), entry.get("pid")))
        if "time" in entry:
            self.saw(entry["time"])

    def saw(self, time: str) -> None:
        """A time of an entry. Where the log has no year, the order of the log decides which is first."""
        moment = instant(time)
        if self.first is None or _is_before(moment, self._first_instant):
            self.first, self._first_instant = time, moment
        if self.last is None or not _is_before(moment, self._last_instant):
            self.last, self._last_instant = time, moment

    def counts(self) -> dict[str, dict[str, int]]:
        busiest = sorted(self._processes.items(), key=lambda item: (-item[1], item[0]))
        by_process = dict(busiest[:MOST_PROCESSES])
        other = self._other + sum(times for _, times in busiest[MOST_PROCESSES:])
        if other:
            by_process[OTHER] = by_process.get(OTHER, 0) + other
        return {
            "by_source": _sorted(self._sources),
            "by_level": _sorted(self._levels),
            "by_process": by_process,
        }


def _is_before(moment: datetime | None, other: datetime | None) -> bool:
    return moment is not None and other is not None and moment < other


def _sorted(counted: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def tally_of(entries: list[dict[str, Any]]) -> Tally:
    tally = Tally()
    for entry in entries:
        tally.count_entry(entry)
    return tally
