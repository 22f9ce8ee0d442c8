"""What a collection reads from an iPhone: the crash reports in their folder, and its log for a few seconds.

The log cannot be fetched, only listened to: os_trace_relay first, which also sends what it still has of the last
moments; where that cannot be started, syslog_relay's text. Crash reports are read over AFC where they lie; the newest
may still wait outside the folder, and what would bring them in changes the phone.

Everything happens in the event loop but the work on what arrived, which is done in a thread, so that other phones are
not kept waiting by this one's log.
"""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

from pyworker.collecting import ios_text
from pyworker.errors import failure
from pyworker.findings import Unread
from pyworker.ios import ips, loop, messages, os_trace
from pyworker.ios.afc import Afc, File
from pyworker.ios.crash_files import SERVICE as CRASH_REPORTS
from pyworker.ios.crash_files import CrashFolder
from pyworker.ios.report_entries import add_report
from pyworker.ios.session import locate, open_session
from pyworker.ios.unanswered import Unanswered, by
from pyworker.ios.usbmux import address_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyworker.call import Call
    from pyworker.collecting.collection import Collection
    from pyworker.collecting.wanted import Wanted
    from pyworker.ios.crash_files import Entry
    from pyworker.ios.service_stream import ServiceStream
    from pyworker.ios.session import Session
    from pyworker.ios.standing import Standing
    from pyworker.ios.stream import Address
    from pyworker.platforms import Device
    from pyworker.probes import Observations

SYSLOG = "com.apple.syslog_relay"

# Kept from the deadline for closing the files and sending.
MARGIN_S = 1.0
MARGIN_SHARE = 0.2
# What is taken at once off a stream.
PIECE = 128 * 1024
# How often it is told how long a log has been listened to, which is all there is to tell of a quiet phone.
TELL_TIME_S = 0.5
# What a log may bring in one collection: ten minutes of a very busy phone.
LOG_LIMIT = 512 * 1024 * 1024

# A report is some hundred KiB; a stackshot or a day of analytics some MiB.
REPORT_SIZE = 2 * 1024 * 1024
REPORT_BYTES = 64 * 1024 * 1024
MOST_REPORTS = {"default": 100, "crash": 1000, "full": 1000}
# Files that are held in memory together.
TOGETHER_BYTES = 4 * 1024 * 1024
TOGETHER = 16
# The reports may take this share of the time when the log is wanted too.
REPORTS_SHARE = 0.6


def collect(call: Call, device: Device, _seen: Observations, wanted: Wanted, into: Collection) -> None:
    """As Platform.collect has it. Raises RpcError: device_not_found, or how the phone stands when it tells nothing."""
    try:
        address = address_of(call.settings)
    except OSError:
        raise failure("device_not_found") from None
    loop.run(call, _collect(address, device, wanted, into, _deadline(call)))


def _deadline(call: Call) -> float:
    remaining = call.remaining()
    return monotonic() + remaining - min(MARGIN_S, remaining * MARGIN_SHARE)


async def _collect(address: Address, device: Device, wanted: Wanted, into: Collection, deadline: float) -> None:
    located = await locate(address, device.device_id, device.connection, deadline)
    async with open_session(address, located, deadline) as session:
        if session.standing.reason:
            raise _refusal(session.standing)
        if wanted.crashes:
            share = REPORTS_SHARE if wanted.log else 1.0
            until = monotonic() + (deadline - monotonic()) * share
            await _collect_reports(session, wanted, into, until)
            into.warnings.update(dict.fromkeys(sorted(session.warnings)))
        if wanted.log:
            await _collect_log(session, wanted, into)


def _refusal(standing: Standing) -> Exception:
    kinds = {"untrusted": "device_untrusted", "locked": "device_locked"}
    reasons = {"timeout": "timeout", "disconnected": "device_disconnected"}
    kind = kinds.get(standing.state) or reasons.get(standing.reason, "device_protocol_error")
    return failure(kind, hint=standing.hint)


# --- crash reports --------------------------------------------------------------------------------------------------


async def _collect_reports(session: Session, wanted: Wanted, into: Collection, until: float) -> None:
    read = 0
    end = "complete"
    try:
        stream = await session.open_service(CRASH_REPORTS)
        try:
            afc = Afc(stream)
            folder = CrashFolder(afc, session.warnings)
            chosen = _chosen(await by(until, folder.entries()), wanted, into)
            for group in _groups(chosen):
                if read > REPORT_BYTES:
                    end = "size"
                    break
                files = await by(until, afc.files({f"/{entry.path}": entry.size for entry in group}, REPORT_SIZE))
                read += sum(len(file.data) for file in files if isinstance(file, File))
                await _in_thread(lambda group=group, files=files: _take_reports(group, files, into))  # type: ignore[misc]
        finally:
            stream.abort()
    except Unanswered as cause:
        end = cause.reason
    into.ended("crash_reports", end, read)


