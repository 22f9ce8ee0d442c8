"""A text to be redacted, in the forms it is searched in, and the places found in it.

Searching bytes for bytes is fast and linear; searching for a pattern at every byte is neither. So a text is translated,
once, into shapes in which what identifies has a fixed spelling ("hh:hh:hh:hh:hh:hh" is a hardware address), and only
what stands around a hit is looked at more closely.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DIGITS = bytes(0x30 if chr(code) in "0123456789" else 0x61 if chr(code).isascii() and chr(code).isalpha() else code
                for code in range(256))
_HEX = bytes(0x68 if chr(code) in "0123456789abcdefABCDEF" else 0x3A if chr(code) in ":-" else 0x2E
             for code in range(256))
_SAME = re.compile(rb"0+|h+")
# No word that a pattern begins before its hit is longer.
_LONGEST_WORD = 48


class Span(NamedTuple):
    start: int
    end: int
    kind: str


class Shaped(NamedTuple):
    """A text and its shapes, all of the same length. digits: every digit a 0, every letter an a. hex: every
    hexadecimal digit an h, colons and dashes a colon, all else a dot.
    """

    text: bytes
    lower: bytes
    digits: bytes
    hex: bytes


def shaped(text: bytes) -> Shaped:
    return Shaped(text, text.lower(), text.translate(_DIGITS), text.translate(_HEX))


def hits(text: bytes, needles: Iterable[bytes]) -> Iterator[int]:
    """Where one of the needles stands, needle by needle; none overlaps the one before it."""
    for needle in needles:
        at = text.find(needle)
        while at >= 0:
            yield at
            at = text.find(needle, at + len(needle))


def words(
    seen: Shaped, shape: bytes, needles: Iterable[bytes], pattern: re.Pattern[bytes], kind: str, inside: bytes,
) -> Iterator[Span]:
    """Matches of `pattern` that begin where a word begins: a run of what `inside` lists, in the shape of digits."""
    for needle in needles:
        at = shape.find(needle)
        while at >= 0:
            before = seen.digits[max(0, at - _LONGEST_WORD):at]
            start = at - (len(before) - len(before.rstrip(inside)) if inside else 0)
            found = pattern.match(seen.text, start)
            if found is not None:
                yield Span(found.start(), found.end(), kind)
            end = at + len(needle)
            if found is not None:
                end = max(end, found.end())
            else:
                # Not again from every place of one long run of digits.
                run = _SAME.match(shape, end - 1)
                end = run.end() if run is not None else end
            at = shape.find(needle, end)
