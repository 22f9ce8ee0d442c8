"""Where everything goes that anybody writes to fd 1 or 2: on to the real stderr while somebody reads it there.

Handlers run library code, and libraries print: from Python, from C, from child processes. All of that lands in one
pipe, which is always emptied, so that nobody who prints ever waits for a parent that does not read. What the parent
does not take in time is dropped, oldest first, and a line says how much.
"""

import os
import threading
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# A parent that looks away for a moment loses nothing: a busy inspection logs a few kilobytes.
KEPT = 256 * 1024
_CHUNK = 64 * 1024


class Spill:
    """source: the reading end of the pipe behind fd 1 and 2. sink: the real stderr.

    awake: called by each of its threads when it has waited, before it goes on.
    """

    __slots__ = ("_source", "_sink", "_awake", "_changed", "_kept", "_size", "_dropped", "_busy", "_emptied")

    def __init__(self, source: int, sink: int, awake: "Callable[[], None]") -> None:
        self._source = source
        self._sink = sink
        self._awake = awake
        self._changed = threading.Condition(threading.Lock())
        self._kept: list[bytes] = []
        self._size = 0
        self._dropped = 0
        self._busy = False
        self._emptied = False

    def start(self) -> None:
        for name, body in (("stderr-in", self._empty), ("stderr-out", self._forward)):
            threading.Thread(target=body, name=name, daemon=True).start()

    def _empty(self) -> None:
        while data := os.read(self._source, _CHUNK):
            self._awake()
            with self._changed:
                self._kept.append(data)
                self._size += len(data)
                while self._size > KEPT:
                    oldest = self._kept.pop(0)
                    self._size -= len(oldest)
                    self._dropped += len(oldest)
                self._changed.notify_all()
        with self._changed:
            self._emptied = True
            self._changed.notify_all()

    def _forward(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                while not self._kept:
                    self._changed.wait()
                data = b"".join(self._kept)
                if self._dropped:
                    data = b'\n{"level":"warning","event":"stderr_dropped","bytes":%d}\n' % self._dropped + data
                self._kept.clear()
                self._size = self._dropped = 0
                self._busy = True
            self._awake()
            view = memoryview(data)
            while view:
                try:
                    view = view[os.write(self._sink, view) :]
                except OSError:
                    break  # nobody will ever read it; what follows is emptied and dropped all the same

    def settle(self, seconds: float) -> None:
        """The last act of a process: take fd 1 and 2 away, and wait until what they were given is passed on.

        Not longer than this: a child process may hold the pipe open, and the parent may not be reading.
        """
        os.dup2(0, 1)  # fd 0 is the null device since `take`; there may be no descriptor left to open it again
        os.dup2(0, 2)
        until = monotonic() + seconds
        with self._changed:
            while (self._kept or self._busy or not self._emptied) and (left := until - monotonic()) > 0:
                self._changed.wait(left)
