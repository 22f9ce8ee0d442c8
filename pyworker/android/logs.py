"""What a collection reads from an Android phone: its box of crash reports, why it restarted, and its log.

Everything is a listed command. The box and the log are streamed, since either may be a hundred megabytes. The phone
notes in its own log that it was asked; that cannot be helped.
"""

from __future__ import annotations

import re
from collections import deque
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from time import monotonic
from typing import TYPE_CHECKING

from protocol.errors import RpcError
from pyworker.android import crashes, dropbox_print, identity, log_reads, reads
from pyworker.android.log_stream import stream
from pyworker.android.output import NO_STATUS
from pyworker.call import Call
from pyworker.collecting.chunks import whole_lines
from pyworker.collecting.triage import Evidence
from pyworker.findings import Unread
from pyworker.probes import Witness

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyworker.android.log_stream import LogStream
    from pyworker.collecting.collection import Collection
    from pyworker.collecting.wanted import Wanted
    from pyworker.platforms import Device
    from pyworker.probes import Observations

# Asked together with the phone's identity, in one script.
READS = (reads.GETPROP, reads.CLOCK, reads.IMEI, reads.TOMBSTONES, log_reads.PROCESSES, log_reads.OLD_PROCESSES)

LOG_LIMIT = 1024 * 1024 * 1024  # a phone holds some megabytes a buffer; a rugged one was set to hold hundreds
DROPBOX_LIMIT = 64 * 1024 * 1024  # the box keeps 10 MB, packed
MOST_REPORTS = 1000  # as many as the box holds
REPORT_BYTES = 16 * 1024 * 1024  # all reports together; they wait in memory to see which are the newest
# The box may take this share of the time; the log, which everybody wants, has the rest.
DROPBOX_SHARE = 0.4
# Kept from the deadline for what was read last to be parsed, and the files to be forced to the disk: this, or a share.
FINISH_S = 3.0
FINISH_SHARE = 0.2

MODERN_SDK = 24  # Android 7: years and zones in logcat, and marks where the buffer changes

# What is held back until something looks like a log: a refusal, or the help of a logcat that knows no such option.
_REFUSAL = 16 * 1024
_LOOKS_LIKE_LOG = re.compile(
    rb"(?m)^[ ,]*(?:(?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}|\d{1,11}\.\d{3,9} |[VDIWEFS]/.{0,100}?\( *\d+\): |-{5,} )")

_TIME_ZONE = reads.property_witness("persist.sys.timezone")
_PROCESSES = Witness(log_reads.PROCESSES, "processes", lambda processes: processes)
_OLD_PROCESSES = Witness(log_reads.OLD_PROCESSES, "processes", lambda processes: processes)
_CLOCK = Witness(reads.CLOCK, "clock", lambda seconds: seconds)

# Why the phone cannot be asked any more, as the error has it and as a source's end has it.
_REASONS = {"device_disconnected": "disconnected", "device_not_found": "disconnected", "timeout": "timeout",
            "device_untrusted": "unauthorized"}

_LEVELS = {"": "info", "reboot": "info"}
_WORDS = {
    "system_crash": "The system itself crashed and restarted.", "watchdog": "The system itself hung and restarted.",
    "anr": "An app did not react and was reported as hanging.", "app_crash": "An app crashed.",
    "native_crash": "Native code of a process crashed.", "low_memory": "The system ran out of memory.",
    "kernel_panic": "The kernel stopped: hardware or a driver failed.", "reboot": "The phone restarted.",
}
# Words of a boot reason, in AOSP's and vendors' spellings, that no user and no update causes.
_BAD_RESTARTS = (
    ("kernel_panic", re.compile(r"panic|oops|kernel_crash", re.IGNORECASE), "The last restart was a kernel panic."),
    ("watchdog", re.compile(r"watchdog|wdt|wdog|dog_?bite", re.IGNORECASE), "The last restart was forced by a watchdog."),
)


def collect(call: Call, device: Device, seen: Observations, wanted: Wanted, into: Collection) -> None:
    """As Platform.collect has it. Raises RpcError when the phone cannot be asked at all."""
    here = _time_zone(seen)
    if wanted.crashes:
        _collect_dropbox(call, device, here, into)
        _collect_restarts(seen, into)
        _count_tombstones(seen, into)
    buffers = log_reads.RECENT if wanted.scope == "default" else log_reads.BUFFERS if wanted.log else ("crash",)
    _collect_log(call, device, seen, buffers, here, into)


