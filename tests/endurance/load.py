"""`python -m tests.endurance.load [--requests N] [--seconds S]`: many requests of all kinds at many phones, for as long as asked.

About as many requests as the worker takes at once are outstanding, and 200 in bursts, of which it must refuse most at
once; one in twenty is cancelled, `health` is sampled throughout. Checks that
every id is answered exactly once. Prints latencies, and memory, descriptors, threads and temporary files at the start
(after warm-up) and at the end. Exit 1 when an id was lost or answered twice, or something was left over.
`--requests 10000` is the load, `--requests 100000` the soak.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from tests.endurance.bench_process import ROOT, phones

STEADY = 28
BURST = 200
BURST_EVERY = 1000
# After so many requests every library is loaded and every cache full.
WARM = 600
HEALTH_EVERY_S = 0.05
CANCEL_ONE_IN = 20
MEMORY_GROWTH_MB = 20.0


class Usage(NamedTuple):
    memory_mb: float
    descriptors: int
    threads: int


class Outcome(NamedTuple):
    answered: int
    lost: int
    twice: int
    kinds: Counter[str]
    health_p99_ms: float
    cancel_worst_ms: float
    before: Usage
    after: Usage
    left_over: list[str]

    @property
    def sound(self) -> bool:
        return not self.lost and not self.twice and not self.left_over

    def said(self) -> str:
        rows = [
            f"{self.answered} answers, {self.lost} lost, {self.twice} answered twice: {dict(self.kinds.most_common())}",
            f"health, 99th of 100: {self.health_p99_ms:.1f} ms; slowest cancel: {self.cancel_worst_ms:.0f} ms",
            f"memory {self.before.memory_mb:.1f} -> {self.after.memory_mb:.1f} MB, descriptors {self.before.descriptors} -> "
            f"{self.after.descriptors}, threads {self.before.threads} -> {self.after.threads}",
            f"left in the temporary folder: {self.left_over or 'nothing'}",
        ]
        return "\n".join(rows)


class Conversation:
    """A worker, what it still owes, and how long its answers took."""

    def __init__(self, options: list[str], temporary: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pyworker", "--log-level", "off", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "TMPDIR": temporary},
        )
        self.sent: dict[str, float] = {}
        self.cancelled: dict[str, float] = {}
        self.answers: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.health: list[float] = []
        self.cancels: list[float] = []
        self._changed = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self.process.stdout:
            now = time.perf_counter()
            answer = json.loads(line)
            if "method" in answer:
                continue
            with self._changed:
                id = answer["id"]
                self.answers[id] += 1
                took = now - self.sent.pop(id, now)
                if id.startswith("h"):
                    self.health.append(took)
                else:
                    self.kinds[answer["error"]["data"]["kind"] if "error" in answer else "ok"] += 1
                if id in self.cancelled:
                    self.cancels.append(now - self.cancelled.pop(id))
                self._changed.notify_all()

    def send(self, id: str, method: str, params: dict[str, Any]) -> None:
        with self._changed:
            self.sent[id] = time.perf_counter()
        self._write({"jsonrpc": "2.0", "id": id, "method": method, "params": params})

    def cancel(self, id: str) -> None:
        with self._changed:
            if id in self.sent:
                self.cancelled[id] = time.perf_counter()
        self._write({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": id}})

    def _write(self, message: dict[str, Any]) -> None:
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def wait_until_outstanding(self, at_most: int, seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: len(self.sent) <= at_most, seconds)

    def usage(self) -> Usage:
        proc = Path(f"/proc/{self.process.pid}")
        status = (proc / "status").read_text()
        return Usage(
            int(status.partition("VmRSS:")[2].split()[0]) / 1024,
            len(os.listdir(proc / "fd")),
            int(status.partition("Threads:")[2].split()[0]),
        )


def run(requests: int, seconds: float, seed: int = 1) -> Outcome:
    choose = random.Random(seed)
    with phones() as bench, tempfile.TemporaryDirectory() as temporary, tempfile.TemporaryDirectory() as artifacts:
        devices = list(bench.devices.values())[:20]
        talk = Conversation([*bench.options, "--artifact-dir", artifacts], temporary)
        before = None
        until = time.monotonic() + seconds
        due = 0.0
        asked = samples = 0
        while asked < requests and time.monotonic() < until:
            if time.monotonic() >= due:
                due = time.monotonic() + HEALTH_EVERY_S
                talk.send(f"h{samples}", "health", {})
                samples += 1
            at_most = BURST if asked % BURST_EVERY < BURST else STEADY
            if not talk.wait_until_outstanding(at_most - 1, 60.0):
                break
            id = f"r{asked}"
            talk.send(id, *something(choose, devices))
            if choose.randrange(CANCEL_ONE_IN) == 0:
                talk.cancel(id)
            asked += 1
            if asked == WARM:
                talk.wait_until_outstanding(0, 60.0)
                before = talk.usage()
        talk.wait_until_outstanding(0, 60.0)
        time.sleep(0.5)  # threads of cancelled requests end within moments
        after = talk.usage()
        talk.process.stdin.close()
        talk.process.wait(10)
        expected = {f"r{n}" for n in range(asked)} | {f"h{n}" for n in range(samples)}
        health = sorted(talk.health) or [0.0]
        return Outcome(
            sum(talk.answers.values()),
            len(expected - set(talk.answers)),
            sum(count - 1 for count in talk.answers.values()),
            talk.kinds,
            health[int(len(health) * 0.99) - 1] * 1000,
            max(talk.cancels, default=0.0) * 1000,
            before or after,
            after,
            os.listdir(temporary),
        )


def something(choose: random.Random, devices: list[str]) -> tuple[str, dict[str, Any]]:
    """A request of any kind, mostly inspections, now and then a mistake."""
    who = {"device_id": choose.choice(devices)}
    content = {"device": {"device_id": "d", "platform": "ios"}, "notes": "x" * choose.randrange(300)}
    return choose.choices(
        [
            ("inspect.basic", who),
            ("inspect.deep", who),
            ("devices.list", {}),
            ("policy.get", {}),
            ("inspect.basic", {"device_id": "nobody"}),
            ("inspect.basic", {}),
            ("no.such.method", {}),
            ("report.format", {"report_id": "r", "format": "html", "content": content}),
            ("report.format", {"report_id": "r", "format": "pdf", "content": content}),
            ("logs.collect", {**who, "scope": "crash", "limit": 20}),
        ],
        weights=[40, 15, 4, 10, 5, 5, 5, 6, 1, 1],
    )[0]


def main(arguments: list[str]) -> int:
    wanted = dict(zip(arguments[::2], arguments[1::2], strict=True))
    outcome = run(int(wanted.get("--requests", "10000")), float(wanted.get("--seconds", "900")))
    print(outcome.said())
    grown = outcome.after.memory_mb - outcome.before.memory_mb
    return 0 if outcome.sound and grown <= MEMORY_GROWTH_MB else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
