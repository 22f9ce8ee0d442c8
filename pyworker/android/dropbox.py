"""`dumpsys dropbox`: the system's box of crash reports, its list only. Contents and process names are not kept.

One line a report: "2026-01-31 10:15:00 data_app_crash (text, 1234 bytes)". Facts: AOSP DropBoxManagerService.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pyworker.android.dump_text import read_dump
from pyworker.findings import Unread

_TOTAL = re.compile(r"Drop box contents: ([0-9]{1,6}) entries$")
_ENTRY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}) ([\w.@-]{1,64}) \(.*\)?")


class DropBox(NamedTuple):
    """total: the number of reports the service gives. counts: by tag. latest: by tag, the phone's local time."""

    total: int | None
    counts: dict[str, int]
    latest: dict[str, str]


def parse_dropbox(data: bytes | str, cut: bool = False) -> DropBox | Unread:
    """`dumpsys dropbox`, or its header and entry lines alone -> DropBox; Unread when it has neither."""
    dump = read_dump(data, cut, "dropbox")
    total: int | None = None
    counts: dict[str, int] = {}
    latest: dict[str, str] = {}
    for raw in dump.lines:
        line = raw.strip()
        found, entry = _TOTAL.match(line), _ENTRY.match(line)
        if found and total is None:
            total = int(found.group(1))
        elif entry:
            tag = entry.group(2)
            counts[tag] = counts.get(tag, 0) + 1
            latest[tag] = max(latest.get(tag, ""), entry.group(1))
    return dump.refusal() if total is None and not counts else DropBox(total, counts, latest)