@contextmanager
def _part(call: Call, seconds: float) -> Iterator[Call]:
    """A call of its own, for reading one thing in at most so much time."""
    part = Call(call.params, call.settings, monotonic() + seconds)
    forget = call.on_stop(part.stop)
    try:
        yield part
    finally:
        forget()


def _collect_dropbox(call: Call, device: Device, here: tzinfo | None, into: Collection) -> None:
    with _part(call, call.remaining() * DROPBOX_SHARE) as part:
        box = stream(part, device, log_reads.DROPBOX_PRINT, DROPBOX_LIMIT)
        newest = _Newest(into)
        for report in dropbox_print.reports(whole_lines(_counted(box, into))):
            time = _local_time(report.day, report.clock, here)
            if into.takes(time):
                newest.add(report, time)
    call.check_stopped()
    end = box.end or "complete"
    if end == "complete" and box.received == 0:
        end = "key_missing"
    into.ended("dropbox", "size" if box.received >= DROPBOX_LIMIT else end, box.received)
    for report, time in newest.reports:
        _take_report(report, time, into)


class _Newest:
    """The newest reports, those with texts within REPORT_BYTES. With a limit on entries the log keeps half of them."""

    __slots__ = ("reports", "_into", "_most", "_texts", "_size")

    def __init__(self, into: Collection) -> None:
        self.reports: deque[tuple[dropbox_print.Report, str]] = deque()
        self._into = into
        left = into.left()
        self._most = MOST_REPORTS if left is None else min(MOST_REPORTS, max(1, left // 2 if into.wanted.log else left))
        self._texts = 0  # how many of the oldest lost theirs
        self._size = 0

    def add(self, report: dropbox_print.Report, time: str) -> None:
        self.reports.append((report if report.kind else report._replace(text=b""), time))
        self._size += len(self.reports[-1][0].text)
        while self._size > REPORT_BYTES:
            oldest, when = self.reports[self._texts]
            self.reports[self._texts] = (oldest._replace(text=b""), when)
            self._size -= len(oldest.text)
            self._texts += 1
            self._into.cut("size")
        if len(self.reports) > self._most:
            self._size -= len(self.reports.popleft()[0].text)
            self._texts = max(0, self._texts - 1)
            self._into.cut("size" if self._into.wanted.limit is None else "limit")


def _take_report(report: dropbox_print.Report, time: str, into: Collection) -> None:
    file = ""
    if report.text:
        stamp = f"{report.day}T{report.clock.replace(':', '')}"
        file = into.report(f"{stamp}-{report.tag}-{report.process or 'phone'}.txt", report.text + b"\n")
    entry = {
        "source": "dropbox", "time": time, "level": _LEVELS.get(report.kind, "error"), "process": report.process,
        "pid": report.pid, "tag": report.tag, "message": report.words, "file": file,
    }
    into.entry({name: value for name, value in entry.items() if value not in ("", None) or name == "message"})
    if report.kind:
        into.triage.add(
            report.kind, _WORDS[report.kind], Evidence(f"dropbox:{report.tag}", report.words, file),
            process=report.process or None, time=time)


def _collect_restarts(seen: Observations, into: Collection) -> None:
    """Why it restarted, as its properties tell. Said whatever `since` is: they carry no date, or their own."""
    reason = seen.answer(crashes.BOOT_REASON)
    if isinstance(reason, str) and reason:
        into.triage.add(
            "last_reboot_reason", f"The last restart: {reason}.", Evidence("boot reason", reason))
        for kind, pattern, words in _BAD_RESTARTS:
            if pattern.search(reason):
                into.triage.add(kind, words, Evidence("boot reason", reason))
                break
    history = crashes.reboots(seen)
    for record in history if isinstance(history, list) else ():
        reason, time = record["reason"], record["at"]
        if not into.takes(time):
            continue
        kind = next((kind for kind, pattern, _ in _BAD_RESTARTS if pattern.search(reason)), "reboot")
        into.triage.add(kind, _WORDS[kind], Evidence("boot history", reason), time=time)


def _count_tombstones(seen: Observations, into: Collection) -> None:
    count = seen.answer(crashes.TOMBSTONES)
    if isinstance(count, Unread):
        # On phones as they are sold the shell may not look into that folder.
        into.ended("tombstones", count.reason, 0, is_usual=count.reason == "permission_denied")
    elif count:
        into.ended("tombstones", "complete", 0)
        into.triage.add(
            "tombstones", "Native crashes left records on the phone; what they say is in the crash reports.",
            Evidence("tombstones", f"{count} in /data/tombstones"), times=count)


def _collect_log(
    call: Call, device: Device, seen: Observations, buffers: tuple[str, ...], here: tzinfo | None, into: Collection,
) -> None:
    """The first way of asking that this phone's logcat understands."""
    processes = _processes(seen)
    now = _now(seen, here)
    end, received = "refused", 0
    for names, modern in _ways_to_ask(seen, buffers):
        read = log_reads.logcat(names, modern, into.left(), into.wanted.since)
        with _part(call, call.remaining() - min(FINISH_S, call.remaining() * FINISH_SHARE)) as part:
            try:
                log = stream(part, device, read, LOG_LIMIT)
            except RpcError as error:
                call.check_stopped()
                if not into.bytes:
                    raise
                # The box was read already: that is worth an answer.
                end = _REASONS.get(error.kind, "unreadable")
                break
            answered = _Answered(log)
            entries = into.feed_logcat(answered.pieces(), processes, now, modern)
        call.check_stopped()
        end, received = log.end or "complete", log.received
        if end != "complete" or entries or not answered.refused:
            break
        end = "refused"
    into.ended("logcat", "size" if received >= LOG_LIMIT else end, received)


def _ways_to_ask(seen: Observations, buffers: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], bool]]:
    sdk = seen.answer(identity.SDK)
    if isinstance(sdk, Unread) or sdk >= MODERN_SDK:
        yield buffers, True
    yield buffers, False
    old = log_reads.OLD_RECENT if buffers == log_reads.RECENT else log_reads.OLD_BUFFERS
    if buffers != ("crash",):
        yield old, False
        yield ("main",), False


