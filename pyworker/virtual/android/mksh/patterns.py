"""Shell patterns (`*`, `?`, `[…]`) as regular expressions: for `case`, `${x%…}`, file names and `[[ … ]]`.

A pattern comes as (text, quoted) pieces: what was quoted in the script matches only itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable


def has_pattern(pieces: Iterable[tuple[str, bool]]) -> bool:
    return any(not quoted and any(char in "*?[" for char in text) for text, quoted in pieces)


def as_regex(pieces: Iterable[tuple[str, bool]], star: str = ".*") -> str:
    """`star` is what `*` becomes: "[^/]*" for file names, ".*?" for the shortest match."""
    one = "[^/]" if star.startswith("[^/]") else "."
    out: list[str] = []
    for text, quoted in pieces:
        if quoted:
            out.append(re.escape(text))
            continue
        at = 0
        while at < len(text):
            char = text[at]
            at += 1
            if char == "*":
                out.append(star)
            elif char == "?":
                out.append(one)
            elif char == "[":
                end = text.find("]", at + (2 if text[at : at + 1] in ("!", "^") else 1))
                if end < 0:
                    out.append(re.escape(char))
                    continue
                inner = text[at:end]
                negated = inner[:1] in ("!", "^")
                inner = inner[1:] if negated else inner
                out.append("[" + ("^" if negated else "") + inner.replace("\\", "\\\\").replace("[", "\\[") + "]")
                at = end + 1
            else:
                out.append(re.escape(char))
    return "".join(out)


def matches(pieces: Iterable[tuple[str, bool]], text: str) -> bool:
    return re.fullmatch(as_regex(pieces), text, re.DOTALL) is not None


def without_prefix(pieces: Iterable[tuple[str, bool]], text: str, longest: bool) -> str:
    found = re.match(as_regex(pieces, ".*" if longest else ".*?"), text, re.DOTALL)
    return text[found.end() :] if found else text


def without_suffix(pieces: Iterable[tuple[str, bool]], text: str, longest: bool) -> str:
    regex = re.compile(as_regex(pieces) + r"\Z", re.DOTALL)
    starts = range(len(text) + 1) if longest else range(len(text), -1, -1)
    for start in starts:
        if regex.match(text, start):
            return text[:start]
    return text


def replaced(pieces: Iterable[tuple[str, bool]], text: str, by: str, everywhere: bool) -> str:
    regex = as_regex(pieces)
    if not regex:
        return text
    return re.sub(regex, lambda _: by, text, count=0 if everywhere else 1, flags=re.DOTALL)
