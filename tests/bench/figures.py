"""A figure, a table of them, a chart of them, and how they differ from the stored ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BASELINE = Path(__file__).parent / "baseline.json"
CHART = Path(__file__).parent / "chart.svg"
# A ratio that is this much worse than the stored one is pointed out. The machines are noisy; less means nothing.
WORSE = 1.2


class Figure(NamedTuple):
    """value: a ratio, or an amount in `unit`. better: "less" or "more". aim: the most (or least) it should be, or None.

    drawn: whether the chart shows it, too; it shows those with an aim.
    """

    section: str
    name: str
    value: float
    unit: str
    better: str
    aim: float | None = None
    drawn: bool = True

    @property
    def key(self) -> str:
        return f"{self.section}: {self.name}"

    @property
    def met(self) -> bool | None:
        if self.aim is None:
            return None
        return self.value <= self.aim if self.better == "less" else self.value >= self.aim

    def change(self, stored: float) -> float:
        """How many times worse than the stored value."""
        return self.value / stored if self.better == "less" else stored / self.value


class LeftOut(NamedTuple):
    """A peer that is not on this machine, and what would bring it."""

    section: str
    name: str
    brought_by: str


def load() -> dict[str, float]:
    return json.loads(BASELINE.read_text("utf-8"))["figures"] if BASELINE.exists() else {}


def save(figures: list[Figure], machine: str, whole: bool) -> None:
    """whole: every section ran, so that what is not among the figures is no longer measured."""
    stored = ({} if whole else load()) | {figure.key: round(figure.value, 3) for figure in figures}
    BASELINE.write_text(json.dumps({"machine": machine, "figures": stored}, indent=2) + "\n", "utf-8")
    if whole:
        CHART.write_text(chart([figure for figure in figures if figure.aim is not None and figure.drawn], machine), "utf-8")


def table(found: Iterable[Figure | LeftOut], stored: dict[str, float]) -> str:
    rows: list[Sequence[str]] = [("figure", "now", "aim", "stored", "")]
    section = ""
    for each in found:
        if each.section != section:
            section = each.section
            rows.append((section, "", "", "", ""))
        if isinstance(each, LeftOut):
            rows.append((f"  {each.name}", "", "", "", f"left out: {each.brought_by} is not installed"))
        else:
            rows.append(_row(each, stored.get(each.key)))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join((*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4])).rstrip() for row in rows
    )


def _row(figure: Figure, before: float | None) -> Sequence[str]:
    aim = "" if figure.aim is None else f"{'<=' if figure.better == 'less' else '>='} {figure.aim:g}"
    said = "aim missed" if figure.met is False else ""
    if before and figure.change(before) > WORSE:
        said = f"{said}; {figure.change(before):.1f} times worse than stored".lstrip("; ")
    return (f"  {figure.name}", f"{figure.value:.3g} {figure.unit}", aim, f"{before:.3g}" if before else "", said)


# The chart: a bar for each figure that has an aim, as a share of its aim; left of the line is better.
_ABOVE_THE_LINE = 'stroke="white" stroke-width="4" paint-order="stroke"'
_ROW, _LEFT, _WIDTH, _TOP, _LONGEST = 18, 440, 330, 50, 1.5


def chart(figures: list[Figure], machine: str) -> str:
    height = _TOP + _ROW * len(figures) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _WIDTH + 110}" height="{height}" '
        'font-family="sans-serif" font-size="11">',
        '<rect width="100%" height="100%" fill="white"/>',
        '<text x="10" y="20" font-size="14" font-weight="bold">How much of its aim each figure takes (shorter is better)</text>',
        f'<text x="10" y="38" fill="#555">{escape(machine)}</text>',
    ]
    line = _LEFT + _WIDTH / _LONGEST
    parts += [f'<path d="M{line:.0f} {_TOP} V{height - 26}" stroke="#888" stroke-dasharray="2 4"/>',
              f'<text x="{line:.0f}" y="{height - 11}" text-anchor="middle">aim</text>']
    for number, figure in enumerate(figures):
        assert figure.aim is not None
        y = _TOP + _ROW * number
        share = figure.value / figure.aim if figure.better == "less" else figure.aim / figure.value
        width = max(1.0, min(share, _LONGEST) * _WIDTH / _LONGEST)
        colour = "#2b7a4b" if figure.met else "#b3412e"
        aim = f"{'≤' if figure.better == 'less' else '≥'} {figure.aim:g}"
        parts += [
            f'<text x="{_LEFT - 8}" y="{y + 13}" text-anchor="end">{escape(figure.key)}</text>',
            f'<rect x="{_LEFT}" y="{y + 3}" width="{width:.0f}" height="{_ROW - 5}" fill="{colour}"/>',
            f'<text x="{_LEFT + width + 6:.0f}" y="{y + 13}" {_ABOVE_THE_LINE}>'
            f'{figure.value:.3g} {escape(figure.unit)} ({escape(aim)})</text>',
        ]
    parts.append("</svg>")
    return "\n".join(parts) + "\n"
