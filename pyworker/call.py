"""What a handler is given: the request's parameters, how long it may take, and how it is told to stop.

A handler runs on a thread of its own and may block, but only in ways that end by `deadline` or when the call is
stopped: whoever waits on a socket registers a way to be woken with `on_stop`. The answer to a cancelled or overdue
request is sent by the connection, not by the handler; what the handler returns then is dropped.
"""

import threading
from time import monotonic

from protocol.errors import request_cancelled
from pyworker.errors import failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pyworker.settings import Settings


class Call:
    """params: checked against the method's schema. deadline: on the clock of time.monotonic. report: takes progress.
    warnings: names in findings.WARNINGS that the answer has to carry.

    Threads: `stop`, `progress` and `warn` may be called from any.
    """

    __slots__ = ("params", "settings", "deadline", "report", "warnings", "_lock", "_stopped", "_wakers")

    def __init__(
        self,
        params: "dict[str, Any]",
        settings: "Settings",
        deadline: float,
        report: "Callable[[str, int, int | None], None] | None" = None,
    ) -> None:
        self.params = params
        self.settings = settings
        self.deadline = deadline
        self.report = report
        self.warnings: dict[str, None] = {}
        self._lock = threading.Lock()
        self._stopped = False
        self._wakers: dict[object, Callable[[], None]] = {}

    @property
    def stopped(self) -> bool:
        return self._stopped

    def remaining(self) -> float:
        """Seconds until the deadline, never negative; 0 when stopped."""
        return 0.0 if self._stopped else max(0.0, self.deadline - monotonic())

    def check(self) -> None:
        """Raise when there is no point in going on: the call was stopped, or its deadline passed."""
        if self._stopped:
            raise request_cancelled()
        if monotonic() >= self.deadline:
            raise failure("timeout")

    def check_stopped(self) -> None:
        """Raise when nobody wants the answer any more. Being overdue is no reason: what was read in time counts."""
        if self._stopped:
            raise request_cancelled()

    def progress(self, stage: str, done: int, total: "int | None" = None) -> None:
        """Tell the peer how far this is, if it asked to be told. Never blocks; may be dropped."""
        if self.report is not None and not self._stopped:
            self.report(stage, done, total)

    def warn(self, *names: str) -> None:
        """Have the answer say what it must be read with. For what is known only where nothing else is handed on."""
        self.warnings.update(dict.fromkeys(names))

    def on_stop(self, wake: "Callable[[], None]") -> "Callable[[], None]":
        """Have `wake` called once, from another thread, when the call is stopped (at once if it already is).

        Returns a function that takes the registration back. `wake` must not block or raise.
        """
        handle = object()
        with self._lock:
            if not self._stopped:
                self._wakers[handle] = wake
                return lambda: self._forget(handle)
        wake()
        return lambda: None

    def _forget(self, handle: object) -> None:
        with self._lock:
            self._wakers.pop(handle, None)

    def stop(self) -> None:
        """Cancelled, overdue, or the worker is leaving. Idempotent."""
        with self._lock:
            if self._stopped:
                return
            self._stopped = True
            wakers = list(self._wakers.values())
            self._wakers.clear()
        for wake in wakers:
            wake()
