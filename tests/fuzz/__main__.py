"""`python -m tests.fuzz [TARGET ...] [--count N] [--seed S]`: so many damaged inputs for each target; `--list` names them.

Prints a line a target. Exit 1 when an exception came through, an input took longer than SLOW_S, or memory grew by more
than GROWTH_MB; such an input is written to tests/fuzz/regressions/TARGET, where the tests will find it.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import sys
import time
from pathlib import Path
from random import Random
from typing import NamedTuple

sys.path[:0] = [str(Path(__file__).parents[2])]

from tests.fuzz.damages import damage
from tests.fuzz.target import Target
from tests.fuzz.targets import targets

REGRESSIONS = Path(__file__).parent / "regressions"
SLOW_S = 0.1
GROWTH_MB = 20.0
# After so many inputs every module is loaded and every cache full; memory is counted, and time taken, from here on.
WARM = 2000
HEAVY_SHARE = 200
# Of inputs that fail alike the first few are enough.
KEPT = 5


class Outcome(NamedTuple):
    """crashed: inputs that raised. slow: inputs that took more than SLOW_S of the processor, each of three times."""

    count: int
    seconds: float
    slowest_s: float
    growth_mb: float
    crashed: list[tuple[bytes, str]]
    slow: list[bytes]

    @property
    def is_good(self) -> bool:
        return not self.crashed and not self.slow and self.growth_mb <= GROWTH_MB


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(name: str, target: Target, count: int, seed: int) -> Outcome:
    random = Random(f"{name} {seed}")
    crashed: list[tuple[bytes, str]] = []
    slow: list[bytes] = []
    slowest = 0.0
    warm = min(WARM, count // 2)
    grown_from = peak_mb()
    started = time.perf_counter()
    for number in range(count):
        if number == warm:
            grown_from = peak_mb()
        data = damage(target.seeds, random)
        began = time.process_time()
        try:
            target.feed(data)
        except Exception as problem:  # what comes through here is the finding
            crashed.append((data, repr(problem)[:200]))
        took = time.process_time() - began
        if took > slowest and number >= warm:
            # The first look may have paid for a collection of garbage; the input is as slow as it is again and again.
            took = min(took, *(_again(target, data) for _ in range(2)))
            slowest = max(slowest, took)
        if took > SLOW_S and number >= warm and not target.is_heavy:
            slow.append(data)
    return Outcome(count, time.perf_counter() - started, slowest, peak_mb() - grown_from, crashed, slow)


def _again(target: Target, data: bytes) -> float:
    began = time.process_time()
    try:
        target.feed(data)
    except Exception:  # noted the first time
        return time.process_time() - began
    return time.process_time() - began


def main(arguments: list[str]) -> int:
    known = targets()
    options = argparse.ArgumentParser(prog="python -m tests.fuzz")
    options.add_argument("names", nargs="*", metavar="TARGET")
    options.add_argument("--count", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--list", action="store_true")
    given = options.parse_args(arguments)
    if unknown := set(given.names) - set(known):
        options.error(f"no such target: {', '.join(sorted(unknown))}")
    if given.list:
        print(*known, sep="\n")
        return 0
    is_good = True
    for name in given.names or known:
        target = known[name]
        outcome = run(name, target, max(1, given.count // HEAVY_SHARE) if target.is_heavy else given.count, given.seed)
        is_good = is_good and outcome.is_good
        print(said(name, outcome), flush=True)
        for data, problem in outcome.crashed[:KEPT]:
            print(f"    {problem}\n    {keep(name, data)}", flush=True)
        for data in outcome.slow[:KEPT]:
            print(f"    slow\n    {keep(name, data)}", flush=True)
    return 0 if is_good else 1


def said(name: str, outcome: Outcome) -> str:
    return (
        f"{name:28} {outcome.count:9} inputs {outcome.count / outcome.seconds:8.0f}/s  slowest {outcome.slowest_s * 1000:6.1f} ms"
        f"  growth {outcome.growth_mb:5.1f} MB  exceptions {len(outcome.crashed)}{'' if outcome.is_good else '  BAD'}"
    )


def keep(name: str, data: bytes) -> Path:
    folder = REGRESSIONS / name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / hashlib.sha256(data).hexdigest()[:16]
    path.write_bytes(data)
    return path.relative_to(REGRESSIONS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
