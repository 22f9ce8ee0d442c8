"""The wire: cold start, requests a second, `health` under load, idle memory, against the same peers in the same run.

Peers: a bare json loop, python-lsp-jsonrpc, pygls and the MCP python-sdk, each with the smallest server its
documentation shows (tests/bench/peers). Peers that bound their memory hold no more of what
they were sent than a fixed amount, as the worker does; only with those is one request in flight compared.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from tests.bench.figures import Figure, LeftOut
from tests.bench.timing import ENOUGH_S

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PEERS = Path(__file__).parent / "peers"
HUNG = 32
# What stands once in each answer of every peer.
ANSWER = b'"result"'


class Size(NamedTuple):
    """How often everything is done. single, queued, loaded: requests."""

    starts: int
    runs: int
    single: int
    queued: int
    loaded: int


WHOLE = Size(starts=15, runs=5, single=1000, queued=10_000, loaded=300)
TINY = Size(starts=1, runs=1, single=20, queued=200, loaded=100)


class Speaker:
    """A program to talk with: how it is started, framed and asked."""

    def __init__(
        self, name: str, command: list[str], framed: bool = False, health: str = "health", needs: str = "",
        package: str = "", bounded: bool = False,
    ) -> None:
        """needs: the module without which it is left out; package: what brings it. bounded: of what it is sent and has not
        answered, it holds a bounded amount.
        """
        self.name = name
        self.command = command
        self.framed = framed
        self.health = health
        self.needs = needs
        self.package = package
        self.bounded = bounded

    @property
    def there(self) -> bool:
        return not self.needs or importlib.util.find_spec(self.needs) is not None

    def message(self, method: str, id: int) -> bytes:
        body = json.dumps({"jsonrpc": "2.0", "id": id, "method": method, "params": {}}, separators=(",", ":")).encode()
        return b"Content-Length: %d\r\n\r\n%s" % (len(body), body) if self.framed else body + b"\n"

    def start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT)

    def answer(self, process: subprocess.Popen[bytes]) -> bytes:
        """The next answer."""
        stream = process.stdout
        if not self.framed:
            return stream.readline()
        length = 0
        while (line := stream.readline()) not in (b"\r\n", b""):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return stream.read(length)


OURS = Speaker("pyworker", [sys.executable, "-m", "pyworker", "--usbmuxd", "127.0.0.1:9", "--adb-server", "none"])
BARE = Speaker("bare loop", [sys.executable, str(PEERS / "bare_loop.py")])
OTHERS = [
    Speaker("python-lsp-jsonrpc", [sys.executable, str(PEERS / "lsp_jsonrpc.py")], framed=True, needs="pylsp_jsonrpc",
            package="python-lsp-jsonrpc"),
    Speaker("pygls", [sys.executable, str(PEERS / "pygls_server.py")], framed=True, needs="pygls", package="pygls"),
    Speaker("MCP python-sdk", [sys.executable, str(PEERS / "mcp_server.py")], health="ping", needs="mcp", package="mcp",
            bounded=True),
]
# The worker with a method that hangs, for the load.
HANGING = Speaker("pyworker", [sys.executable, str(ROOT / "tests/protocol/workbench.py"), "--log-level", "off"])


def figures(tiny: bool = False) -> Iterator[Figure | LeftOut]:
    others = [speaker for speaker in OTHERS if speaker.there]
    yield from (LeftOut("start", speaker.name, speaker.package) for speaker in OTHERS if not speaker.there)
    size = TINY if tiny else WHOLE
    yield from cold_start(others, size)
    yield from rates(others, size)
    yield from under_load(others, size)


def cold_start(others: list[Speaker], size: Size) -> Iterator[Figure]:
    speakers = [OURS, BARE, *others]
    bare: list[float] = []
    times: dict[str, list[float]] = {speaker.name: [] for speaker in speakers}
    memory: dict[str, list[float]] = {speaker.name: [] for speaker in speakers}
    for _ in range(size.starts):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-I", "-c", "pass"], check=True)
        bare.append(time.perf_counter() - started)
        for speaker in speakers:
            started = time.perf_counter()
            with speaker.start() as process:
                process.stdin.write(speaker.message(speaker.health, 1))
                process.stdin.flush()
                speaker.answer(process)
                times[speaker.name].append(time.perf_counter() - started)
                memory[speaker.name].append(resident(process.pid))
                process.kill()
    floor = median(bare)
    for speaker in speakers:
        aim = 1.8 if speaker is OURS else None
        yield Figure("start", f"{speaker.name}: spawn to first answer / python -I -c pass", median(times[speaker.name]) / floor,
                     "x", "less", aim)
    for speaker in speakers:
        yield Figure("memory", f"{speaker.name}: at its first answer", median(memory[speaker.name]), "MiB", "less",
                     14 if speaker is OURS else None)


def resident(pid: int) -> float:
    return int(Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2].split()[0]) / 1024


def rates(others: list[Speaker], size: Size) -> Iterator[Figure]:
    speakers = [OURS, BARE, *others]
    single = {speaker.name: median(one_in_flight(speaker, size.single) for _ in range(size.runs)) for speaker in speakers}
    queue: dict[str, list[float]] = {speaker.name: [] for speaker in speakers}
    for _ in range(size.runs):
        for speaker in speakers:
            if sum(size.queued / rate for rate in queue[speaker.name]) < ENOUGH_S:
                queue[speaker.name].append(queued(speaker, size.queued))
    bounded = [single[speaker.name] / single[BARE.name] for speaker in others if speaker.bounded]
    for name, rate in single.items():
        aim = round(max(bounded), 3) if bounded and name == OURS.name else None
        yield Figure("one in flight", f"{name}: requests a second / bare loop's", rate / single[BARE.name], "x", "more", aim)
    for name, rates in queue.items():
        yield Figure(f"{size.queued:,} queued", f"{name}: requests a second / bare loop's", median(rates) / median(queue[BARE.name]),
                     "x", "more", 1.5 if name == OURS.name else None)


def one_in_flight(speaker: Speaker, count: int) -> float:
    message = speaker.message(speaker.health, 1)
    with speaker.start() as process:
        for _ in range(20):
            process.stdin.write(message)
            process.stdin.flush()
            speaker.answer(process)
        started = time.perf_counter()
        for _ in range(count):
            process.stdin.write(message)
            process.stdin.flush()
            speaker.answer(process)
        took = time.perf_counter() - started
        process.kill()
    return count / took


def queued(speaker: Speaker, count: int) -> float:
    """From the first request of a running process to the last answer: its start is not counted."""
    data = b"".join(speaker.message(speaker.health, id) for id in range(1, count + 1))
    with speaker.start() as process:
        process.stdin.write(speaker.message(speaker.health, count + 1))
        process.stdin.flush()
        speaker.answer(process)
        started = time.perf_counter()
        writer = threading.Thread(target=lambda: (process.stdin.write(data), process.stdin.flush()), daemon=True)
        writer.start()
        answered = 0
        tail = b""
        while answered < count:
            piece = tail + process.stdout.read1(1 << 16)
            answered += piece.count(ANSWER)
            tail = piece[-len(ANSWER) + 1 :] if not piece.endswith(ANSWER) else b""
        took = time.perf_counter() - started
        process.kill()
    return count / took


def under_load(others: list[Speaker], size: Size) -> Iterator[Figure]:
    """How long `health` takes while 32 requests hang, the 99th of 100."""
    for speaker in (HANGING, *others):
        if speaker.name == "MCP python-sdk":
            continue  # its tools need a handshake first, and then answer `ping` from the same loop: not comparable
        with speaker.start() as process:
            for id in range(HUNG):
                process.stdin.write(speaker.message("test.hang" if speaker is HANGING else "hang", id))
            process.stdin.flush()
            time.sleep(0.5)
            waits = []
            for id in range(size.loaded):
                started = time.perf_counter()
                process.stdin.write(speaker.message("health", 1000 + id))
                process.stdin.flush()
                speaker.answer(process)
                waits.append(time.perf_counter() - started)
            process.kill()
        yield Figure("32 requests hang", f"{speaker.name}: health, 99th of 100", sorted(waits)[int(size.loaded * 0.99) - 1] * 1000, "ms",
                     "less", 10 if speaker is HANGING else None)
