"""What crashed, how often and when: counts from the folder's listing, kinds and panics from the heads of reports.

Panics stand apart: they are the phone's own, and their first line names what failed. Daily analytics and stackshots
are not crashes and are counted as `other`. The newest reports may still wait outside the folder: what would bring
them in changes the phone, so it is never asked to, and the note says so.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from pyworker.findings import MISSING, Finding, Unread
from pyworker.ios import ips, reads
from pyworker.ios.crash_folder import Head, Listed
from pyworker.ios.plist import UNREADABLE
from pyworker.probes import DEEP, Probe, Witness

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyworker.probes import Observations

# What is counted as something that went wrong; the rest is `other`.
FAULTS = frozenset(("crash", "user_fault", "panic", "jetsam", "resource", "reset", "hang"))
# Answers stay readable: the most frequent processes, the newest days and panics.
MOST_PROCESSES = 25
MOST_DAYS = 60
MOST_PANICS = 20

LISTED = Witness(reads.CRASH_LISTING, "reports", lambda listed: len(listed) if isinstance(listed, list) else UNREADABLE)
HEADS = tuple(
    Witness(read, "headers", lambda heads: len(heads) if isinstance(heads, list) else UNREADABLE)
    for read in (reads.PANIC_HEADS, reads.REPORT_HEADS, reads.SYNCED_REPORT_HEADS))
_LISTING = Witness(reads.CRASH_LISTING, "reports", lambda listed: listed if isinstance(listed, list) else UNREADABLE)
_HEADS = tuple(Witness(witness.read, "headers", lambda heads: heads if isinstance(heads, list) else UNREADABLE)
               for witness in HEADS)


def crash_summary(seen: Observations) -> Finding:
    count = seen.answer(LISTED)
    if isinstance(count, Unread):
        return seen.cannot_tell(count.reason, notes=("pending_reports_not_flushed",))
    silent = [seen.reason(witness) for witness in HEADS]  # the evidence shows which heads could be read
    contents = seen.view()  # the lists themselves are too long for evidence
    heads: dict[str, Head] = {head.path: head for witness in _HEADS for head in contents[witness] or ()}
    reports = [_with_head(report, heads.get(report.path)) for report in contents[_LISTING] or ()]
    faults = [report for report in reports if report.kind in FAULTS]
    days = sorted({report.day for report in faults if report.day})
    panics = _panics(faults, heads)
    unread = next((reason for reason in silent if reason not in (None, "key_missing")), None)
    return seen.gathers({
        "total": len(faults),
        "other": len(reports) - len(faults),
        "by_kind": dict(sorted(Counter(report.kind for report in faults).items())),
        "by_process": _most_common(report.process for report in faults if report.process),
        "by_day": {day: sum(report.day == day for report in faults) for day in days[-MOST_DAYS:]},
        "first_day": days[0] if days else MISSING,
        "last_day": days[-1] if days else MISSING,
        "panic_count": sum(report.kind == "panic" for report in faults),
        "panics": panics if panics or unread is None else Unread(unread),
    }, notes=("pending_reports_not_flushed",))


def _with_head(report: Listed, head: Head | None) -> Listed:
    """What the header says is surer than what the name says; a name gives the process where a header has none."""
    if head is None:
        return report
    process = head.process or report.process if head.kind in ("crash", "user_fault", "resource", "hang") else ""
    return report._replace(kind=head.kind, process=process)


def _panics(reports: Iterable[Listed], heads: dict[str, Head]) -> list[dict[str, Any]]:
    """The newest first: {"time", "line", "group", "sensors"}; line is "" where the head did not reach it."""
    newest = sorted((report for report in reports if report.kind == "panic"), key=lambda panic: (panic.day, panic.path),
                    reverse=True)
    told: list[dict[str, Any]] = []
    for report in newest[:MOST_PANICS]:
        head = heads.get(report.path)
        line, sensors = (head.panic_line, head.sensors) if head is not None else ("", [])
        told.append({
            "time": head.timestamp if head is not None and head.timestamp else report.day or None,
            "line": line,
            "group": "missing_sensors" if sensors else ips.panic_group(line) if line else None,
            "sensors": sensors,
        })
    return told


def _most_common(names: Iterable[str]) -> dict[str, int]:
    counted = sorted(Counter(names).items(), key=lambda item: (-item[1], item[0]))
    return dict(counted[:MOST_PROCESSES])


PROBES = (Probe("crash_summary", DEEP, (LISTED, *HEADS), crash_summary),)
