"""`python -m tests.endurance.load [--requests N] [--seconds S]`: requests of all kinds at 20 phones, up to 200 outstanding.

About as many requests as the worker takes at once are outstanding, and 200 in bursts, of which it must refuse most at
once with busy, which is an answer like any other; one in twenty is cancelled; `health` is sampled throughout, by a
thread of its own. Exit 1 unless every id was answered exactly once, 99 of 100 `health` came within 50 ms and every
cancel took less than a second.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from typing import NamedTuple

from tests.endurance.bench_process import phones
from tests.endurance.conversation import Conversation, percentile, something

PHONES = 20
STEADY = 28
BURST = 200
BURST_EVERY = 1000
CANCEL_ONE_IN = 20
HEALTH_P99_S = 0.05
CANCEL_S = 1.0


class Outcome(NamedTuple):
    """lost, extra: ids that were never answered, and that were answered twice or never asked. seconds: of all."""

    asked: int
    seconds: float
    lost: set[str]
    extra: list[str]
    kinds: Counter[str]
    health: list[float]
    cancels: list[float]
    exit_code: int
    left_over: list[str]

    @property
    def is_exact(self) -> bool:
        return not self.lost and not self.extra and not self.left_over and self.exit_code == 0

    @property
    def is_quick(self) -> bool:
        return percentile(self.health, 0.99) < HEALTH_P99_S and max(self.cancels, default=0.0) < CANCEL_S

    def said(self) -> str:
        return "\n".join((
            f"{self.asked} requests in {self.seconds:.0f} s: {len(self.lost)} lost, {len(self.extra)} answered too often, "
            f"{dict(self.kinds.most_common())}",
            f"health ({len(self.health)} samples): median {percentile(self.health, 0.5) * 1000:.1f} ms, 99 of 100 within "
            f"{percentile(self.health, 0.99) * 1000:.1f} ms, slowest {max(self.health, default=0.0) * 1000:.1f} ms",
            f"cancel ({len(self.cancels)}): median {percentile(self.cancels, 0.5) * 1000:.1f} ms, slowest "
            f"{max(self.cancels, default=0.0) * 1000:.0f} ms",
            f"exit code {self.exit_code}; left in the temporary folder: {self.left_over or 'nothing'}",
        ))


def run(requests: int, seconds: float, seed: int = 1) -> Outcome:
    choose = random.Random(seed)
    with phones() as bench, tempfile.TemporaryDirectory() as temporary, tempfile.TemporaryDirectory() as artifacts:
        devices = list(bench.devices.values())[:PHONES]
        assert len(devices) == PHONES
        talk = Conversation([*bench.options, "--artifact-dir", artifacts], temporary)
        talk.sample_health()
        began = time.monotonic()
        asked = 0
        while asked < requests and time.monotonic() < began + seconds:
            at_most = BURST if asked % BURST_EVERY < BURST else STEADY
            if not talk.wait_until_outstanding(at_most - 1):
                break
            id = f"r{asked}"
            talk.send(id, *something(choose, devices))
            if choose.randrange(CANCEL_ONE_IN) == 0:
                talk.cancel(id)
            asked += 1
        talk.stop_sampling()
        talk.wait_until_outstanding(0)
        took = time.monotonic() - began
        lost, extra = talk.owed(asked)
        exit_code, left_over = talk.end()
        return Outcome(asked, took, lost, extra, talk.kinds, talk.health, talk.cancels, exit_code, left_over)


def main(arguments: list[str]) -> int:
    options = argparse.ArgumentParser(prog="python -m tests.endurance.load")
    options.add_argument("--requests", type=int, default=10_000)
    options.add_argument("--seconds", type=float, default=900.0)
    given = options.parse_args(arguments)
    outcome = run(given.requests, given.seconds)
    print(outcome.said())
    return 0 if outcome.is_exact and outcome.is_quick else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