def _chosen(entries: Sequence[Entry], wanted: Wanted, into: Collection) -> list[Entry]:
    """The newest first; with a limit on entries the log keeps half of them."""
    reports = [entry for entry in entries if ips.is_report(entry.path)]
    reports.sort(key=lambda entry: (entry.modified, entry.path), reverse=True)
    if wanted.since is not None:
        reports = [entry for entry in reports if entry.modified >= wanted.since.timestamp()]
    most = MOST_REPORTS[wanted.scope]
    if wanted.limit is not None:
        most = min(most, max(1, wanted.limit // 2 if wanted.log else wanted.limit))
    if len(reports) > most:
        into.cut("size" if wanted.limit is None else "limit")
    return reports[:most]


def _groups(entries: Sequence[Entry]) -> list[list[Entry]]:
    groups: list[list[Entry]] = []
    size = 0
    for entry in entries:
        expected = min(entry.size, REPORT_SIZE)
        if not groups or len(groups[-1]) >= TOGETHER or size + expected > TOGETHER_BYTES:
            groups.append([])
            size = 0
        groups[-1].append(entry)
        size += expected
    return groups


def _take_reports(entries: Sequence[Entry], files: Sequence[File | Unread], into: Collection) -> None:
    for entry, file in zip(entries, files, strict=True):
        if isinstance(file, File):
            into.read(len(file.data))
            add_report(entry.path, file, into)
        elif file.reason != "key_missing":
            into.warnings["partial_data"] = None  # one that was moved meanwhile is none that could not be read


# --- the log --------------------------------------------------------------------------------------------------------


async def _collect_log(session: Session, wanted: Wanted, into: Collection) -> None:
    try:
        stream = await _start_os_trace(session)
    except Unanswered as cause:
        into.ended(os_trace.SOURCE, cause.reason, 0, is_usual=True)
        await _collect_syslog(session, wanted, into)
        return
    trace = os_trace.OsTrace()

    def take(data: bytes) -> bool:
        more = True
        for record in trace.feed(data):
            entry, lost = os_trace.parse(record)
            into.dropped += lost
            more = into.entry(entry)
            if not more:
                break
        return more

    await _listen(session, stream, take, os_trace.SOURCE, wanted, into)


async def _start_os_trace(session: Session) -> ServiceStream:
    stream = await session.open_service(os_trace.SERVICE)
    try:
        await by(session.limit(), stream.send(dict(os_trace.START_ACTIVITY)))
        length = os_trace.reply_length(await by(session.limit(), stream.read(5)))
        reply = messages.decode(await by(session.limit(), stream.read(length)))
        if reply.get("Status") != "RequestSuccessful":
            raise Unanswered("refused")
    except BaseException:
        stream.abort()
        raise
    return stream


async def _collect_syslog(session: Session, wanted: Wanted, into: Collection) -> None:
    try:
        stream = await session.open_service(SYSLOG)
    except Unanswered as cause:
        into.ended(ios_text.SOURCE, cause.reason, 0)
        return
    held = bytearray()

    def take(data: bytes, is_last: bool = False) -> bool:
        held.extend(data)
        # An entry is whole when its NUL is there; one without an end is cut.
        end = len(held) if is_last or len(held) > ios_text.LONGEST_ENTRY else held.rfind(b"\0") + 1
        whole = bytes(held[:end])
        del held[:end]
        for each in ios_text.entries_of(whole):
            entry, lost = ios_text.parse(each)
            into.dropped += lost
            if not into.entry(entry):
                return False
        return True

    await _listen(session, stream, take, ios_text.SOURCE, wanted, into)
    await _in_thread(lambda: take(b"", True))


async def _listen(
    session: Session, stream: ServiceStream, take: Callable[[bytes], bool], source: str, wanted: Wanted, into: Collection,
) -> None:
    """Until there is enough: time, entries or bytes; or until the phone ends it."""
    began = monotonic()
    ends = began + wanted.duration_s
    until = min(ends, session.deadline)
    received = 0
    telling = asyncio.create_task(_tell_time(into, began))
    try:
        while True:
            data = await by(until, stream.read_some(PIECE))
            if not data:
                end = "disconnected"
                break
            received += len(data)
            into.read(len(data))
            if not await _in_thread(lambda data=data: take(data)):  # type: ignore[misc]
                end = "limit"
                break
            if received >= LOG_LIMIT:
                end = "size"
                break
            if monotonic() >= until:
                raise Unanswered("timeout")
    except Unanswered as cause:
        end = cause.reason
        if end == "timeout" and ends <= session.deadline:
            end = "duration"
    finally:
        telling.cancel()
        stream.abort()
    into.ended(source, end, received)


async def _tell_time(into: Collection, began: float) -> None:
    while True:
        into.listening(monotonic() - began)
        await asyncio.sleep(TELL_TIME_S)


async def _in_thread(work: Callable[[], object]) -> object:
    return await asyncio.get_running_loop().run_in_executor(None, work)
