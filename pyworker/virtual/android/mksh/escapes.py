r"""Backslash escapes, as echo, printf and `$'…'` have them."""

from __future__ import annotations

import re

LETTERS = {
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "E": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
}
# A leading 0 does not count as one of the three octal digits, but in quotes it does.
ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{0,2}|0[0-7]{0,3}|[0-7]{1,3}|.)", re.DOTALL)
ESCAPE_IN_QUOTES = re.compile(r"\\(x[0-9a-fA-F]{0,2}|[0-7]{1,3}|.)", re.DOTALL)


def unescape(text: str, quotes: bool = False, echo: bool = False) -> tuple[str, bool]:
    r"""The text that is meant, and whether `\c` ended it (not echo's). quotes: these are the escapes of `$'…'`."""
    out: list[str] = []
    at = 0
    for found in (ESCAPE_IN_QUOTES if quotes else ESCAPE).finditer(text):
        out.append(text[at : found.start()])
        at = found.end()
        if found[1] != "c" or quotes:
            out.append(_meant(found[1], quotes))
        elif not echo:
            return "".join(out), True
    return "".join(out) + text[at:], False


def _meant(escape: str, quotes: bool) -> str:
    """What the characters after a backslash stand for; those that mean nothing stay what they are."""
    if escape in LETTERS:
        return LETTERS[escape]
    if escape[0] in "01234567":
        return chr(int(escape, 8) & 0xFF)
    if escape[0] == "x" and len(escape) > 1:
        return chr(int(escape[1:], 16))
    if quotes and escape in "\"'?":
        return escape
    return "\\" + escape
