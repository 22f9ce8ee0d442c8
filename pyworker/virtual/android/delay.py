"""The latency of a cable: what comes is acted on later, in order, while more comes."""

from __future__ import annotations

import collections
import threading
import time
from collections.abc import Callable

from pyworker.virtual.android.packets import Packet


class Delay:
    """Calls `act` with each packet, `latency_s` after it was put, in order; the first one twice that. None ends it."""

    def __init__(self, act: Callable[[Packet], None], latency_s: float) -> None:
        self._act = act
        self._latency_s = latency_s
        self._due: collections.deque[tuple[float, Packet | None]] = collections.deque()
        self._changed = threading.Condition()
        self._first = True
        threading.Thread(target=self._run, daemon=True, name="virtual latency").start()

    def put(self, packet: Packet | None) -> None:
        due = 0.0 if packet is None else time.monotonic() + self._latency_s * (2 if self._first else 1)
        self._first = False
        with self._changed:
            if packet is None:
                self._due.clear()
            self._due.append((due, packet))
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._due:
                    self._changed.wait()
                due, packet = self._due.popleft()
            if packet is None:
                return
            wait = due - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            try:
                self._act(packet)
            except OSError:
                return  # the connection has ended; the thread that reads it finds out by itself
