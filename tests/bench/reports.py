"""Rendering a report: beside the engine itself, beside weasyprint, and how it grows with rows.

The engine's share is measured inside the call: xhtml2pdf's own time for the very source it is given. weasyprint is given
the report's HTML, which says the same in the same fonts and is what a user who prefers it would hand over.

`python -m tests.bench.reports --rows COUNT` renders so many rows in a fresh process, for its peak memory.
"""

from __future__ import annotations

import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any

from pyworker.call import Call
from pyworker.report import format_report
from pyworker.settings import Settings
from tests.bench.figures import Figure, LeftOut
from tests.bench.timing import seconds, usual
from tests.bench.worker import MEASURABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
TWO_PAGES = "chinese"
ROWS = 2_000
RUNS, OTHERS = 15, 3
LIMIT_S = 120


def figures(tiny: bool = False) -> Iterator[Figure | LeftOut]:
    rows = 40 if tiny else ROWS
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings()
        settings.artifact_dir = folder
        two_pages, many_rows = reference(TWO_PAGES), with_rows(rows)
        render(two_pages, settings)
        yield Figure("report", "two pages / xhtml2pdf alone", beside_the_engine(two_pages, settings, 1 if tiny else RUNS), "x",
                     "less", 1.2)
        yield Figure("report", f"{rows} rows / xhtml2pdf alone", beside_the_engine(many_rows, settings, 1), "x", "less", 1.2)
        if importlib.util.find_spec("weasyprint"):
            for name, asked, runs in ((f"{rows} rows", many_rows, 1), *([] if tiny else [("two pages", two_pages, OTHERS)])):
                ours = usual(partial(render, asked, settings), runs)
                yield Figure("report", f"{name} / weasyprint", ours / weasyprint(asked, settings, runs), "x", "less", 1.0)
        else:
            yield LeftOut("report", "weasyprint", "weasyprint")
    half, _ = rows_in_a_process(rows // 2)
    whole, memory = rows_in_a_process(rows)
    yield Figure("report", f"{rows} rows", whole, "s", "less", 8.0)
    if MEASURABLE:
        yield Figure("report", f"{rows} rows: peak memory", memory, "MiB", "less", 250)
    # Twice the rows may take this much longer: linear, with room for noise.
    yield Figure("report", f"{rows} rows / {rows // 2} rows", whole / half, "x", "less", 2.6)


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


def render(asked: dict[str, Any], settings: Settings, form: str = "pdf") -> None:
    params = {"report_id": "bench", "format": form, "content": asked["content"], "options": asked["options"]}
    format_report(Call(params, settings, monotonic() + LIMIT_S))


def beside_the_engine(asked: dict[str, Any], settings: Settings, runs: int) -> float:
    """Our whole call by the engine's own time for the same source."""
    from pyworker.reporting import pdf

    engine_times: list[float] = []
    draw = pdf._draw

    def timed(*args: Any) -> bytes:
        started = perf_counter()
        drawn = draw(*args)
        engine_times.append(perf_counter() - started)
        return drawn

    pdf._draw = timed
    try:
        ratios = []
        for _ in range(runs):
            engine_times.clear()
            ratios.append(seconds(partial(render, asked, settings)) / sum(engine_times))
    finally:
        pdf._draw = draw
    return statistics.median(ratios)


def weasyprint(asked: dict[str, Any], settings: Settings, runs: int) -> float:
    import weasyprint as library

    render(asked, settings, "html")
    source = (Path(settings.artifact_dir or "") / "bench" / "report.html").read_text("utf-8")
    return usual(lambda: library.HTML(string=source).write_pdf(), runs)


def rows_in_a_process(count: int) -> tuple[float, float]:
    """Seconds of a warm process for one render with so many rows, and its peak memory in MiB."""
    said = subprocess.run([sys.executable, "-m", "tests.bench.reports", "--rows", str(count)], capture_output=True, text=True,
                          check=True, cwd=ROOT)
    took, mebibytes = said.stdout.split()
    return float(took), float(mebibytes)


def _rows(count: int) -> None:
    settings = Settings()
    render(with_rows(10), settings)
    with tempfile.TemporaryDirectory() as folder:
        settings.artifact_dir = folder
        print(seconds(partial(render, with_rows(count), settings)), _most_mib())


def _most_mib() -> float:
    """Not by getrusage, whose figure a process inherits from the one that started it."""
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024 if MEASURABLE else 0.0


if __name__ == "__main__":
    _rows(int(sys.argv[2]))
