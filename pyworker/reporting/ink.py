"""The one way for text into a report: neutralised, cut to what fits its place, and counted.

The engine shrinks a table row that is higher than a page until nobody can read it, silently. So each place has a
length, and what is beyond it is said to be in the JSON copy. The lengths are for wide letters: twenty-four lines of
common ones, and still less than a page of the widest.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pyworker.reporting.neutralise import is_right_to_left, neutralise
from pyworker.reporting.view import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyworker.reporting.words import Words

# A line of body text over the page's whole width.
LETTERS_A_LINE = 110
LINES_A_CELL = 24
LONGEST = 2_000

MOST_ROWS = 2_000
ROWS_A_TABLE = 100
MOST_PARAGRAPHS = 200
MOST_LOG_LINES = 200
LOG_LINES_A_BLOCK = 50
LONGEST_LOG_LINE = 400
# A number and its unit are held together by a blank that does not break.
_BLANKS = re.compile(r"[^\S\u00a0\u202f]+")


class Ink:
    """replaced: characters neutralised so far. shortened: whether anything was cut. rows_left: of MOST_ROWS."""

    __slots__ = ("words", "replaced", "shortened", "rows_left")

    def __init__(self, words: Words) -> None:
        self.words = words
        self.replaced = 0
        self.shortened = False
        self.rows_left = MOST_ROWS

    def line(self, text: str, longest: int = LONGEST) -> str:
        """One line: line ends and runs of blanks become one space."""
        if len(text) > 16 * LONGEST:
            # What is cut anyway need not be looked at letter by letter.
            head, rest = text[:16 * LONGEST], len(text) - 16 * LONGEST
        else:
            head, rest = text, 0
        clean, replaced = neutralise(head)
        self.replaced += replaced
        clean = _BLANKS.sub(" ", clean).strip()
        if len(clean) + rest <= longest:
            return clean
        self.shortened = True
        return clean[:longest].rstrip() + " " + self.words.say("cut", count=len(clean) - longest + rest)

    def text(self, text: str, width: int = 100, mono: bool = False, lines: int = LINES_A_CELL) -> Text:
        """Text for a place `width` percent of the page wide, line ends kept."""
        longest = min(LONGEST, LINES_A_CELL * LETTERS_A_LINE * width // 100)
        clean = self._several(text.splitlines() if len(text) <= LONGEST * 16 else [text], longest, lines)
        return Text(clean or ("",), is_right_to_left(clean[0]) if clean else False, mono)

    def texts(self, parts: Sequence[str], width: int = 100, lines: int = LINES_A_CELL) -> Text:
        """Several short texts, a line each."""
        longest = min(LONGEST, LINES_A_CELL * LETTERS_A_LINE * width // 100)
        clean = self._several(parts, longest, lines)
        return Text(clean or ("",), is_right_to_left(clean[0]) if clean else False)

    def _several(self, parts: Sequence[str], longest: int, most: int) -> tuple[str, ...]:
        kept: list[str] = []
        for index, part in enumerate(parts):
            if longest <= 0 or len(kept) == most:
                self.shortened = True
                kept.append(self.words.say("and_more", count=len(parts) - index))
                break
            clean = self.line(part, longest)
            if clean:
                kept.append(clean)
                longest -= len(clean)
        return tuple(kept)

    def rows(self, items: Sequence[Any], most: int = MOST_ROWS) -> tuple[Sequence[Any], str]:
        """The items there is room for, and the sentence about the rest, "" when there is none."""
        room = min(most, self.rows_left)
        shown = items[:room]
        self.rows_left -= len(shown)
        if len(shown) == len(items):
            return shown, ""
        self.shortened = True
        return shown, self.words.say("and_more", count=len(items) - len(shown))
