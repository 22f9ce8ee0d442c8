"""Each section of the benchmark yields figures. What they are is read by people, not asserted here."""

from __future__ import annotations

import importlib
import json
import math

import pytest

from tests.bench.__main__ import SECTIONS
from tests.bench.figures import BASELINE, Figure, LeftOut, chart, load, table


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_yields_figures_on_a_tiny_run(section: str) -> None:
    found = list(importlib.import_module(f"tests.bench.{section}").figures(True))
    figures = [each for each in found if isinstance(each, Figure)]
    assert figures
    # Not above nought: a difference of two lone runs on a busy machine may have any sign.
    assert all(math.isfinite(figure.value) for figure in figures), figures
    assert len({figure.key for figure in figures}) == len(figures)
    assert table(found, {})


def test_a_figure_that_is_a_fifth_worse_than_stored_is_pointed_out() -> None:
    slower = Figure("a", "time", 1.3, "s", "less")
    fewer = Figure("a", "rate", 0.7, "x", "more")
    same = Figure("a", "share", 1.1, "x", "less")
    lines = table([slower, fewer, same], {"a: time": 1.0, "a: rate": 1.0, "a: share": 1.0}).splitlines()
    assert ["worse" in line for line in lines[-3:]] == [True, True, False]


def test_a_missed_aim_is_pointed_out() -> None:
    lines = table([Figure("a", "b", 2.0, "x", "less", 1.0), Figure("a", "c", 2.0, "x", "more", 1.0)], {}).splitlines()
    assert ["aim missed" in line for line in lines[-2:]] == [True, False]


def test_a_missing_peer_is_named_with_what_would_bring_it() -> None:
    assert "left out: some-package is not installed" in table([LeftOut("a", "some peer", "some-package")], {})


def test_a_bar_is_as_long_as_the_share_of_the_aim() -> None:
    half, whole = (chart([Figure("a", "<b>", value, "x", "less", 1.0)], "a machine") for value in (0.5, 1.0))
    widths = [float(text.split('y="53" width="')[1].split('"')[0]) for text in (half, whole)]
    assert widths[0] * 2 == widths[1]
    assert "&lt;b&gt;" in half


def test_the_stored_figures_name_their_machine_and_no_host() -> None:
    assert set(json.loads(BASELINE.read_text("utf-8"))) == {"machine", "figures"}
    assert load()
