"""One inspection of one phone: every read answered, by an Output or by the reason there is none.

Rounds: the open reads go out in one script, or in as few as they fit; through the adb server these run side by side, on
a direct connection one after the other. What a round leaves open goes into the next, without the culprits (batch.py). A
round that opened no frame may be repeated once; then the open reads stay without an answer.

Everything ends a little before the call's deadline, so that what was read is still judged and sent.
"""

from __future__ import annotations

import threading
from time import monotonic
from typing import TYPE_CHECKING

from pyworker.android import script
from pyworker.android.batch import Batch, TimeLimits
from pyworker.android.no_answer import NoAnswer
from pyworker.android.output import Output
from pyworker.android.ways import way_to
from pyworker.errors import failure
from pyworker.findings import Unread
from pyworker.platforms import Observed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocol.errors import RpcError
    from pyworker.android.ways import Way
    from pyworker.call import Call
    from pyworker.platforms import Device
    from pyworker.probes import Read

INSPECTION_LIMIT = 16 * 1024 * 1024  # bytes kept in all; a phone that fills every read must not fill the worker
DIRECT_BUDGET = 64 * 1024 * 1024  # bytes a direct connection may bring, those that are dropped included

ROUNDS = 8  # a culprit each, and each costs its limit; a phone with more reads that hang has other problems
SIDE_BY_SIDE = 4  # streams at once: a phone has some cores, and each stream is a shell with its commands
SHARE_OF_A_READ = 4  # a read may take a fourth of the time there is, so that one that hangs leaves some to the others

MARGIN_S = 0.3  # kept from the deadline for judging and sending
MARGIN_SHARE = 0.2  # or this share of the whole time, when that is less

# The reason a phone in this state gives for every read.
_NOT_READY = {"unauthorized": "unauthorized", "no_permissions": "permission_denied", "offline": "disconnected"}
_WARNINGS = {"timeout": "timeout", "disconnected": "device_disconnected", "truncated": "truncated"}
# What a phone that said nothing at all is reported as. With any other reason there is something to say about it.
_SAID_NOTHING = {"timeout": "timeout", "disconnected": "device_disconnected", "unreadable": "device_protocol_error"}


def observe(call: Call, device: Device, reads: tuple[Read, ...]) -> Observed:
    """Do the reads. Raises RpcError: device_not_found, device_disconnected, timeout or device_protocol_error when the
    phone said nothing at all, cancelled when the call was stopped.
    """
    if device.state != "ready":
        unread = Unread(not_ready(device).reason)
        return Observed(dict.fromkeys(reads, unread), device.state, device.connection, device.hint)
    limits = time_limits(call)
    try:
        way = way_to(device, call, limits.until, DIRECT_BUDGET)
        try:
            answers, trouble = fetch(call, way, reads, limits)
        finally:
            way.drop()
    except NoAnswer as failed:
        answers, trouble = {}, failed
    call.check_stopped()
    if trouble is not None:
        if trouble.state == "" and trouble.reason in _SAID_NOTHING and not any(
                isinstance(answer, Output) for answer in answers.values()):
            raise failure(_SAID_NOTHING[trouble.reason])
        answers = {read: answers.get(read, Unread(trouble.reason)) for read in reads}
    return Observed(answers, (trouble and trouble.state) or "ready", device.connection, trouble.hint if trouble else "",
                    _warnings(answers))


def time_limits(call: Call) -> TimeLimits:
    left = call.deadline - monotonic()
    fits = [limit for limit in script.PHONE_LIMITS if limit <= left / SHARE_OF_A_READ]
    return TimeLimits(call.deadline - min(MARGIN_S, left * MARGIN_SHARE), max(fits, default=script.PHONE_LIMITS[0]))


def not_ready(device: Device) -> NoAnswer:
    """Why nothing can be read from a phone whose state is not "ready"."""
    return NoAnswer(_NOT_READY[device.state], device.state, device.hint)


