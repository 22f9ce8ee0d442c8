"""`python -m tests.fuzz [TARGET ...] [--count N] [--seed S]`: so many damaged inputs for each target.

Prints a line a target. Exit 1 when an exception came through, an input took longer than SLOW_S, or memory grew by more
than GROWTH_MB; such an input is written to tests/fuzz/regressions/TARGET, where the tests will find it.
"""

from __future__ import annotations

import hashlib
import resource
import sys
import time
from pathlib import Path
from random import Random
from typing import NamedTuple

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from android_mutations import DAMAGES

from tests.fuzz.targets import Target, targets

REGRESSIONS = Path(__file__).parent / "regressions"
SLOW_S = 0.1
GROWTH_MB = 20.0
# Allowed to be slow: a whole page is laid out.
HEAVY = ("report_content",)
WARM = 2000


class Outcome(NamedTuple):
    count: int
    seconds: float
    slowest_s: float
    growth_mb: float
    crashed: list[bytes]
    slow: list[bytes]


def damage(seeds: object, random: Random) -> bytes:
    data = random.choice(seeds)  # type: ignore[arg-type]
    for _ in range(random.choice((1, 1, 2, 3, 6))):
        data = random.choice(DAMAGES)(data, random)
    return bytes(data[:20_000])


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(name: str, target: Target, count: int, seed: int) -> Outcome:
    random = Random(f"{name} {seed}")
    crashed: list[bytes] = []
    slow: list[bytes] = []
    slowest = grown_from = 0.0
    started = time.perf_counter()
    for number in range(count):
        if number == min(WARM, count // 2):
            grown_from = peak_mb()
        data = damage(target.seeds, random)
        began = time.process_time()
        try:
            target.feed(data)
        except Exception:  # what comes through here is the finding
            crashed.append(data)
        took = time.process_time() - began
        if took > slowest and number >= 20:
            slowest = took
            if took > SLOW_S and name not in HEAVY:
                slow.append(data)
    return Outcome(count, time.perf_counter() - started, slowest, peak_mb() - grown_from, crashed, slow)


def main(arguments: list[str]) -> int:
    known = targets()
    count, seed = 100_000, 1
    names = []
    left = list(arguments)
    while left:
        word = left.pop(0)
        if word == "--count":
            count = int(left.pop(0))
        elif word == "--seed":
            seed = int(left.pop(0))
        else:
            names.append(word)
    failed = False
    for name in names or known:
        outcome = run(name, known[name], count if name not in HEAVY else max(1, count // 200), seed)
        bad = bool(outcome.crashed or outcome.slow or outcome.growth_mb > GROWTH_MB)
        failed = failed or bad
        print(
            f"{name:16} {outcome.count:9} inputs  {outcome.count / outcome.seconds:9.0f}/s  slowest {outcome.slowest_s * 1000:6.1f} ms  "
            f"growth {outcome.growth_mb:5.1f} MB  exceptions {len(outcome.crashed)}{'  BAD' if bad else ''}",
            flush=True,
        )
        for data in (*outcome.crashed[:5], *outcome.slow[:5]):
            folder = REGRESSIONS / name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
