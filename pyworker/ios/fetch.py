"""The reads of one inspection, done in as few round trips as they take, each answered by a value or by a reason.

Reads that go to one service share its connection; services are spoken to side by side, and all of them while lockdownd
is still being asked for values. Those with the longest conversations are started first. A service that fails costs its
own reads, one that stalls its own time; what was answered before the deadline counts.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from pyworker.findings import Unread
from pyworker.ios import crash_files, plist_service
from pyworker.ios.afc import FILE_SYSTEM, Afc
from pyworker.ios.crash_files import CrashFolder
from pyworker.ios.plist_service import DIAGNOSTICS_RELAY, INSTALLATION_PROXY, MCINSTALL
from pyworker.ios.unanswered import Unanswered, by

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from pyworker.ios.service_stream import ServiceStream
    from pyworker.ios.session import Session
    from pyworker.probes import Read

    Answers = dict[Read, Any]
    Ask = Callable[[Read], Awaitable[Any]]

# One service's whole conversation. The longest, two hundred heads of crash reports, was measured well below a second.
SERVICE_LIMIT_S = 8.0
# A connection that broke is opened once more for the reads that were still to come on it.
CONNECTIONS_PER_SERVICE = 2


async def fetch(session: Session, reads: Sequence[Read], progress: Callable[[int, int], None]) -> Answers:
    """An answer to every read. progress: told (services done, of how many)."""
    answers: Answers = {}
    groups: dict[str, list[Read]] = {}
    for read in reads:
        groups.setdefault(read.service, []).append(read)
    ordered = sorted(groups.items(), key=lambda group: _ORDER.index(group[0]))
    work = [partial(_answer_group, session, service, group, answers) for service, group in ordered]
    try:
        await by(session.deadline, _side_by_side(work, progress))
    except Unanswered as cause:
        for read in reads:
            answers.setdefault(read, cause.unread)
    return answers


async def _side_by_side(work: Sequence[Callable[[], Awaitable[None]]], progress: Callable[[int, int], None]) -> None:
    done = 0

    async def one(part: Callable[[], Awaitable[None]]) -> None:
        nonlocal done
        await part()
        done += 1
        progress(done, len(work))

    async with asyncio.TaskGroup() as group:
        for part in work:
            group.create_task(one(part))


async def _answer_group(session: Session, service: str, reads: list[Read], answers: Answers) -> None:
    if service == "lockdown":
        for read in reads:
            answers[read] = await _value(session, read)
    elif service == "service":
        for read in reads:
            answers[read] = await _or_reason(session.grants(read.argument[0]))
    else:
        await _converse(session, service, reads, answers)


async def _value(session: Session, read: Read) -> Any:
    if not read.argument and session.standing.reason:
        return session.public
    answer = await _or_reason(session.get_value(*read.argument))
    # All values of a phone are worth having even when they are only the public ones.
    return session.public if not read.argument and isinstance(answer, Unread) else answer


async def _converse(session: Session, service: str, reads: list[Read], answers: Answers) -> None:
    """The reads of one service over its connection, and over a second one what the end of the first left open."""
    name, begin = _CONVERSATIONS[service]
    left = list(reads)
    cause = Unread("disconnected")
    for _ in range(CONNECTIONS_PER_SERVICE):
        try:
            stream = await session.open_service(name)
        except Unanswered as no:
            cause = no.unread
            break
        try:
            ends = asyncio.get_running_loop().time() + SERVICE_LIMIT_S
            await by(ends, _answer_all(begin(session, stream), left, answers))
        except Unanswered as no:
            cause = no.unread
        stream.abort()
        left = [read for read in left if read not in answers]
        if not left or cause.reason == "timeout":
            break
    for read in left:
        answers[read] = cause


async def _answer_all(ask: Ask, reads: list[Read], answers: Answers) -> None:
    """Until all are answered, or one ends the connection, which is its answer too."""
    for read in reads:
        try:
            answers[read] = await ask(read)
        except Unanswered as no:
            answers[read] = no.unread
            if no.fatal:
                raise


async def _or_reason(question: Awaitable[Any]) -> Any:
    try:
        return await question
    except Unanswered as no:
        return no.unread


def _mcinstall(_session: Session, stream: ServiceStream) -> Ask:
    return lambda read: plist_service.mcinstall(stream, read)


def _diagnostics_relay(_session: Session, stream: ServiceStream) -> Ask:
    return lambda read: plist_service.diagnostics_relay(stream, read)


def _installation_proxy(_session: Session, stream: ServiceStream) -> Ask:
    return lambda read: plist_service.installation_proxy(stream, read)


def _file_system(_session: Session, stream: ServiceStream) -> Ask:
    afc = Afc(stream)
    return lambda _read: afc.device_info()


def _crash_folder(session: Session, stream: ServiceStream) -> Ask:
    return CrashFolder(Afc(stream), session.warnings).answer


# How a Read's service is called, what lockdownd calls it, and how to talk to it.
_CONVERSATIONS: dict[str, tuple[str, Callable[[Session, ServiceStream], Ask]]] = {
    "afc.crashreports": (crash_files.SERVICE, _crash_folder),
    "diagnostics_relay": (DIAGNOSTICS_RELAY, _diagnostics_relay),
    "mcinstall": (MCINSTALL, _mcinstall),
    "installation_proxy": (INSTALLATION_PROXY, _installation_proxy),
    "afc": (FILE_SYSTEM, _file_system),
}
_ORDER = [*_CONVERSATIONS, "service", "lockdown"]
