"""What went wrong lately: crash reports by kind, native crash records, and why the phone last restarted.

Contents and names of apps are not read. The box of reports empties itself after days, so counts are of that time only.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pyworker.android import reads
from pyworker.findings import MISSING, Finding, Unread
from pyworker.probes import DEEP, Probe, Witness

if TYPE_CHECKING:
    from pyworker.probes import Observations

KINDS = {
    "system_server_crash": "system_crashes", "system_server_watchdog": "system_watchdogs",
    "system_server_anr": "system_hangs", "data_app_crash": "app_crashes", "system_app_crash": "system_app_crashes",
    "data_app_anr": "app_hangs", "system_app_anr": "system_app_hangs", "data_app_native_crash": "native_crashes",
    "system_app_native_crash": "system_native_crashes", "SYSTEM_TOMBSTONE": "tombstones",
    "SYSTEM_TOMBSTONE_PROTO": "tombstones", "SYSTEM_LAST_KMSG": "kernel_logs", "SYSTEM_RESTART": "restarts",
    "SYSTEM_BOOT": "boots",
}
MOST_REBOOTS = 8
_RECORD = re.compile(r"([A-Za-z][\w=:,. -]{0,80}?),([0-9]{9,11})$")

COUNTS = Witness(reads.DROPBOX, "reports by tag", lambda box: box.counts or ({} if box.total == 0 else MISSING))
TOTAL = Witness(reads.DROPBOX, "Drop box contents", lambda box: MISSING if box.total is None else box.total)
TOMBSTONES = Witness(reads.TOMBSTONES, "tombstones", lambda count: count)
UPTIME = Witness(reads.UPTIME, "seconds since start", lambda seconds: seconds)
BOOT_REASON = reads.first_property("boot reason", "sys.boot.reason", "ro.boot.bootreason")
HISTORY = reads.property_witness("persist.sys.boot.reason.history")


def _reports(seen: Observations) -> Any:
    counts = seen.answer(COUNTS)
    if isinstance(counts, Unread):
        return counts
    summed = dict.fromkeys(KINDS.values(), 0)
    for tag, count in counts.items():
        if tag in KINDS:
            # A native crash leaves a text and a protocol buffer under two tags.
            kind = KINDS[tag]
            summed[kind] = max(summed[kind], count) if kind == "tombstones" else summed[kind] + count
    return summed


def reboots(seen: Observations) -> Any:
    """The records of the boot history, newest first: "reboot,userrequested,1700000000" a line."""
    text = seen.answer(HISTORY)
    if isinstance(text, Unread):
        return text
    found = []
    for line in text.split("\n"):
        record = _RECORD.match(line.strip())
        if record:
            at = datetime.fromtimestamp(int(record.group(2)), UTC)
            found.append({"reason": record.group(1), "at": at.strftime("%Y-%m-%dT%H:%M:%SZ")})
    return found[:MOST_REBOOTS] or Unread("unreadable")


def crash_summary(seen: Observations) -> Finding:
    return seen.gathers({
        "reports": _reports(seen),
        "reports_total": TOTAL,
        "tombstones": TOMBSTONES,
        "last_boot_reason": BOOT_REASON,
        "reboots": reboots(seen),
        "uptime_s": UPTIME,
    })


CRASH_SUMMARY = Probe("crash_summary", DEEP, (COUNTS, TOTAL, TOMBSTONES, UPTIME, BOOT_REASON, HISTORY), crash_summary)
