"""Text from a phone or a form made safe to look at: nothing in it can steer, hide or reorder what is printed.

Three kinds of characters are replaced by a visible mark, so that a reader sees that something was there:
bidirectional controls (with U+202E "gpj.exe" prints as "exe.jpg", in every engine), control and other invisible
format characters, and lone surrogates (JSON can carry them, no encoding can). Newlines and tabs stay. What a
script needs to be written right stays too: the joiners of Arabic, Persian and Indic (U+200C, U+200D) and soft
hyphens are invisible but reorder nothing; combining marks are bounded, because a pile of them covers other lines.
"""

from __future__ import annotations

import re
from unicodedata import bidirectional, combining

MARK = "\ufffd"

# As many marks as any living script puts on one letter (Vietnamese two, pointed Hebrew and Arabic three), and one.
LONGEST_PILE = 4

_MISLEADING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"     # C0 and C1 without tab, newline, carriage return
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional marks, embeddings, overrides, isolates
    "\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff0-\ufffb"  # invisible formatting
    "\ud800-\udfff"                            # lone surrogates
    "\ufdd0-\ufdef\ufffe\uffff"                # noncharacters
    "\U000e0000-\U000e0fff"                    # tags: a second, invisible text
    "]"
)
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029\x85]")


def neutralise(text: str) -> tuple[str, int]:
    """The text fit to be printed, and how many characters were replaced by MARK."""
    if text.isascii() and text.isprintable():
        return text, 0
    text = _LINE_ENDS.sub("\n", text)
    text, replaced = _MISLEADING.subn(MARK, text)
    return _level_piles(text, replaced)


def _level_piles(text: str, replaced: int) -> tuple[str, int]:
    if text.isascii():
        return text, replaced
    kept: list[str] = []
    height = 0
    for char in text:
        height = height + 1 if combining(char) else 0
        if height > LONGEST_PILE:
            replaced += 1
            if height == LONGEST_PILE + 1:
                kept.append(MARK)
        else:
            kept.append(char)
    return "".join(kept), replaced


def is_right_to_left(text: str) -> bool:
    """Whether the first letter that has a direction runs right to left (rule P2 of the bidirectional algorithm)."""
    if text.isascii():
        return False
    for char in text:
        direction = bidirectional(char)
        if direction == "L":
            return False
        if direction in ("R", "AL"):
            return True
    return False
