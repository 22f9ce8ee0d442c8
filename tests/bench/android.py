"""Inspecting an Android phone: against adb itself, sixteen at once, and how fast a log comes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tests.bench import bench_android as bench
from tests.bench.figures import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator


def figures() -> Iterator[Figure]:
    near, far = bench.one(bench.ROUND_TRIP_S), bench.one(bench.FAR_ROUND_TRIP_S)
    chain = (far - near) / (bench.FAR_ROUND_TRIP_S - bench.ROUND_TRIP_S)
    yield Figure("Android", "inspect.deep over the adb server: longest chain", chain, "round trips", "less", 8.0)
    yield Figure("Android", "inspect.deep, 16 at once / one", bench.sixteen() / near, "x", "less", 3.0)
    if shutil.which("adb"):
        ours, theirs = bench.against_adb()
        yield Figure("Android", "adb shell a command at a time / inspect.deep", theirs / ours, "x", "more", 5.0)
    for mode in ("v2", "exec"):
        yield Figure("Android", f"a log through the adb server, {mode}", bench.log_speed(mode), "MB/s", "more")
