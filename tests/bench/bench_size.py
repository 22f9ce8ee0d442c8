"""How many phones at once: the time of 4, 16 and 64 inspections together, by the time of one. Phones at 5 ms."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import TYPE_CHECKING

from tests.bench import bench_iphone as bench
from tests.bench.figures import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyworker.probes import Read

SIZES = (4, 16, 64)
RUNS = 3


def figures() -> Iterator[Figure]:
    reads = bench.reads_of(bench.BASIC)
    with bench.phones_at(bench.ROUND_TRIP_S) as address:
        bench.inspect(address, 0, reads)
        single = bench.one(address, reads)
        for size in SIZES:
            yield Figure(
                "phones at once", f"{size} iPhones / one", together(address, reads, size) / single, "x", "less"
            )


def together(address: str, reads: tuple[Read, ...], size: int) -> float:
    """Seconds for so many inspections at once; phones are inspected twice where there are fewer."""
    jobs = [number % bench.PHONES for number in range(size)]
    with ThreadPoolExecutor(size) as pool:
        return median(
            bench.timed(lambda: list(pool.map(lambda number: bench.inspect(address, number, reads), jobs)))
            for _ in range(RUNS)
        )
