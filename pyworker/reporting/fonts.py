"""Which of the packaged fonts a document needs, and which of its characters none of them can draw.

The engine falls back per character along the families it is given, but a character none of them has comes out blank,
without an error. So the text is looked through first: such characters are replaced by a box that shows, and counted.
Families a document does not need are not offered at all: the East Asian one alone takes longer to load than a page
to lay out.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from functools import cache
from typing import NamedTuple

from protocol.json_text import loads

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "templates", "fonts")

# What stands for a character without a glyph. The Symbols family has it.
BOX = "\u25a1"
MONO = "Report Mono"
# Selectors of glyph variants: they have no shape of their own, and without the variant the plain glyph is right.
_NO_SHAPE = dict.fromkeys([*range(0xFE00, 0xFE10), 0x00AD])


class Family(NamedTuple):
    """faces: weight ("regular", "bold") -> file name in FOLDER. starts, ends: the ranges it covers, sorted."""

    name: str
    faces: dict[str, str]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def covers(self, point: int) -> bool:
        at = bisect_right(self.starts, point) - 1
        return at >= 0 and point <= self.ends[at]


class Fitted(NamedTuple):
    """text: with a box for each character that cannot be drawn. families: those it needs, in order of preference.

    missing: how many characters were replaced.
    """

    text: str
    families: tuple[Family, ...]
    missing: int


@cache
def families() -> tuple[Family, ...]:
    with open(os.path.join(FOLDER, "fonts.json"), "rb") as file:
        listing = loads(file.read())["families"]
    return tuple(
        Family(
            entry["family"],
            {weight: face["file"] for weight, face in entry["faces"].items()},
            tuple(low for low, _ in entry["covers"]),
            tuple(high for _, high in entry["covers"]),
        ) for entry in listing)


def fit(text: str) -> Fitted:
    """Make a document's whole text printable with the packaged fonts."""
    text = text.translate(_NO_SHAPE)
    proportional = [family for family in families() if family.name != MONO]
    needed = {proportional[0].name, MONO}
    missing = []
    for char in set(text):
        point = ord(char)
        if char.isspace() or proportional[0].covers(point):
            continue
        family = next((family for family in proportional[1:] if family.covers(point)), None)
        if family is None:
            missing.append(char)
        else:
            needed.add(family.name)
    count = 0
    if missing:
        count = len(text) - len(text.translate(dict.fromkeys(map(ord, missing))))
        text = text.translate(dict.fromkeys(map(ord, missing), BOX))
        needed.add(next(family.name for family in proportional if family.covers(ord(BOX))))
    return Fitted(text, tuple(family for family in families() if family.name in needed), count)
