"""A text as its reader sees it: without what is invisible in it, and with one spelling of blanks, dashes and digits.

A serial number with a zero-width blank in the middle is the same number to whoever copies it. So what identifies is
looked for in the folded text, and the places found are carried back to the text itself.
"""

from __future__ import annotations

import re
from bisect import bisect_right

# UTF-8. Invisible: zero-width blanks and joiners, directions, soft hyphens, variation selectors.
_FOLDED = re.compile(
    rb"\xc2[\xa0\xad]|\xcd\x8f|\xd9[\xa0-\xa9]|\xdb[\xb0-\xb9]|\xe1\xa0\x8e"
    rb"|\xe2(?:\x80[\x80-\x95\x98\x99\xa8-\xaf]|\x81[\xa0-\xa4])|\xef(?:\xbb\xbf|\xb8[\x80-\x8f]|\xbc[\x90-\x99])")
_BLANKS = frozenset("\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f")
_DASHES = frozenset("\u2010\u2011\u2012\u2013\u2014\u2015")
_QUOTES = frozenset("\u2018\u2019")


class Folded:
    """text: folded; the same object where there was nothing to fold. span: a place in it, as a place in the original."""

    __slots__ = ("text", "_original", "_ascii", "_places", "_shifts")

    def __init__(self, original: bytes) -> None:
        self._original = original
        self._places: list[int] = []  # in the folded text: from here on
        self._shifts: list[int] = []  # so much must be added
        self._ascii = original.isascii()
        self.text = original if self._ascii else self._fold(original)

    def _fold(self, original: bytes) -> bytes:
        pieces: list[bytes] = []
        at = length = 0
        for found in _FOLDED.finditer(original):
            kept, seen = original[at:found.start()], _seen_as(found[0])
            pieces += (kept, seen)
            length += len(kept) + len(seen)
            at = found.end()
            self._places.append(length)
            self._shifts.append(at - length)
        if not pieces:
            return original
        pieces.append(original[at:])
        return b"".join(pieces)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Whole characters, whatever a search over bytes took for a beginning or an end."""
        if self._ascii:
            return start, end
        original = self._original
        start, end = self._place(start), self._place(end - 1) + 1
        while start > 0 and 0x80 <= original[start] < 0xC0:
            start -= 1
        while end < len(original) and 0x80 <= original[end] < 0xC0:
            end += 1
        return start, end

    def _place(self, at: int) -> int:
        known = bisect_right(self._places, at)
        return at + self._shifts[known - 1] if known else at


def folded(text: str) -> str:
    return Folded(text.encode("utf-8", "replace")).text.decode("utf-8", "replace")


def _seen_as(character: bytes) -> bytes:
    letter = character.decode("utf-8", "replace")
    if letter in _BLANKS:
        return b" "
    if letter in _DASHES:
        return b"-"
    if letter in _QUOTES:
        return b"'"
    return str(int(letter)).encode() if letter.isdigit() else b""
