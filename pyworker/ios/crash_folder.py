"""What a phone's crash folder told over AFC: the listing, and the heads of reports. Shapes only; crashes.py judges.

A listing is [{"path", "size", "modified"}], heads are [{"path", "modified", "data"}] with the first bytes of a file.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from pyworker.ios import ips
from pyworker.ios.plist import UNREADABLE, from_epoch, rfc3339

if TYPE_CHECKING:
    from pyworker.findings import Unread

# A folder holds some hundreds of files. What is beyond is not looked at, and `truncated` says so.
MOST_FILES = 20_000


class Listed(NamedTuple):
    """One report of the folder. day: from its name, else from its date of change, "" when neither tells."""

    path: str
    kind: str
    process: str
    day: str


class Head(NamedTuple):
    """What the first bytes of a report told. panic_line and sensors only of panics; blame as in ips.Report."""

    path: str
    kind: str
    process: str
    bundle_id: str
    timestamp: str
    panic_line: str
    sensors: list[str]
    blame: list[str] | None


def listing(raw: Any) -> list[Listed] | Unread:
    if not isinstance(raw, (list, tuple)):
        return UNREADABLE
    reports: list[Listed] = []
    for entry in raw[:MOST_FILES]:
        path = _path(entry)
        if path is None or not ips.is_report(path):
            continue
        name = ips.parse_name(path)
        reports.append(Listed(path, name.kind, name.process, name.day or _day(entry.get("modified"))))
    return reports


def heads(raw: Any) -> list[Head] | Unread:
    if not isinstance(raw, (list, tuple)):
        return UNREADABLE
    read: list[Head] = []
    for entry in raw[:MOST_FILES]:
        path = _path(entry)
        data = entry.get("data") if path is not None else None
        if path is None or not isinstance(data, (bytes, bytearray, str)):
            continue
        report = ips.parse(data if isinstance(data, str) else bytes(data))
        if not report.header:
            continue
        kind = ips.kind_of(report, ips.parse_name(path))
        line, sensors = (report.panic_line, report.missing_sensors) if kind == "panic" else ("", [])
        read.append(Head(path, kind, report.process, report.bundle_id, report.timestamp, line, sensors, report.blame))
    return read


def _path(entry: Any) -> str | None:
    path = entry.get("path") if isinstance(entry, dict) else None
    return path if isinstance(path, str) and path else None


def _day(modified: Any) -> str:
    """A date of change as AFC or a session gives it: seconds or nanoseconds since 1970, a datetime, or RFC 3339."""
    if isinstance(modified, datetime):
        return (rfc3339(modified) or "")[:10]
    if isinstance(modified, str):
        return modified[:10] if ips.DAY.fullmatch(modified[:10]) else ""
    if isinstance(modified, int) and modified > 10 ** 14:
        modified = modified // 10 ** 9
    return (from_epoch(modified) or "")[:10]
