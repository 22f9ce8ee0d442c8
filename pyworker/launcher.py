"""The one thread from which every thread descends that runs library code.

Landlock binds a thread and all that it starts. So this thread puts containment up, once, when it is first needed, and
starts the others; the reader, which must answer `health` meanwhile, never waits for it.
"""

import threading
from _queue import SimpleQueue

from pyworker import log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Launcher:
    """contain: puts the layers up, on this thread. failed: told when it could not; nothing will be started then."""

    __slots__ = ("_contain", "_failed", "_queue", "_sleeping")

    def __init__(self, contain: "Callable[[], None]", failed: "Callable[[], None]") -> None:
        self._contain = contain
        self._failed = failed
        self._queue: SimpleQueue[threading.Thread] = SimpleQueue()
        self._sleeping = threading.Lock()  # taken for ever by whoever wakes the thread

    def start(self, thread: threading.Thread) -> None:
        """Have this thread started, contained. Does not wait."""
        if self._sleeping.acquire(blocking=False):
            threading.Thread(target=self._live, name="launcher", daemon=True).start()
        self._queue.put(thread)

    def _live(self) -> None:
        try:
            self._contain()
        except BaseException as bug:  # noqa: BLE001  nothing may run uncontained, so nothing can run any more
            log.bug("not_contained", bug)
            self._failed()
            return
        while True:
            self._queue.get().start()
