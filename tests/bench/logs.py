"""What collecting an Android phone's log costs: against `adb logcat -d | gzip -1`, in memory, and ten times the log.

A virtual phone in a process of its own sends a log of 100 MB, through a real adb server, to the real adb and to a real
worker, in turn. The worker parses, counts, redacts and compresses it, and writes it as text too. Left out where adb is
not installed.

`python -m tests.bench.logs BYTES` is that phone: it prints its port and lives until standard input ends.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import process_time
from typing import TYPE_CHECKING, Any

from pyworker.android import log_reads
from pyworker.collecting.redaction import STANDARD, STRICT, Redactor
from pyworker.virtual.android.adbd import VirtualAdbd
from pyworker.virtual.android.logcat import lines
from pyworker.virtual.android.phone import Output, VirtualAndroid
from tests.bench.figures import Figure, LeftOut
from tests.bench.phones import served
from tests.bench.real_adb import AdbServer
from tests.bench.real_adb import there as adb_there
from tests.bench.timing import seconds
from tests.bench.worker import MEASURABLE, Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

LOG_BYTES = 100_000_000
RUNS = 3
SLOWER_THAN_GZIP = 6.0
MEMORY_MIB = 64.0
TEN_TIMES = 12.0

COMMANDS = ("logcat -d", log_reads.logcat(log_reads.BUFFERS, True, None, None).request)


def figures(tiny: bool = False) -> Iterator[Figure | LeftOut]:
    yield Figure("logs", "redaction of hostile text, eight times of it", hostile(HOSTILE_BYTES // (16 if tiny else 1)), "x",
                 "less", 12.0)
    if not adb_there or not shutil.which("gzip"):
        yield LeftOut("logs", "adb logcat -d | gzip -1", "adb")
        return
    yield from beside_adb(1_000_000 if tiny else LOG_BYTES, 1 if tiny else RUNS)


def beside_adb(size: int, runs: int) -> Iterator[Figure]:
    with AdbServer() as server, tempfile.TemporaryDirectory() as folder, \
            Worker("--adb-server", f"127.0.0.1:{server.port}", "--artifact-dir", folder) as worker:
        with _phone(size // 10) as port:
            serial = server.connect(port)
            worker.ask("inspect.basic", device_id=serial, platform="android")
            idle = worker.memory_mib() if MEASURABLE else 0.0
            small = median(collected(worker, serial, folder) for _ in range(runs))
        with _phone(size) as port:
            serial = server.connect(port)
            pairs = [(collected(worker, serial, folder), piped(serial, server)) for _ in range(runs)]
        most = worker.memory_mib("VmHWM") if MEASURABLE else 0.0
    name = f"{size // 1_000_000} MB of logcat"
    yield Figure("logs", f"{name} / adb logcat -d | gzip -1", median(ours / theirs for ours, theirs in pairs), "x", "less",
                 SLOWER_THAN_GZIP)
    if MEASURABLE:
        yield Figure("logs", f"{name}: peak memory above the idle worker", most - idle, "MiB", "less", MEMORY_MIB)
    yield Figure("logs", f"{name} / a tenth of it", median(ours for ours, _ in pairs) / small, "x", "less", TEN_TIMES)


def _phone(size: int) -> Any:
    return served(size, module="tests.bench.logs")


def collected(worker: Worker, serial: str, folder: str) -> float:
    """Seconds; the files are removed, after a look at them."""
    results: list[Any] = []
    took = seconds(lambda: results.append(worker.ask("logs.collect", device_id=serial, platform="android", scope="system")))
    data = results[0]["data"]
    assert not data["truncated"] and data["log_count"] > 0 and data["unparsed"] == 0, data
    shutil.rmtree(Path(folder) / data["folder"])
    return took


def piped(serial: str, server: AdbServer) -> float:
    command = f"adb -s {serial} logcat -d | gzip -1 > /dev/null"
    return seconds(lambda: subprocess.run(command, shell=True, env=server.environment, check=True))


# Text made to be slow for one of the redaction's searches.
HOSTILE = (
    b"1",
    b"a@",
    b"a@a.aa@",
    b"+1 ",
    b"aa:",
    b'ssid="',
    b"imei=1",
    b".0000",
    b"1.0000,",
    b"://",
    b"dead",
    b"abcd:",
    b"0-",
)
HOSTILE_BYTES = 256 * 1024


def hostile(size: int) -> float:
    """The worst, over those texts, of the time of eight times the text over the time of the text."""

    def cost(mode: str, text: bytes) -> float:
        times = []
        for _ in range(RUNS):
            began = process_time()
            Redactor(mode).clean(text)
            times.append(process_time() - began)
        return min(times)

    worst = 0.0
    for mode in (STANDARD, STRICT):
        for piece in HOSTILE:
            text = piece * (size // len(piece))
            worst = max(worst, cost(mode, text * 8) / cost(mode, text))
    return worst


def serve(size: int) -> None:
    """A phone with so much log, behind its own adbd, until standard input ends."""
    phone = VirtualAndroid.load("android-clean")
    phone.description.update(authorization=False, protocol_version=0x01000000)
    for command in COMMANDS:
        phone.outputs[command] = Output(lambda: lines(size))
    with VirtualAdbd(phone) as daemon:
        print(daemon.address[1], flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