class _Answered:
    """A log's pieces, the first held back until they look like a log. refused: they did not, and logcat failed."""

    __slots__ = ("refused", "_log")

    def __init__(self, log: LogStream) -> None:
        self.refused = False
        self._log = log

    def pieces(self) -> Iterator[bytes]:
        held = b""
        is_log = False
        for piece in self._log:
            if is_log:
                yield piece
                continue
            held += piece
            if len(held) >= _REFUSAL or _LOOKS_LIKE_LOG.search(held):
                is_log = True
                yield held
        if not is_log and held:
            self.refused = self._log.end == "complete" and self._log.status not in (0, NO_STATUS)
            if not self.refused:
                yield held
        elif not is_log:
            self.refused = self._log.end == "complete" and self._log.status not in (0, NO_STATUS)


def _counted(log: LogStream, into: Collection) -> Iterator[bytes]:
    for piece in log:
        into.read(len(piece))
        yield piece


def _processes(seen: Observations) -> Mapping[int, str]:
    """From the newer form of ps, which shows whole names, or from the older one."""
    for witness in (_PROCESSES, _OLD_PROCESSES):
        processes = seen.answer(witness)
        if isinstance(processes, dict):
            return processes
    return {}


def _time_zone(seen: Observations) -> tzinfo | None:
    name = seen.answer(_TIME_ZONE)
    if not isinstance(name, str):
        return None
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (OSError, LookupError, ValueError):
        return None  # a name this computer does not know, or none


def _now(seen: Observations, here: tzinfo | None) -> datetime:
    """The phone's clock; this computer's where the phone did not tell."""
    seconds = seen.answer(_CLOCK)
    try:
        return datetime.now(here or UTC) if isinstance(seconds, Unread) else datetime.fromtimestamp(seconds, here or UTC)
    except (OverflowError, OSError, ValueError):
        return datetime.now(here or UTC)


def _local_time(day: str, clock: str, here: tzinfo | None) -> str:
    time = f"{day}T{clock}"
    if here is None:
        return time
    try:
        return datetime.fromisoformat(time).replace(tzinfo=here).isoformat()
    except (ValueError, OverflowError):
        return time


