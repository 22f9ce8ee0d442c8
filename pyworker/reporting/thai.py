"""Thai as its readers write it, for an engine that puts every sign where its font has it by default.

A tone mark stands above the vowel of its syllable, a sign above a tall consonant stands to its left, and below a
consonant with a tail either the tail gives way or the vowel goes lower. Fonts hold glyphs for it, which a shaping engine
would choose. This one has none, so the packaged font has those glyphs at private code points, chosen here by the rules
of the script (WTT 2.0, and what the font's own tables say). What is copied out of the document is Thai again: `plain`.
"""

from __future__ import annotations

import re

# Private code point of a variant: the low byte is the sign's in its block, the page says which variant.
BLOCK = 0x0E00
NARROW, RAISED, RAISED_NARROW, SHORT = 0xE100, 0xE200, 0xE300, 0xE400
PAGES = (NARROW, RAISED, RAISED_NARROW, SHORT)

UPPER_VOWELS = "\u0e31\u0e34\u0e35\u0e36\u0e37\u0e47\u0e4d"
LOWER_VOWELS = "\u0e38\u0e39\u0e3a"
TONES = "\u0e48\u0e49\u0e4a\u0e4b\u0e4c"
# Po pla, fo fa, fo fan: they reach as high as a sign above them.
TALL = "\u0e1b\u0e1d\u0e1f"
# Lo chula has a lower form for what stands above it; do chada and to patak for what stands below; yo ying and tho than
# lose their tails there.
GIVE_WAY_ABOVE = "\u0e2c"
GIVE_WAY_BELOW = "\u0e0e\u0e0f"
LOSE_TAIL = "\u0e0d\u0e10"
AM, NIKHAHIT, AA = "\u0e33", "\u0e4d", "\u0e32"

_SYLLABLE = re.compile(
    f"([\u0e01-\u0e2e])([{LOWER_VOWELS}]?)([{UPPER_VOWELS}]?)([{TONES}]?)({AM}?)")


def shaped(text: str) -> str:
    """The text with variants where its signs would collide."""
    return _SYLLABLE.sub(_shape, text)


def plain(point: int) -> int:
    """The sign whose variant a code point is; any other point stays itself."""
    return BLOCK + (point & 0xFF) if point & 0xFF00 in PAGES else point


def _shape(found: re.Match[str]) -> str:
    consonant, below, above, tone, am = found.groups()
    if not (below or above or tone or am):
        return found[0]
    tall = consonant in TALL
    if below and consonant in GIVE_WAY_BELOW:
        consonant, below = _variant(SHORT, consonant), _variant(RAISED, below)  # the raised form of a vowel below is its lower one
    elif (below and consonant in LOSE_TAIL) or (not below and consonant in GIVE_WAY_ABOVE):
        consonant = _variant(SHORT, consonant)
    if am and tall and not above:
        # Its ring would stand on the consonant's stem.
        above, am = NIKHAHIT, AA
    raised = bool(above or am)
    if tone:
        page = (RAISED_NARROW if tall else RAISED) if raised else (NARROW if tall else 0)
        tone = _variant(page, tone) if page else tone
    if above and tall:
        above = _variant(NARROW, above)
    return consonant + below + above + tone + am


def _variant(page: int, sign: str) -> str:
    return chr(page + ord(sign) - BLOCK)