def refusal(trouble: NoAnswer) -> RpcError:
    """The error for a request that can do nothing with a phone in this state."""
    kinds = {"unauthorized": "device_untrusted", "permission_denied": "device_untrusted", "timeout": "timeout",
             "disconnected": "device_disconnected"}
    return failure(kinds.get(trouble.reason, "device_protocol_error"), hint=trouble.hint)


def fetch(
    call: Call, way: Way, reads: Sequence[Read], limits: TimeLimits,
) -> tuple[dict[Read, Output | Unread], NoAnswer | None]:
    """Each read's answer, and the trouble for which the last reads were given up, if any were."""
    answers: dict[Read, Output | Unread] = {}
    progress = _Progress(call, len(reads))
    left = list(reads)
    given_up: NoAnswer | None = None
    fruitless = False
    for _ in range(ROUNDS):
        if not left or call.stopped or monotonic() >= limits.until:
            break
        kept = sum(len(answer.data) for answer in answers.values() if isinstance(answer, Output))
        parts, batches = _round(way, left, limits, INSPECTION_LIMIT - kept, progress)
        left = []
        for part, batch in zip(parts, batches, strict=True):
            answers.update({part[index]: answer for index, answer in batch.answers.items()})
            left += [part[index] for index in batch.left]
        if any(batch.began for batch in batches):
            fruitless = False
            continue
        given_up = next(batch.trouble for batch in batches if batch.trouble is not None)
        if fruitless or given_up.state:
            break
        fruitless, given_up = True, None
    if left and given_up is None:
        given_up = NoAnswer("timeout")
    answers.update({read: Unread(given_up.reason) for read in left if given_up is not None})
    return answers, given_up


def _round(
    way: Way, reads: Sequence[Read], limits: TimeLimits, keep: int, progress: _Progress,
) -> tuple[list[list[Read]], list[Batch]]:
    parts = [[reads[index] for index in group] for group in script.split([read.request for read in reads])]
    share = keep // len(parts)
    batches = [Batch([read.request for read in part], limits, share, progress.one_more) for part in parts]
    if way.side_by_side:
        for first in range(0, len(batches), SIDE_BY_SIDE):
            _run_side_by_side(way, batches[first:first + SIDE_BY_SIDE])
    else:
        for batch in batches:
            batch.run(way)
            if batch.trouble is not None and not batch.began:
                break  # the phone does not take scripts now; the rest is for the next round
    return parts, batches


def _run_side_by_side(way: Way, batches: Sequence[Batch]) -> None:
    """Each on a thread of its own, the first on this one. Every wait in them is bounded, so joining is."""
    problems: list[BaseException] = []

    def run(batch: Batch) -> None:
        try:
            batch.run(way)
        except BaseException as problem:  # noqa: BLE001  carried over to the thread that waits, which raises it
            problems.append(problem)

    threads = [threading.Thread(target=run, args=(batch,), name="adb script", daemon=True) for batch in batches[1:]]
    for thread in threads:
        thread.start()
    run(batches[0])
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]


class _Progress:
    """Counts answered reads for the call, from several threads."""

    __slots__ = ("_call", "_done", "_lock", "_total")

    def __init__(self, call: Call, total: int) -> None:
        self._call = call
        self._total = total
        self._done = 0
        self._lock = threading.Lock()

    def one_more(self) -> None:
        with self._lock:
            self._done += 1
            self._call.progress("reading", self._done, self._total)


def _warnings(answers: dict[Read, Output | Unread]) -> list[str]:
    reasons = {answer.reason for answer in answers.values() if isinstance(answer, Unread)}
    if any(isinstance(answer, Output) and answer.truncated for answer in answers.values()):
        reasons.add("truncated")
    names = [_WARNINGS[reason] for reason in _WARNINGS if reason in reasons]
    return ["partial_data", *names] if names else []
