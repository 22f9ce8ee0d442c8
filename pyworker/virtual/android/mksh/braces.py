"""Brace expansion: `a{b,c}d` becomes `abd acd`, before anything else is expanded. Quoted braces are plain text."""

from __future__ import annotations

from pyworker.virtual.android.mksh.tree import Literal, Part, Word

MAX_WORDS = 1024  # braces multiply; a script that asks for more keeps its braces


def expanded(word: Word) -> list[Word]:
    """The words one word stands for; itself alone when no braces with a comma are in it."""
    items: list[Part] = []
    for part in word:
        if isinstance(part, Literal) and not part.quoted:
            items.extend(Literal(char, False) for char in part.text)
        else:
            items.append(part)
    found = _expanded(items)
    return [_joined(each) for each in found] if len(found) <= MAX_WORDS else [word]


def _expanded(items: list[Part]) -> list[list[Part]]:
    for start, item in enumerate(items):
        if not _is(item, "{"):
            continue
        commas, end = _group(items, start)
        if end and commas:
            edges = [start, *commas, end]
            choices = [items[edges[at] + 1 : edges[at + 1]] for at in range(len(edges) - 1)]
            rests = _expanded(items[end + 1 :])
            inner = [each for choice in choices for each in _expanded(choice)]
            return [items[:start] + each + rest for each in inner for rest in rests][: MAX_WORDS + 1]
    return [items]


def _group(items: list[Part], start: int) -> tuple[list[int], int]:
    """Positions of the commas of the group that opens at `start`, and of its closing brace (0: none)."""
    depth = 0
    commas: list[int] = []
    for at in range(start, len(items)):
        if _is(items[at], "{"):
            depth += 1
        elif _is(items[at], "}"):
            depth -= 1
            if depth == 0:
                return commas, at
        elif _is(items[at], ",") and depth == 1:
            commas.append(at)
    return commas, 0


def _is(item: Part, char: str) -> bool:
    return isinstance(item, Literal) and not item.quoted and item.text == char


def _joined(items: list[Part]) -> Word:
    out: list[Part] = []
    for item in items:
        before = out[-1] if out else None
        if isinstance(item, Literal) and not item.quoted and isinstance(before, Literal) and not before.quoted:
            out[-1] = Literal(before.text + item.text, False)
        else:
            out.append(item)
    return tuple(out)
