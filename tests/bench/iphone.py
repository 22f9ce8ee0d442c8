"""Inspecting an iPhone: a running worker and a fresh one, against the phone's round trips and what a user would run.

Each peer is asked for what it can read of the same inspection (MCInstall is beyond libimobiledevice's tools), one command
after the other. "first" is the first request after `health`: what device libraries are loaded is loaded then.

How long the longest chain of round trips is: what a phone three times as far costs more, by the difference.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from platform import machine, system
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from tests.bench.figures import Figure, LeftOut
from tests.bench.phones import served, udid
from tests.bench.timing import run, seconds, usual
from tests.bench.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

LATENCIES_S = (0.0, 0.002, 0.010)
FAR_S = 0.030
DEPTHS = ("basic", "deep")
RUNS, FIRSTS, PEER_RUNS = 15, 5, 3
# The latency of a cable; its figures are in the chart.
CABLE_S = 0.002


class Peer(NamedTuple):
    """commands: by depth, without the phone's name. udid: the words for that. prefix: of the address it is told."""

    name: str
    program: str | None
    brought_by: str
    commands: dict[str, tuple[str, ...]]
    udid: str
    prefix: str = ""

    def script(self, depth: str) -> list[list[str]]:
        assert self.program is not None
        folder = Path(self.program).parent
        lines = [command.split() for command in self.commands[depth]]
        return [[str(folder / line[0]), *line[1:], *self.udid.format(udid(0)).split()] for line in lines]


def peers() -> list[Peer]:
    return [
        Peer("libimobiledevice's tools", shutil.which("idevicediagnostics"), "libimobiledevice-utils", {
            "basic": ("ideviceinfo", "idevicediagnostics ioregentry options"),
            "deep": ("ideviceinfo", "ideviceinfo -q com.apple.mobile.battery", "ideviceinfo -q com.apple.disk_usage",
                     "idevicediagnostics ioregentry AppleSmartBattery", "idevicediagnostics diagnostics GasGauge"),
        }, "-u {}", "UNIX:"),
        Peer("pymobiledevice3", _beside_python("pymobiledevice3"), "pymobiledevice3", {
            "basic": ("pymobiledevice3 lockdown info", "pymobiledevice3 diagnostics ioregistry --name options",
                      "pymobiledevice3 profile list", "pymobiledevice3 profile cloud-configuration"),
            "deep": ("pymobiledevice3 lockdown info", "pymobiledevice3 diagnostics battery single",
                     "pymobiledevice3 crash ls"),
        }, "--udid {}"),
        Peer("go-ios", _go_ios(), "npm's go-ios (`npm install -g --ignore-scripts go-ios@1.2.0`)", {
            "basic": ("ios info", "ios profile list", "ios prepare cloudconfig"),
            "deep": ("ios info", "ios batteryregistry", "ios diskspace", "ios crash ls"),
        }, "--udid={}"),
    ]


def _beside_python(name: str) -> str | None:
    return shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)


def _go_ios() -> str | None:
    """`ios` on the path, or the program inside npm's package, among the global ones."""
    if (found := shutil.which("ios")) or not shutil.which("npm"):
        return found
    root = subprocess.run(["npm", "root", "-g"], capture_output=True, text=True, check=True).stdout.strip()
    processor = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine(), machine())
    kind = f"{system().lower()}-{processor}"
    path = Path(root) / "go-ios" / "dist" / f"go-ios-{kind}_{kind.replace('-', '_')}" / "ios"
    return str(path) if path.exists() else None


def figures(tiny: bool = False) -> Iterator[Figure | LeftOut]:
    asked = peers()
    yield from (LeftOut("iPhone", peer.name, peer.brought_by) for peer in asked if not peer.program)
    latencies = (CABLE_S,) if tiny else LATENCIES_S
    warm: dict[tuple[str, float], float] = {}
    for latency in (*latencies, FAR_S):
        with served("iphones", 1, latency) as address:
            warm.update({(depth, latency): took for depth, took in _warm(address, tiny).items()})
            if latency != FAR_S:
                for depth in DEPTHS[:1] if tiny else DEPTHS:
                    first = median(_first(address, depth) for _ in range(1 if tiny else FIRSTS))
                    for peer in asked:
                        if peer.program:
                            yield from _beside(peer, address, depth, latency, (warm[depth, latency], first), tiny)
    for depth in DEPTHS:
        trips = (warm[depth, FAR_S] - warm[depth, latencies[-1]]) / (FAR_S - latencies[-1])
        yield Figure("iPhone", f"{depth}: longest chain of round trips", trips, "trips", "less")
        for latency in latencies:
            name = f"{depth}, {latency * 1000:.0f} ms, warm"
            if latency:
                yield Figure("iPhone", f"{name} / its chain", warm[depth, latency] / (trips * latency), "x", "less", 1.3)
            else:
                yield Figure("iPhone", f"{name}: what both processors have to do", warm[depth, latency] * 1000, "ms", "less")


def _warm(address: str, tiny: bool) -> dict[str, float]:
    with Worker("--usbmuxd", f"UNIX:{address}") as worker:
        if not tiny:
            worker.settle()
        took = {}
        for depth in DEPTHS:
            ask = partial(worker.ask, f"inspect.{depth}", device_id=udid(0))
            ask()
            took[depth] = usual(ask, 1 if tiny else RUNS)
        return took


def _first(address: str, depth: str) -> float:
    with Worker("--usbmuxd", f"UNIX:{address}") as worker:
        return seconds(partial(worker.ask, f"inspect.{depth}", device_id=udid(0)))


def _beside(
    peer: Peer, address: str, depth: str, latency: float, ours: tuple[float, float], tiny: bool,
) -> Iterator[Figure]:
    commands = peer.script(depth)
    script = partial(run, commands[:1] if tiny else commands, {"USBMUXD_SOCKET_ADDRESS": peer.prefix + address})
    theirs = usual(script, 1 if tiny else PEER_RUNS)
    for name, took in zip(("warm", "first"), ours, strict=True):
        yield Figure("iPhone", f"{depth}, {latency * 1000:.0f} ms, {name} / {peer.name}", took / theirs, "x", "less", 1.0,
                     drawn=latency == CABLE_S)
