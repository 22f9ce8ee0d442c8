"""What inspecting an iPhone costs, as ratios: against its round trips, against sixteen at once, against Debian's tools.

    python tests/bench/bench_iphone.py

The virtual phones run in a process of their own, 5 ms a round trip away. Each figure is the median of several runs. The
longest chain of round trips is what more latency costs: the time at 25 ms less that at 5 ms, divided by the 20 ms between.
The last figure needs ideviceinfo and idevicediagnostics (libimobiledevice-utils) and is left out where they are missing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import monotonic, perf_counter
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[2]))

from pyworker.call import Call
from pyworker.ios.platform import IOS
from pyworker.probes import BASIC, DEEP, Read, plan
from pyworker.settings import Settings
from pyworker.virtual.iphone import VirtualIphone, VirtualUsbmuxd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUND_TRIP_S = 0.005
FAR_ROUND_TRIP_S = 0.025
PHONES = 16
RUNS = 9
LIMIT_S = 30.0


def udid(number: int) -> str:
    return f"00008110-{number:016X}"


def reads_of(depth: str) -> tuple[Read, ...]:
    return tuple(dict.fromkeys((*IOS.identity, *plan(probe for probe in IOS.probes if probe.depth == depth))))


def serve(address: str, latency_s: float) -> None:
    """The virtual phones, until standard input ends."""
    phones = []
    for number in range(PHONES):
        description = dict(VirtualIphone.load("iphone-clean").description)
        values = {**description["lockdown"]["values"], "UniqueDeviceID": udid(number)}
        description["lockdown"] = {**description["lockdown"], "values": values}
        phones.append(VirtualIphone({**description, "udid": udid(number)}))
    with VirtualUsbmuxd(phones, latency_s, address):
        print("ready", flush=True)
        sys.stdin.read()


def inspect(address: str, number: int, reads: tuple[Read, ...]) -> None:
    settings = Settings()
    settings.usbmuxd = address
    call = Call({}, settings, monotonic() + LIMIT_S)
    device = IOS.find(call, udid(number))
    assert device is not None
    assert IOS.observe(call, device, reads).state == "ready"


def timed(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def debians_tools(address: str) -> None:
    environment = {**os.environ, "USBMUXD_SOCKET_ADDRESS": f"UNIX:{address}"}
    for command in (["ideviceinfo", "-u", udid(0)], ["idevicediagnostics", "-u", udid(0), "ioregentry", "options"]):
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, timeout=LIMIT_S)


@contextmanager
def phones_at(latency_s: float) -> Iterator[str]:
    """The address of a usbmuxd whose phones are so far away."""
    with tempfile.TemporaryDirectory() as folder:
        address = os.path.join(folder, "usbmuxd")
        phones = subprocess.Popen(
            [sys.executable, __file__, "--serve", address, str(latency_s)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert phones.stdin is not None
        assert phones.stdout is not None
        phones.stdout.readline()
        try:
            yield address
        finally:
            phones.stdin.close()
            phones.wait()


def one(address: str, reads: tuple[Read, ...]) -> float:
    return median(timed(lambda: inspect(address, 0, reads)) for _ in range(RUNS))


def many(address: str, reads: tuple[Read, ...]) -> float:
    with ThreadPoolExecutor(PHONES) as pool:
        return median(
            timed(lambda: list(pool.map(lambda number: inspect(address, number, reads), range(PHONES))))
            for _ in range(RUNS))


def main() -> None:
    with phones_at(ROUND_TRIP_S) as near, phones_at(FAR_ROUND_TRIP_S) as far:
        inspect(near, 0, reads_of(DEEP))  # warm
        for depth in (BASIC, DEEP):
            reads = reads_of(depth)
            single = one(near, reads)
            trips = round((one(far, reads) - single) / (FAR_ROUND_TRIP_S - ROUND_TRIP_S))
            ratio = single / (trips * ROUND_TRIP_S)
            print(f"{depth}: {single * 1000:.0f} ms, {ratio:.2f} of its {trips} round trips (at most 1.5)")
            together = many(near, reads)
            print(f"{depth}, {PHONES} phones at once: {together * 1000:.0f} ms, {together / single:.2f} of one (at most 3)")
        if shutil.which("ideviceinfo") and shutil.which("idevicediagnostics"):
            debian = median(timed(lambda: debians_tools(near)) for _ in range(RUNS))
            ratio = one(near, reads_of(BASIC)) / debian
            print(f"ideviceinfo and idevicediagnostics: {debian * 1000:.0f} ms; basic takes {ratio:.2f} of it (below 1)")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(sys.argv[2], float(sys.argv[3]))
    else:
        main()
