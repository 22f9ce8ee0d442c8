"""A worker process from the other end of its pipe: what it still owes, how long its answers took, what it uses."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from tests.endurance.bench_process import ROOT

HEALTH_EVERY_S = 0.05
# No answer takes longer: logs.collect's own limit is the longest of what is asked here.
PATIENCE_S = 90.0


class Usage(NamedTuple):
    memory_mb: float
    descriptors: int
    threads: int
    temporary: list[str]

    def __str__(self) -> str:
        return (
            f"memory {self.memory_mb:.1f} MB, {self.descriptors} descriptors, {self.threads} threads, "
            f"{len(self.temporary)} temporary files"
        )


class Took(NamedTuple):
    """kind: "ok", or the kind of the error."""

    method: str
    kind: str
    seconds: float


class Conversation:
    """temporary: the folder the worker may put temporary files into. Ids are what the caller says, once each."""

    def __init__(self, options: list[str], temporary: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pyworker", "--log-level", "off", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "TMPDIR": temporary},
        )
        self.answers: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.took: list[Took] = []
        self.health: list[float] = []
        self.cancels: list[float] = []
        self.last: dict[str, Any] = {}
        self._temporary = temporary
        self._open: dict[str, tuple[str, float]] = {}
        self._cancelled: dict[str, float] = {}
        self._samples = 0
        self._sampling = threading.Event()
        self._writing = threading.Lock()
        self._changed = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            now = time.perf_counter()
            answer = json.loads(line)
            if "method" in answer:
                continue
            with self._changed:
                id = answer["id"]
                self.answers[id] += 1
                method, since = self._open.pop(id, ("nobody asked", now))
                kind = answer["error"]["data"]["kind"] if "error" in answer else "ok"
                if method == "health" and id.startswith("h"):
                    self.health.append(now - since)
                else:
                    self.kinds[kind] += 1
                    self.took.append(Took(method, kind, now - since))
                if id in self._cancelled:
                    self.cancels.append(now - self._cancelled.pop(id))
                self.last[id] = answer
                self.last.pop(next(iter(self.last)) if len(self.last) > 1000 else "", None)
                self._changed.notify_all()

    def send(self, id: str, method: str, params: dict[str, Any]) -> None:
        with self._changed:
            self._open[id] = (method, time.perf_counter())
        self._write({"jsonrpc": "2.0", "id": id, "method": method, "params": params})

    def cancel(self, id: str) -> None:
        with self._changed:
            if id in self._open:
                self._cancelled[id] = time.perf_counter()
        self._write({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": id}})

    def _write(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        with self._writing:
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()

    def answer(self, id: str, seconds: float = PATIENCE_S) -> dict[str, Any] | None:
        """The answer to this id, waited for; None when it did not come."""
        with self._changed:
            self._changed.wait_for(lambda: id in self.last, seconds)
            return self.last.get(id)

    def wait_until_outstanding(self, at_most: int, seconds: float = PATIENCE_S) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: len(self._open) <= at_most, seconds)

    def sample_health(self) -> None:
        """From now until `end`: a `health` every HEALTH_EVERY_S, whatever else goes on. Its ids are h0, h1 …"""
        threading.Thread(target=self._sample, daemon=True).start()

    def _sample(self) -> None:
        while not self._sampling.wait(HEALTH_EVERY_S):
            self.send(f"h{self._samples}", "health", {})
            self._samples += 1

    def stop_sampling(self) -> None:
        self._sampling.set()
        time.sleep(2 * HEALTH_EVERY_S)

    def usage(self) -> Usage:
        proc = Path(f"/proc/{self.process.pid}")
        status = (proc / "status").read_text()
        # The worker's own private folder is there as long as it lives.
        below = [path for path in Path(self._temporary).glob("*/*")]
        return Usage(
            int(status.partition("VmRSS:")[2].split()[0]) / 1024,
            len(os.listdir(proc / "fd")),
            int(status.partition("Threads:")[2].split()[0]),
            [str(path) for path in below],
        )

    def end(self) -> tuple[int, list[str]]:
        """Close its input, see it go: its exit code, and what it left in the temporary folder."""
        assert self.process.stdin is not None
        self._sampling.set()
        self.process.stdin.close()
        return self.process.wait(10), os.listdir(self._temporary)

    def owed(self, asked: int) -> tuple[set[str], list[str]]:
        """Of the ids r0 … and the samples: those never answered, and those answered more than once."""
        expected = {f"r{number}" for number in range(asked)} | {f"h{number}" for number in range(self._samples)}
        return expected - set(self.answers), [id for id, count in self.answers.items() if count > 1 or id not in expected]


def percentile(values: list[float], share: float) -> float:
    """0 without values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def something(choose: random.Random, devices: list[str]) -> tuple[str, dict[str, Any]]:
    """A request of any kind, mostly inspections, now and then a mistake."""
    who = {"device_id": choose.choice(devices)}
    content = {"device": {"device_id": "d", "platform": "ios"}, "notes": "x" * choose.randrange(300)}
    name = f"r{choose.randrange(20)}"
    return choose.choices(
        [
            ("inspect.basic", who),
            ("inspect.deep", who),
            ("devices.list", {}),
            ("policy.get", {}),
            ("rpc.discover", {}),
            ("inspect.basic", {"device_id": "nobody"}),
            ("inspect.basic", {}),
            ("no.such.method", {}),
            ("report.format", {"report_id": name, "format": "html", "content": content}),
            ("report.format", {"report_id": name, "format": "json", "content": content}),
            ("report.format", {"report_id": name, "format": "pdf", "content": content}),
            ("logs.collect", {**who, "scope": "crash", "limit": 20}),
            ("inspect.deep", {**who, "timeout_ms": 100}),
        ],
        weights=[40, 15, 4, 10, 1, 5, 5, 5, 5, 1, 1, 1, 2],
    )[0]
