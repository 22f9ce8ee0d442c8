"""What ends a process of the virtual phone early: its stream was closed, or the `timeout` above it ran out.

Nothing on a phone can be interrupted from outside in Python, so everything that may take long asks here: `check` in
loops, `wait` instead of sleeping, and `slice` for waits on a condition of its own.
"""

from __future__ import annotations

import threading
import time
from typing import NoReturn

# How long a wait on someone else's condition may go on before it looks whether its process was ended meanwhile.
LOOK_EVERY_S = 0.1


class Hangup(Exception):
    """The stream of the process is gone, as after SIGHUP."""


class TimeUp(Exception):
    """A `timeout` ran out; `signals` is the one that belongs to it."""

    def __init__(self, signals: Signals) -> None:
        super().__init__("time is up")
        self.signals = signals


class Signals:
    """`ended` is set when the stream closes. A child made by `within` ends earlier, at its own deadline."""

    __slots__ = ("ended", "deadline", "parent")

    def __init__(self, ended: threading.Event, deadline: float | None = None, parent: Signals | None = None) -> None:
        self.ended = ended
        self.deadline = deadline
        self.parent = parent

    def within(self, seconds: float) -> Signals:
        return Signals(self.ended, time.monotonic() + seconds, self)

    def child(self) -> Signals:
        """Of a job of its own: `end` reaches it alone."""
        return Signals(threading.Event(), None, self)

    def check(self) -> None:
        """Raises Hangup or TimeUp."""
        each: Signals | None = self
        while each is not None:
            if each.ended.is_set():
                raise Hangup
            if each.deadline is not None and time.monotonic() >= each.deadline:
                raise TimeUp(each)
            each = each.parent

    def slice(self, seconds: float | None = None) -> float:
        """How long to wait now before calling `check` again: at most `seconds`, the nearest deadline, LOOK_EVERY_S."""
        longest = LOOK_EVERY_S if seconds is None else min(seconds, LOOK_EVERY_S)
        each: Signals | None = self
        while each is not None:
            if each.deadline is not None:
                longest = min(longest, max(0.0, each.deadline - time.monotonic()))
            each = each.parent
        return longest

    def wait(self, seconds: float) -> None:
        """Sleeps; raises Hangup or TimeUp as soon as either is due."""
        until = time.monotonic() + seconds
        while True:
            self.check()
            left = until - time.monotonic()
            if left <= 0:
                return
            self.ended.wait(self.slice(left))

    def wait_for_end(self) -> NoReturn:
        """Sleeps until it raises Hangup or TimeUp."""
        while True:
            self.wait(LOOK_EVERY_S)
