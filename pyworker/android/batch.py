"""One script run on one stream: the answers it brought, and what it leaves open.

The read that runs when the stream ends early, for whatever cause, is the culprit: it is answered with the cause, and
the reads behind it are left for another stream. Causes: the stream broke off or ended without the script's END (with
`exec:` that looks like an orderly end); the read ran for longer than its limit; it says more than is worth draining.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from pyworker.android import script
from pyworker.android.frames import Began, Ended, Event, Frames, Piece
from pyworker.android.no_answer import NoAnswer
from pyworker.android.output import NO_STATUS, Output
from pyworker.findings import Unread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyworker.android.ways import ServiceStream, Way

READ_LIMIT = 2 * 1024 * 1024  # bytes kept of one read; the largest dump a probe reads is a few hundred kB
DRAIN_LIMIT = 4 * 1024 * 1024  # bytes beyond that which are read and dropped before the read counts as endless

GRACE_S = 1.5  # between the phone's limit and ours: processes start slowly on a busy phone, and the way takes time
CLOCK_SLACK_S = 0.25  # how much too early the phone's limit may seem to end a read, seen from here


class TimeLimits(NamedTuple):
    """until: when nothing more is waited for. on_phone: the seconds `timeout` is given there, one of PHONE_LIMITS."""

    until: float
    on_phone: int

    @property
    def here(self) -> float:
        """Seconds a read may run before its stream is dropped."""
        return self.on_phone + GRACE_S


class Batch:
    """The state of one run.

    answers: by index into the commands. left: the indices without one. began: whether any frame was opened.
    trouble: what ended the stream early, or None; then every command is answered.
    """

    __slots__ = ("_commands", "_dropped", "_keep", "_kept", "_limits", "_on_answer", "_running", "_since", "answers",
                 "began", "left", "trouble")

    def __init__(
        self, commands: Sequence[str], limits: TimeLimits, keep: int, on_answer: Callable[[], None],
    ) -> None:
        """keep: bytes of output to keep in all. on_answer: called after each answer."""
        self.answers: dict[int, Output | Unread] = {}
        self.left = list(range(len(commands)))
        self.began = False
        self.trouble: NoAnswer | None = None
        self._commands = commands
        self._limits = limits
        self._keep = keep
        self._on_answer = on_answer
        self._running: int | None = None
        self._kept = bytearray()
        self._dropped = 0
        self._since = monotonic()

    def run(self, way: Way) -> None:
        """Run the commands. Raises only what is no trouble of the phone's (RpcError of the way, a defect)."""
        nonce = script.new_nonce()
        frames = Frames(nonce)
        stream: ServiceStream | None = None
        try:
            stream = way.open(script.build(self._commands, nonce, self._limits.on_phone), self._patience())
            while not frames.complete:
                data = stream.read(self._patience())
                if not data:
                    raise NoAnswer("truncated")
                for event in frames.feed(data):
                    self._take(event)
                if frames.outside > DRAIN_LIMIT:
                    raise NoAnswer("truncated")
                if self._running is not None and monotonic() >= self._patience():
                    raise NoAnswer("timeout")  # it keeps saying something, and never ends
        except NoAnswer as trouble:
            self._end_early(trouble)
        finally:
            if stream is not None:
                stream.close()
            if self.trouble is not None:
                way.drop()

    def _patience(self) -> float:
        return min(self._limits.until, self._since + self._limits.here)

    def _take(self, event: Event) -> None:
        if isinstance(event, Piece):
            room = max(0, min(READ_LIMIT - len(self._kept), self._keep))
            kept = event.data[:room]
            self._kept += kept
            self._keep -= len(kept)
            self._dropped += len(event.data) - len(kept)
            if self._dropped > DRAIN_LIMIT:
                raise NoAnswer("truncated")
        elif isinstance(event, Began):
            self._running, self._kept, self._dropped, self._since = event.frame, bytearray(), 0, monotonic()
            self.began = True
        else:
            self._answer(event.frame, self._whole_answer(event))
            self._running, self._since = None, monotonic()

    def _whole_answer(self, event: Ended) -> Output | Unread:
        # The phone's limit ends the head of a pipe, and the status is that of its tail: then only the clock tells.
        took = monotonic() - self._since
        if script.is_limited_on_phone(self._commands[event.frame]) and (
                event.status in script.TIMED_OUT or took >= self._limits.on_phone - CLOCK_SLACK_S):
            return Unread("timeout")
        return Output(bytes(self._kept), event.status, self._dropped > 0)

    def _end_early(self, trouble: NoAnswer) -> None:
        self.trouble = trouble
        if self._running is None:
            return
        endless = self._dropped > DRAIN_LIMIT
        self._answer(self._running, Output(bytes(self._kept), NO_STATUS, truncated=True) if endless
                     else Unread(trouble.reason))

    def _answer(self, index: int, answer: Output | Unread) -> None:
        self.answers[index] = answer
        self.left.remove(index)
        self._on_answer()
