"""What inspecting an Android phone costs, as ratios: against adb itself, its round trips, sixteen at once, a log's speed.

    python tests/bench/bench_android.py

The virtual phones run in processes of their own, 5 ms a round trip away; each figure is the median of several runs. The
longest chain of round trips is what more latency costs: the time at 25 ms less that at 5 ms, over the 20 ms between.
The comparison with `adb shell`, one process a command as scripts do it, goes through the same real adb server to the same
virtual phone, and is left out where adb is not installed. The log comes from a sender that does nothing else.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import monotonic, perf_counter, sleep
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[2]))

from pyworker.android import attached, log_stream, reads, script, session
from pyworker.android.platform import ANDROID
from pyworker.call import Call
from pyworker.platforms import Device
from pyworker.probes import DEEP, plan
from pyworker.settings import Settings
from pyworker.virtual.android.adb_server import VirtualAdbServer
from pyworker.virtual.android.adbd import VirtualAdbd
from pyworker.virtual.android.phone import VirtualAndroid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUND_TRIP_S = 0.005
FAR_ROUND_TRIP_S = 0.025
PHONES = 16
SERVERS = 4  # processes the virtual phones are spread over; a real phone has a processor of its own
RUNS = 9
LOG_MIB = 400

DEEP_READS = tuple(dict.fromkeys((*ANDROID.identity, *plan(each for each in ANDROID.probes if each.depth == DEEP))))


def serve(kind: str, latency_s: float) -> None:
    """Virtual phones behind a server, or one behind its own adbd, until standard input ends."""
    phones = []
    for number in range(PHONES // SERVERS):
        phone = VirtualAndroid.load("android-clean")
        phone.serial = f"PHONE{number}"
        phone.description.update(authorization=False, protocol_version=0x01000000)
        phones.append(phone)
    with VirtualAdbServer(phones, latency_s) if kind == "server" else VirtualAdbd(phones[0], latency_s) as served:
        print(served.address[1], flush=True)
        sys.stdin.read()


def request(connection: socket.socket) -> bytes:
    length = int(connection.recv(4, socket.MSG_WAITALL), 16)
    return connection.recv(length, socket.MSG_WAITALL)


def answer_from_paper(latency_s: float) -> None:
    """An adb server with any number of phones that cost no processor time: each answers from prepared frames."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    print(listener.getsockname()[1], flush=True)
    said = b"  level: 80\n" * 40

    def answer(connection: socket.socket) -> None:
        with connection:
            while text := request(connection):
                sleep(latency_s)
                if text == b"host:devices-l":
                    lines = "".join(f"PHONE{number:<20} device model:x\n" for number in range(PHONES)).encode()
                    connection.sendall(b"OKAY%04x%s" % (len(lines), lines))
                    return
                if text.endswith(b":features"):
                    connection.sendall(b"OKAY0008shell_v2")
                    return
                connection.sendall(b"OKAY")
                if not text.startswith(b"host:"):
                    break
            nonce = re.findall(rb"N=(@[0-9a-f]+)", text)[0]
            sleep(latency_s)
            for number in range(len(script.commands_of(text.decode().removeprefix("shell,v2,raw:")) or ())):
                data = b"%s:%d:B\n%s%s:%d:E:0\n" % (nonce, number, said, nonce, number)
                connection.sendall(b"\x01" + struct.pack("<I", len(data)) + data)
            end = nonce + b":END\n"
            connection.sendall(b"\x01" + struct.pack("<I", len(end)) + end + b"\x03\x01\0\0\0\0")

    with ThreadPoolExecutor(PHONES * 2) as pool:
        while True:
            pool.submit(answer, listener.accept()[0])


def send_log(mode: str) -> None:
    """An adb server with one phone, which answers every service with a log of LOG_MIB."""
    line = b"06-01 12:00:00.123456  1000  1234  1235 I ActivityManager: Start proc 1234:com.example/u0a1 for service\n"

    def packet(data: bytes) -> bytes:
        return b"\x01" + struct.pack("<I", len(data)) + data if mode == "v2" else data

    block = packet((line * 1000)[:32768]) * 32
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        with connection:
            if b"features" in request(connection):
                known = b"shell_v2" if mode == "v2" else b"cmd"
                connection.sendall(b"OKAY%04x%s" % (len(known), known))
                continue
            connection.sendall(b"OKAY")
            nonce = re.findall(rb"N=(@[0-9a-f]+)", request(connection))[0]
            connection.sendall(b"OKAY" + packet(nonce + b":0:B\n"))
            for _ in range(LOG_MIB):
                connection.sendall(block)
            connection.sendall(packet(nonce + b":0:E:0\n" + nonce + b":END\n"))


