"""report.format beside the engine it uses: what our part costs, how time grows with rows, how much memory it takes.

    python tests/bench/report_bench.py

Prints ratios and exits 1 when one is over its bound. Times are medians of several renders in this process; memory is
the peak of a process of its own.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from pyworker.call import Call
from pyworker.report import format_report
from pyworker.settings import Settings

OVER_THE_ENGINE = 1.3
ROWS = 2_000
SECONDS_FOR_ROWS = 8.0
MEBIBYTES_FOR_ROWS = 250
# Twice the rows may take this much longer: linear, with room for noise.
GROWTH = 2.6


def reference(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((ROOT / "tests" / "reports" / f"{name}.json").read_bytes())
    return content


def with_rows(count: int) -> dict[str, Any]:
    """A technician's report whose triage has so many rows."""
    content = reference("clean-iphone")["content"]
    row = {"kind": "app_crash", "first": "2026-10-01T10:11:09+01:00", "last": "2026-11-01T10:11:09+01:00",
           "words": "Stopped by an illegal access to memory."}
    triage = [{**row, "count": index % 17, "process": f"Process{index}"} for index in range(count)]
    content["results"]["logs.collect"] = {"ok": True, "data": {"log_count": count, "triage": triage}, "warnings": []}
    return {"content": content, "options": {"audience": "technician"}}


def render(asked: dict[str, Any], settings: Settings) -> None:
    params = {"report_id": "bench", "format": "pdf", "content": asked["content"], "options": asked["options"]}
    format_report(Call(params, settings, time.monotonic() + 120))


def beside_the_engine(folder: str) -> float:
    """Our whole call by the engine's own time for the same source."""
    from pyworker.reporting import pdf

    engine_times: list[float] = []
    draw = pdf._draw

    def timed(*args: Any) -> Any:
        started = time.perf_counter()
        drawn = draw(*args)
        engine_times.append(time.perf_counter() - started)
        return drawn

    pdf._draw = timed
    settings = Settings()
    settings.artifact_dir = folder
    asked = reference("chinese")
    ratios = []
    render(asked, settings)
    for _ in range(15):
        engine_times.clear()
        started = time.perf_counter()
        render(asked, settings)
        ratios.append((time.perf_counter() - started) / engine_times[0])
    pdf._draw = draw
    return statistics.median(ratios)


def rows_in_a_process(count: int) -> tuple[float, float]:
    """Seconds of a warm process for one render with so many rows, and its peak memory in MiB."""
    said = subprocess.run([sys.executable, __file__, "--rows", str(count)], capture_output=True, text=True, check=True)
    seconds, mebibytes = said.stdout.split()
    return float(seconds), float(mebibytes)


def _rows(count: int) -> int:
    settings = Settings()
    render(with_rows(10), settings)
    asked = with_rows(count)
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        settings.artifact_dir = folder
        started = time.perf_counter()
        render(asked, settings)
        seconds = time.perf_counter() - started
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return 0


def main() -> int:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        ratio = beside_the_engine(folder)
    half, _ = rows_in_a_process(ROWS // 2)
    whole, memory = rows_in_a_process(ROWS)
    checks = [
        ("two-page PDF, warm, by the engine's own time", ratio, OVER_THE_ENGINE, "x"),
        (f"{ROWS} rows", whole, SECONDS_FOR_ROWS, "s"),
        (f"{ROWS} rows, peak memory", memory, MEBIBYTES_FOR_ROWS, "MiB"),
        (f"{ROWS} rows by {ROWS // 2} rows", whole / half, GROWTH, "x"),
    ]
    for name, value, bound, unit in checks:
        print(f"{name}: {value:.2f} {unit} (at most {bound:g}) {'ok' if value <= bound else 'TOO MUCH'}")
    return 0 if all(value <= bound for _, value, bound, _ in checks) else 1


if __name__ == "__main__":
    sys.exit(_rows(int(sys.argv[2])) if sys.argv[1:2] == ["--rows"] else main())
