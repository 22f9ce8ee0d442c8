"""How many phones at once: the time of many `inspect.basic` together, by the time of one, through one worker.

A round trip takes 10 ms. An inspection that only waited would take as long for many as for one; it bends where the
processor is full. The virtual phones share the machine's processors, which real ones do not: the last figures have
phones that cost nothing, and the processor time of one inspection in the worker says where the bend must be.
"""

from __future__ import annotations

from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from tests.bench.figures import Figure
from tests.bench.phones import serial, served, udid
from tests.bench.timing import seconds, usual
from tests.bench.worker import MEASURABLE, Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SIZES = (1, 2, 4, 8, 16, 32, 64)
LATENCY_S = 0.010
RUNS = 5
# One inspection takes less than the system's tick, by which it counts processor time; so many together do not.
COSTED = 40


def figures(tiny: bool = False) -> Iterator[Figure]:
    sizes = (1, 2) if tiny else SIZES
    most = sizes[-1]
    with served("iphones", most, LATENCY_S) as address, Worker("--usbmuxd", f"UNIX:{address}") as worker:
        yield from _of("iPhones", worker, udid, sizes, tiny)
    with served("androids", most, LATENCY_S) as port, Worker("--adb-server", f"127.0.0.1:{port}") as worker:
        yield from _of("Android phones", worker, serial, sizes, tiny)
    with served("paper", most, LATENCY_S, module="tests.bench.senders") as port, \
            Worker("--adb-server", f"127.0.0.1:{port}") as worker:
        yield from _of("phones that cost nothing", worker, serial, sizes, tiny)


def _of(kind: str, worker: Worker, name: Callable[[int], str], sizes: tuple[int, ...], tiny: bool) -> Iterator[Figure]:
    if not tiny:
        worker.settle()
    together = partial(_together, worker, name)
    together(1)
    count = 2 if tiny else COSTED
    before = worker.processor_s() if MEASURABLE else 0.0
    single = median(seconds(partial(together, 1)) for _ in range(count))
    if MEASURABLE:
        cost_s = (worker.processor_s() - before) / count
        yield Figure("at once", f"{kind}: the worker's processor time for one", cost_s * 1000, "ms", "less")
    for size in sizes[1:]:
        yield Figure("at once", f"{size} {kind} / one", usual(partial(together, size), 1 if tiny else RUNS) / single, "x", "less")


def _together(worker: Worker, name: Callable[[int], str], size: int) -> None:
    worker.ask_all([("inspect.basic", {"device_id": name(number)}) for number in range(size)])