@contextmanager
def process(*arguments: str) -> Iterator[int]:
    """This program again, as a server; gives its port."""
    with subprocess.Popen([sys.executable, __file__, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as running:
        try:
            yield int(running.stdout.readline())
        finally:
            running.terminate()


def call(port: int) -> Call:
    settings = Settings()
    settings.adb_server = ("127.0.0.1", port)
    return Call({}, settings, monotonic() + 60)


def inspect(port: int, serial: str) -> None:
    device = attached.find(call(port), serial)
    observed = session.observe(call(port), device, DEEP_READS)
    assert not observed.warnings, observed.warnings


def timed(body: Callable[[], object], runs: int = RUNS) -> float:
    body()
    times = []
    for _ in range(runs):
        began = perf_counter()
        body()
        times.append(perf_counter() - began)
    return median(times)


def one(latency_s: float) -> float:
    with process("server", str(latency_s)) as port:
        return timed(lambda: inspect(port, "PHONE0"))


def sixteen() -> float:
    ports: list[int] = []
    with process("server", str(ROUND_TRIP_S)) as a, process("server", str(ROUND_TRIP_S)) as b, \
            process("server", str(ROUND_TRIP_S)) as c, process("server", str(ROUND_TRIP_S)) as d, \
            ThreadPoolExecutor(PHONES) as pool:
        ports += [a, b, c, d]
        jobs = [(port, f"PHONE{number}") for port in ports for number in range(PHONES // SERVERS)]
        return timed(lambda: list(pool.map(lambda job: inspect(*job), jobs)))


def sixteen_on_paper() -> float:
    """The same with phones that cost nothing here: what the worker itself makes of sixteen. The ratio to one of them."""
    with process("paper", str(ROUND_TRIP_S)) as port, ThreadPoolExecutor(PHONES) as pool:
        single = timed(lambda: inspect(port, "PHONE0"))
        return timed(lambda: list(pool.map(lambda number: inspect(port, f"PHONE{number}"), range(PHONES)))) / single


def against_adb() -> tuple[float, float]:
    """(the worker, one adb process a command), through one real adb server."""
    with tempfile.TemporaryDirectory() as home, process("phone", str(ROUND_TRIP_S)) as phone:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        environment = {**os.environ, "HOME": home, "ANDROID_ADB_SERVER_PORT": str(port), "ADB_MDNS": "0"}
        serial = f"127.0.0.1:{phone}"

        def adb(*arguments: str) -> None:
            subprocess.run(["adb", *arguments], env=environment, capture_output=True, check=False, timeout=60,
                           stdin=subprocess.DEVNULL)

        adb("start-server")
        try:
            adb("connect", serial)
            ours = timed(lambda: inspect(port, serial))
            theirs = timed(lambda: [adb("-s", serial, "shell", read.request) for read in DEEP_READS], 3)
        finally:
            adb("kill-server")
        return ours, theirs


def log_speed(mode: str) -> float:
    with process("log", mode) as port:
        def whole() -> None:
            reading = log_stream.stream(call(port), Device("X", "android", "adb-server", "ready"), reads.GETPROP, 1 << 40)
            received = sum(map(len, reading))
            assert (reading.end, received) == ("complete", LOG_MIB * 32 * 32768)

        return LOG_MIB * 32 * 32768 / timed(whole, 3) / 1e6


def main() -> None:
    near, far = one(ROUND_TRIP_S), one(FAR_ROUND_TRIP_S)
    print(f"inspect.deep over the adb server, {len(DEEP_READS)} reads: {near * 1000:.0f} ms at 5 ms a round trip")
    print(f"longest chain of round trips: {(far - near) / (FAR_ROUND_TRIP_S - ROUND_TRIP_S):.1f}")
    print(f"{PHONES} phones at once against one: {sixteen_on_paper():.1f} times the time (phones that only wait)")
    print(f"the same with virtual phones that share these {os.cpu_count()} processors: {sixteen() / near:.1f}")
    if shutil.which("adb"):
        ours, theirs = against_adb()
        print(f"one adb process a command against the worker, same server and phone: {theirs / ours:.0f} times the time")
    for mode in ("v2", "exec"):
        print(f"a log of {LOG_MIB} MiB through the adb server, {mode}: {log_speed(mode):.0f} MB/s")
    if sys.platform != "win32":
        print(f"peak memory of all that: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    elif sys.argv[1] == "log":
        send_log(sys.argv[2])
    elif sys.argv[1] == "paper":
        answer_from_paper(float(sys.argv[2]))
    else:
        serve(sys.argv[1], float(sys.argv[2]))
