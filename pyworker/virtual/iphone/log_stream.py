"""A phone's log as the description gives it: entries, in their order, at a pace, once or again and again.

    {"entries": [...], "interval_s": 0.0, "repeat": false}, or just the list of entries

Without `repeat` the stream falls silent after the last entry and stays open, like a quiet phone.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# How long a repeating log rests when its description has no entry that may be sent, so that it does not spin.
_IDLE_S = 0.1


def paced(log: Any, encode: Callable[[Any], bytes | None]) -> Iterator[bytes | float]:
    """What link.stream takes: each entry's bytes, and the pauses. Entries that encode to None are passed over."""
    if not isinstance(log, dict):
        log = {"entries": log or ()}
    interval_s = float(log.get("interval_s", 0.0))
    while True:
        sent = False
        for entry in tuple(log.get("entries", ())):
            record = encode(entry)
            if record is None:
                continue
            yield record
            sent = True
            if interval_s:
                yield interval_s
        if not log.get("repeat"):
            return
        if not sent:
            yield _IDLE_S


def moment(entry: dict[str, Any]) -> float:
    """When the entry was logged, in seconds since 1970: "time", or "age_s" before now."""
    if "time" in entry:
        return float(entry["time"])
    return time.time() - float(entry.get("age_s", 0.0))
