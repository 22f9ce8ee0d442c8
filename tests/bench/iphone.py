"""Inspecting an iPhone: against its own round trips, sixteen at once, and what a user would run instead.

The phones are bench_iphone's, in a process of their own. Peers that are not installed are left out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from tests.bench import bench_iphone as bench
from tests.bench.figures import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

LATENCIES_S = (0.0, 0.002, 0.010)


def figures() -> Iterator[Figure]:
    with bench.phones_at(bench.ROUND_TRIP_S) as near, bench.phones_at(bench.FAR_ROUND_TRIP_S) as far:
        bench.inspect(near, 0, bench.reads_of(bench.DEEP))  # warm
        for depth in (bench.BASIC, bench.DEEP):
            reads = bench.reads_of(depth)
            single = bench.one(near, reads)
            trips = round((bench.one(far, reads) - single) / (bench.FAR_ROUND_TRIP_S - bench.ROUND_TRIP_S))
            yield Figure(
                "iPhone",
                f"inspect.{depth} at 5 ms / its {trips} round trips",
                single / (trips * bench.ROUND_TRIP_S),
                "x",
                "less",
                1.3,
            )
            yield Figure(
                "iPhone", f"inspect.{depth}, 16 at once / one", bench.many(near, reads) / single, "x", "less", 3.0
            )
    for latency in LATENCIES_S:
        with bench.phones_at(latency) as address:
            bench.inspect(address, 0, bench.reads_of(bench.BASIC))
            ours = bench.one(address, bench.reads_of(bench.BASIC))
            for name, seconds in peers(address):
                yield Figure(
                    "iPhone", f"inspect.basic / {name}, {latency * 1000:.0f} ms", ours / seconds, "x", "less", 1.0
                )


def peers(address: str) -> Iterator[tuple[str, float]]:
    """What a user would run for the same reads: name and seconds."""
    if shutil.which("ideviceinfo") and shutil.which("idevicediagnostics"):
        yield (
            "ideviceinfo + idevicediagnostics",
            median(bench.timed(lambda: bench.debians_tools(address)) for _ in range(5)),
        )
    phone = bench.udid(0)
    library = str(Path(sys.executable).with_name("pymobiledevice3"))
    if Path(library).exists():
        commands = [
            [library, "lockdown", "info", "--udid", phone],
            [library, "diagnostics", "ioregistry", "--name", "options", "--udid", phone],
        ]
        yield "pymobiledevice3's command line", median(bench.timed(lambda: run(commands, address)) for _ in range(2))
    ios = shutil.which("ios")
    if ios:
        yield "go-ios", median(bench.timed(lambda: run([[ios, "info", "--udid", phone]], address)) for _ in range(3))


def run(commands: list[list[str]], address: str) -> None:
    for command in commands:
        subprocess.run(
            command,
            env={**os.environ, "USBMUXD_SOCKET_ADDRESS": address},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )
