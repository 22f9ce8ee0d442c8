"""`python -m tests.endurance.soak [--requests N] [--seconds S]`: does it stay as it began, for as long as asked?

Requests of all kinds over all virtual phones, one in twenty cancelled. Prints memory, descriptors, threads, temporary
files and latencies after warm-up and at the end. Exit 1 when memory grew by more than MEMORY_GROWTH_MB, when
descriptors, threads or temporary files are more than they were, or when an id was not answered exactly once.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from typing import NamedTuple

from tests.endurance.bench_process import phones
from tests.endurance.conversation import Conversation, Took, Usage, percentile, something

OUTSTANDING = 16
CANCEL_ONE_IN = 20
# After so many requests every library is loaded and every cache full; libraries' caches fill for longer than modules load.
WARM = 2000
MEMORY_GROWTH_MB = 20.0
# How many of the first and of the last requests are compared.
WINDOW = 2000
# Threads of cancelled requests end, and idle connections are closed, within moments.
REST_S = 2.0


class Outcome(NamedTuple):
    asked: int
    seconds: float
    before: Usage
    after: Usage
    early: list[Took]
    late: list[Took]
    problems: list[str]

    def said(self) -> str:
        lines = [
            f"{self.asked} requests in {self.seconds:.0f} s",
            f"after {WARM} requests: {self.before}",
            f"at the end:    {self.after}",
            f"{'':24}{f'first {len(self.early)}':>18}{f'last {len(self.late)}':>18}   (median and 99th of 100, ms)",
        ]
        for name in sorted({each.method for each in self.early if each.kind == "ok"}):
            columns = [
                [each.seconds for each in window if each.method == name and each.kind == "ok"]
                for window in (self.early, self.late)
            ]
            cells = [f"{percentile(each, 0.5) * 1000:8.0f} {percentile(each, 0.99) * 1000:8.0f}" for each in columns]
            lines.append(f"  {name:22}{cells[0]:>18}{cells[1]:>18}")
        return "\n".join([*lines, *(f"PROBLEM: {problem}" for problem in self.problems)])


def run(requests: int, seconds: float, warm: int = WARM, seed: int = 2) -> Outcome:
    choose = random.Random(seed)
    with phones() as bench, tempfile.TemporaryDirectory() as temporary, tempfile.TemporaryDirectory() as artifacts:
        devices = list(bench.devices.values())
        talk = Conversation([*bench.options, "--artifact-dir", artifacts], temporary)
        talk.sample_health()
        began = time.monotonic()
        before = None
        asked = 0
        while asked < requests and time.monotonic() < began + seconds:
            if not talk.wait_until_outstanding(OUTSTANDING):
                break
            talk.send(f"r{asked}", *something(choose, devices))
            if choose.randrange(CANCEL_ONE_IN) == 0:
                talk.cancel(f"r{asked}")
            asked += 1
            if asked == warm:
                talk.wait_until_outstanding(1)
                time.sleep(REST_S)
                before = talk.usage()
        talk.stop_sampling()
        talk.wait_until_outstanding(0)
        time.sleep(REST_S)
        after = talk.usage()
        took = time.monotonic() - began
        lost, extra = talk.owed(asked)
        exit_code, left_over = talk.end()
        measured = talk.took[warm:]
        problems = [
            *([f"{len(lost)} ids never answered"] if lost else []),
            *([f"{len(extra)} ids answered too often"] if extra else []),
            *([f"exit code {exit_code}"] if exit_code else []),
            *([f"left in the temporary folder: {left_over}"] if left_over else []),
            *([f"{talk.kinds['internal_error']} internal errors"] if talk.kinds["internal_error"] else []),
            *([] if before is not None else ["ended before it was warm"]),
            *grown(before or after, after),
        ]
        return Outcome(asked, took, before or after, after, measured[:WINDOW], measured[-WINDOW:], problems)


def grown(before: Usage, after: Usage) -> list[str]:
    """What there is more of than there may be. A sample of health may be on its way, which is no thread."""
    problems = []
    if after.memory_mb > before.memory_mb + MEMORY_GROWTH_MB:
        problems.append(f"memory grew by {after.memory_mb - before.memory_mb:.1f} MB")
    if after.descriptors > before.descriptors:
        problems.append(f"{after.descriptors - before.descriptors} more descriptors")
    if after.threads > before.threads:
        problems.append(f"{after.threads - before.threads} more threads")
    if after.temporary:
        problems.append(f"temporary files: {after.temporary[:3]}")
    return problems


def main(arguments: list[str]) -> int:
    options = argparse.ArgumentParser(prog="python -m tests.endurance.soak")
    options.add_argument("--requests", type=int, default=100_000)
    options.add_argument("--seconds", type=float, default=3600.0)
    given = options.parse_args(arguments)
    outcome = run(given.requests, given.seconds)
    print(outcome.said())
    return 1 if outcome.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
