"""How long something takes, here and as another program."""

from __future__ import annotations

import os
import subprocess
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

LIMIT_S = 120.0
# What takes this long is not repeated: its noise is small beside it, and the whole suite is to end within minutes.
ENOUGH_S = 4.0


def seconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def usual(work: Callable[[], object], runs: int) -> float:
    """The median of several runs; of fewer, when they have taken long enough."""
    took: list[float] = []
    while len(took) < runs and sum(took) < ENOUGH_S:
        took.append(seconds(work))
    return median(took)


def run(commands: Sequence[Sequence[str]], environment: Mapping[str, str] | None = None) -> None:
    """One after the other, as a script does. Raises CalledProcessError: a peer that fails is not fast."""
    for command in commands:
        subprocess.run(
            command, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, timeout=LIMIT_S, check=True)
