"""Rendering a report: beside the engine itself, and how it grows with rows."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

from tests.bench import report_bench as bench
from tests.bench.figures import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        yield Figure(
            "report", "two-page PDF, warm / xhtml2pdf alone", bench.beside_the_engine(folder), "x", "less", 1.2
        )
    half, _ = bench.rows_in_a_process(bench.ROWS // 2)
    whole, memory = bench.rows_in_a_process(bench.ROWS)
    yield Figure("report", f"{bench.ROWS} rows", whole, "s", "less", bench.SECONDS_FOR_ROWS)
    yield Figure("report", f"{bench.ROWS} rows: peak memory", memory, "MiB", "less", bench.MEBIBYTES_FOR_ROWS)
    yield Figure("report", f"{bench.ROWS} rows / {bench.ROWS // 2} rows", whole / half, "x", "less", bench.GROWTH)
