"""Inspecting an Android phone: against adb, against adb-shell, against its own round trips; and how fast a log comes.

Everyone gets the same reads of the same virtual phone: the worker and adb through one real adb server, adb-shell as its
README uses it, connected to the phone and then asked a command at a time; the worker has no server then, either. adb's
lone script is the worker's own, given to one `adb shell`. "first" is a fresh worker's first request after `health`.
"""

from __future__ import annotations

import importlib.util
from functools import partial
from statistics import median
from time import monotonic
from typing import TYPE_CHECKING

from pyworker.android import log_stream, reads, script
from pyworker.android.platform import ANDROID
from pyworker.call import Call
from pyworker.platforms import Device
from pyworker.probes import BASIC, DEEP, plan
from pyworker.settings import Settings
from tests.bench.figures import Figure, LeftOut
from tests.bench.phones import serial, served
from tests.bench.real_adb import AdbServer
from tests.bench.real_adb import there as adb_there
from tests.bench.timing import seconds, usual
from tests.bench.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

LATENCIES_S = (0.0, 0.002, 0.010)
FAR_S = 0.030
CABLE_S = 0.002
DEPTHS = (BASIC, DEEP)
RUNS, FIRSTS, PEER_RUNS = 11, 5, 3
LOG_MIB = 400
MEBIBYTE = 1 << 20

COMMANDS = {
    depth: [read.request for read in dict.fromkeys(
        (*ANDROID.identity, *plan(each for each in ANDROID.probes if each.depth == depth)))]
    for depth in DEPTHS
}
# The worker's own, but in one piece: adb's command line takes a longer script than an old phone's smallest packet.
SCRIPTS = {depth: script.build(commands, script.new_nonce(), script.NO_PHONE_LIMIT) for depth, commands in COMMANDS.items()}


def figures(tiny: bool = False) -> Iterator[Figure | LeftOut]:
    library = importlib.util.find_spec("adb_shell") is not None
    if not adb_there:
        yield LeftOut("Android", "adb shell", "adb")
    if not library:
        yield LeftOut("Android", "adb-shell", "adb-shell")
    for latency in (CABLE_S,) if tiny else LATENCIES_S:
        with served("android", latency) as port:
            if adb_there:
                yield from _beside_adb(port, latency, tiny)
            if library:
                yield from _beside_the_library(port, latency, tiny)
    yield from _chains(tiny)
    for mode in ("v2", "exec"):
        yield Figure("Android", f"a log through an adb server, {mode}, unparsed", _log_speed(mode, 4 if tiny else LOG_MIB),
                     "MB/s", "more")


def _beside_adb(port: str, latency: float, tiny: bool) -> Iterator[Figure]:
    with AdbServer() as server:
        phone = server.connect(port)
        shell = partial(server.adb, "-s", phone, "shell")
        for depth in DEPTHS[:1] if tiny else DEPTHS:
            warm, first = _ours(("--adb-server", f"127.0.0.1:{server.port}"), phone, depth, tiny)
            each = usual(partial(_one_by_one, shell, COMMANDS[depth]), 1 if tiny else PEER_RUNS)
            lone = usual(partial(shell, SCRIPTS[depth]), 1 if tiny else RUNS)
            for name, ours in (("warm", warm), ("first", first)):
                said = f"{depth}, {latency * 1000:.0f} ms, {name}"
                yield Figure("Android", f"adb shell a command at a time / {said}", each / ours, "x", "more",
                             5.0 if name == "warm" else None, latency == CABLE_S)
                yield Figure("Android", f"{said} / one adb shell with the script", ours / lone, "x", "less",
                             1.3 if name == "warm" else None, latency == CABLE_S)


def _one_by_one(shell: partial[bytes], commands: list[str]) -> None:
    for command in commands:
        shell(command)


def _ours(options: tuple[str, ...], phone: str, depth: str, tiny: bool) -> tuple[float, float]:
    """(warm, first), in seconds."""
    def first() -> float:
        with Worker(*options) as worker:
            return seconds(partial(worker.ask, f"inspect.{depth}", device_id=phone, platform="android"))

    with Worker(*options) as worker:
        if not tiny:
            worker.settle()
        ask = partial(worker.ask, f"inspect.{depth}", device_id=phone, platform="android")
        ask()
        return usual(ask, 1 if tiny else RUNS), median(first() for _ in range(1 if tiny else FIRSTS))


def _beside_the_library(port: str, latency: float, tiny: bool) -> Iterator[Figure]:
    from adb_shell.adb_device import AdbDeviceTcp

    def theirs() -> None:
        device = AdbDeviceTcp("127.0.0.1", int(port), default_transport_timeout_s=9.0)
        device.connect(auth_timeout_s=0.1)
        for command in COMMANDS[BASIC]:
            device.shell(command)
        device.close()

    took = usual(theirs, 1 if tiny else PEER_RUNS)
    address = f"127.0.0.1:{port}"
    warm, _ = _ours(("--allow-device", address), address, BASIC, tiny)
    yield Figure("Android", f"adb-shell a command at a time / basic, {latency * 1000:.0f} ms, warm, no server", took / warm,
                 "x", "more", 5.0, latency == CABLE_S)


def _chains(tiny: bool) -> Iterator[Figure]:
    """Over an adb server that answers at once, and phones that are far."""
    took: dict[tuple[str, float], float] = {}
    near = LATENCIES_S[-1]
    for latency in (near, FAR_S):
        with served("androids", 1, latency) as port, Worker("--adb-server", f"127.0.0.1:{port}") as worker:
            if not tiny:
                worker.settle()
            for depth in DEPTHS:
                ask = partial(worker.ask, f"inspect.{depth}", device_id=serial(0), platform="android")
                ask()
                took[depth, latency] = usual(ask, 1 if tiny else RUNS)
    for depth in DEPTHS:
        trips = (took[depth, FAR_S] - took[depth, near]) / (FAR_S - near)
        yield Figure("Android", f"{depth}: longest chain of round trips", trips, "trips", "less")


def _log_speed(mode: str, mebibytes: int) -> float:
    """How fast it is taken from a server that does nothing but send. mode: "v2" or "exec", the two ways it may come."""
    def whole() -> None:
        settings = Settings()
        settings.adb_server = ("127.0.0.1", int(port))
        reading = log_stream.stream(
            Call({}, settings, monotonic() + 60), Device("X", "android", "adb-server", "ready"), reads.GETPROP, 1 << 40)
        received = sum(map(len, reading))
        assert (reading.end, received) == ("complete", mebibytes * MEBIBYTE), (reading.end, received)

    with served("log", mode, mebibytes, module="tests.bench.senders") as port:
        return mebibytes * MEBIBYTE / usual(whole, PEER_RUNS) / 1e6
