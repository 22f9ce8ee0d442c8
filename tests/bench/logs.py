"""What collecting a log costs, as ratios: against `adb logcat -d | gzip -1`, in memory, and ten times the log.

    python -m tests.bench.logs

A virtual phone in a process of its own sends a log of 100 MB, through a real adb server, to the real adb and to a real
worker, in turn. The worker parses, counts, redacts and compresses it, and writes it as text too. Left out where adb is
not installed.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

from pyworker.android import log_reads
from pyworker.collecting.redaction import STANDARD, STRICT, Redactor
from pyworker.virtual.android.adbd import VirtualAdbd
from pyworker.virtual.android.logcat import lines
from pyworker.virtual.android.phone import Output, VirtualAndroid
from tests.bench.figures import Figure, table

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
LOG_BYTES = 100_000_000
RUNS = 3
SLOWER_THAN_GZIP = 6.0
MEMORY_MIB = 64.0
TEN_TIMES = 12.0

COMMANDS = ("logcat -d", log_reads.logcat(log_reads.BUFFERS, True, None, None).request)


def serve(size: int) -> None:
    """A phone with so much log, behind its own adbd, until standard input ends."""
    phone = VirtualAndroid.load("android-clean")
    phone.description.update(authorization=False, protocol_version=0x01000000)
    for command in COMMANDS:
        phone.outputs[command] = Output(lambda: lines(size))
    with VirtualAdbd(phone) as daemon:
        print(daemon.address[1], flush=True)
        sys.stdin.read()


@contextmanager
def phone(size: int, environment: dict[str, str]) -> Iterator[str]:
    """The serial under which the adb server knows it."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.logs", str(size)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as running:
        assert running.stdout is not None
        serial = f"127.0.0.1:{int(running.stdout.readline())}"
        subprocess.run(["adb", "connect", serial], env=environment, capture_output=True, check=True)
        try:
            yield serial
        finally:
            running.terminate()


class Worker:
    def __init__(self, port: int, folder: str) -> None:
        self.popen = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "pyworker",
                "--usbmuxd",
                "127.0.0.1:9",
                "--adb-server",
                f"127.0.0.1:{port}",
                "--artifact-dir",
                folder,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )

    def ask(self, method: str, **params: Any) -> Any:
        assert self.popen.stdin is not None and self.popen.stdout is not None
        self.popen.stdin.write(
            json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n"
        )
        self.popen.stdin.flush()
        return json.loads(self.popen.stdout.readline())["result"]

    def memory(self, which: str) -> float:
        """MiB: "VmRSS" now, or "VmHWM", the most it ever was."""
        status = Path(f"/proc/{self.popen.pid}/status").read_text("ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(which)) / 1024

    def end(self) -> None:
        assert self.popen.stdin is not None
        self.popen.stdin.close()
        self.popen.wait()


def collected(worker: Worker, serial: str, folder: str) -> float:
    """Seconds; the files are removed, after a look at them."""
    began = perf_counter()
    data = worker.ask("logs.collect", device_id=serial, platform="android", scope="system")["data"]
    took = perf_counter() - began
    assert not data["truncated"] and data["log_count"] > 0 and data["unparsed"] == 0, data
    shutil.rmtree(Path(folder) / data["folder"])
    return took


def piped(serial: str, environment: dict[str, str]) -> float:
    began = perf_counter()
    subprocess.run(f"adb -s {serial} logcat -d | gzip -1 > /dev/null", shell=True, env=environment, check=True)
    return perf_counter() - began


def measure() -> tuple[float, float, float]:
    """(the worker's time over adb's and gzip's, MiB above the idle worker, time of ten times the log)."""
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as folder:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        environment = {**os.environ, "HOME": home, "ANDROID_ADB_SERVER_PORT": str(port), "ADB_MDNS": "0"}
        subprocess.run(["adb", "start-server"], env=environment, capture_output=True, check=True)
        worker = Worker(port, folder)
        try:
            worker.ask("health")
            with phone(LOG_BYTES // 10, environment) as serial:
                worker.ask("inspect.basic", device_id=serial, platform="android")
                idle = worker.memory("VmRSS")
                small = median(collected(worker, serial, folder) for _ in range(RUNS))
            with phone(LOG_BYTES, environment) as serial:
                pairs = [(collected(worker, serial, folder), piped(serial, environment)) for _ in range(RUNS)]
            above = worker.memory("VmHWM") - idle
        finally:
            worker.end()
            subprocess.run(["adb", "kill-server"], env=environment, capture_output=True, check=False)
    ours = median(ours for ours, _ in pairs)
    return median(ours / theirs for ours, theirs in pairs), above, ours / small


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


def hostile() -> float:
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
            text = piece * (HOSTILE_BYTES // len(piece))
            worst = max(worst, cost(mode, text * 8) / cost(mode, text))
    return worst


def figures() -> Iterator[Figure]:
    yield Figure("logs", "redaction of hostile text, eight times of it", hostile(), "times", "less", 12.0)
    if shutil.which("adb") is None or not Path("/proc/self/status").exists():
        return
    slower, above, ten = measure()
    yield Figure("logs", "100 MB of logcat against adb logcat -d | gzip -1", slower, "times", "less", SLOWER_THAN_GZIP)
    yield Figure("logs", "peak memory above the idle worker", above, "MiB", "less", MEMORY_MIB)
    yield Figure("logs", "ten times the log", ten, "times", "less", TEN_TIMES)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        serve(int(sys.argv[1]))
    else:
        print(table(list(figures()), {}))
