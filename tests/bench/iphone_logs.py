"""An iPhone's log and crash reports: against `idevicesyslog` and `idevicecrashreport -k`, each of which only copies.

The phone sends 20,000 lines as fast as they are taken, and then ends the service, so the worker knows the end. The tool
prints as many; the worker parses, counts, redacts, looks for trouble, and writes both compressed JSON and text. It takes the same
lines from os_trace_relay, which tells more of each than syslog_relay's text.

The tool copies all 300 reports, one round trip after the other; the worker lists them, reads the newest 20 and judges them,
or, for a second figure, reads all 300.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from functools import partial
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from tests.bench.figures import Figure, LeftOut
from tests.bench.phones import served, udid
from tests.bench.timing import run, seconds, usual
from tests.bench.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

LINES = 20_000
REPORTS, READ = 300, 20
RUNS = 3
# Longer than any of it takes; the end of the service ends it.
LISTEN_MS = 60_000


def figures(tiny: bool = False) -> Iterator[Figure | LeftOut]:
    runs = 1 if tiny else RUNS
    yield from _lines(2_000 if tiny else LINES, runs)
    yield from _reports(*((10, 3) if tiny else (REPORTS, READ)), runs)


def _lines(lines: int, runs: int) -> Iterator[Figure | LeftOut]:
    ours = median(_collected(lines) for _ in range(runs))
    yield Figure("iPhone's logs", f"{lines} lines collected", lines / ours, "lines/s", "more")
    if shutil.which("idevicesyslog"):
        theirs = median(_printed(lines) for _ in range(runs))
        yield Figure("iPhone's logs", f"{lines} lines / idevicesyslog", ours / theirs, "x", "less", 1.0)
    else:
        yield LeftOut("iPhone's logs", "idevicesyslog", "libimobiledevice-utils")


def _collected(lines: int) -> float:
    """By a running worker: a technician has inspected the phone before."""
    with served("iphone-logging", lines, 0) as address, tempfile.TemporaryDirectory() as folder, \
            Worker("--usbmuxd", f"UNIX:{address}", "--artifact-dir", folder) as worker:
        worker.ask("inspect.basic", device_id=udid(0))
        worker.settle()
        results: list[dict[str, dict[str, int]]] = []
        took = seconds(lambda: results.append(worker.ask(
            "logs.collect", device_id=udid(0), scope="system", duration_ms=LISTEN_MS, timeout_ms=LISTEN_MS + 10_000)))
        if results[0]["data"]["log_count"] != lines:
            raise RuntimeError(f"{results[0]['data']['log_count']} of {lines} lines")
        return took


def _printed(lines: int) -> float:
    """Until it has printed so many; the phone has more, as the tool would keep the last ones in its buffer."""
    command = ["idevicesyslog", "-u", udid(0), "--no-colors"]
    with served("iphone-logging", 2 * lines, 0) as address:
        environment = {**os.environ, "USBMUXD_SOCKET_ADDRESS": f"UNIX:{address}"}
        began = perf_counter()
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            for _ in range(lines):
                if not process.stdout.readline():
                    raise RuntimeError("idevicesyslog ended early")
            took = perf_counter() - began
            process.kill()
        return took


def _reports(reports: int, read: int, runs: int) -> Iterator[Figure | LeftOut]:
    if not shutil.which("idevicecrashreport"):
        yield LeftOut("iPhone's logs", "idevicecrashreport", "libimobiledevice-utils")
        return
    with served("iphone-logging", 0, reports) as address, tempfile.TemporaryDirectory() as folder, \
            Worker("--usbmuxd", f"UNIX:{address}", "--artifact-dir", folder) as worker:
        ask = partial(worker.ask, "logs.collect", device_id=udid(0), scope="crash")
        ask()
        some, every = usual(partial(ask, limit=read), runs), usual(ask, runs)
        with tempfile.TemporaryDirectory() as copies:
            command = ["idevicecrashreport", "-u", udid(0), "-k", copies]
            theirs = usual(partial(run, [command], {"USBMUXD_SOCKET_ADDRESS": f"UNIX:{address}"}), runs)
    yield Figure("iPhone's logs", f"{reports} reports listed, {read} read / idevicecrashreport -k", some / theirs, "x", "less", 1.0)
    yield Figure("iPhone's logs", f"{reports} reports read / idevicecrashreport -k", every / theirs, "x", "less")
