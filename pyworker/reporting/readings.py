"""Any value of a finding as text: with its label, its unit and its reasons, whatever its name is.

A group prints as "label: value" parts, members that are null with their reason; inside another one it prints as
"label value". It goes two levels down; what lies deeper is for the JSON copy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyworker.reporting.words import Words

# A reading is a line or three on paper. Lists beyond it (permissions, sensors) are counted.
MOST_ITEMS = 12
DEEPEST = 2


def is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def scalar(name: str, value: Any, words: Words) -> str:
    if value is None:
        return words.state("not_determined")
    if isinstance(value, bool):
        return words.state("yes" if value else "no")
    if isinstance(value, (int, float)):
        return words.measure(name, value)
    text = str(value)
    if words.is_moment(text):
        return words.date(text) if name.endswith(("date", "day")) else words.moment(text)
    return words.value(text)


def parts(name: str, value: Any, unknown: Mapping[str, str], words: Words, depth: int = 0) -> list[str]:
    """The value in short texts, each to stand on a line of its own or beside the others."""
    if isinstance(value, dict):
        return _group(value, unknown, words, depth)
    if isinstance(value, list):
        return _list(name, value, words, depth)
    return [scalar(name, value, words)]


def _group(value: dict[str, Any], unknown: Mapping[str, str], words: Words, depth: int) -> list[str]:
    if depth:
        return [f"{words.label(member)} {scalar(member, inner, words)}" for member, inner in list(value.items())[:MOST_ITEMS]
                if inner is not None and not isinstance(inner, (dict, list))]
    said: list[str] = []
    for member, inner in value.items():
        label = words.label(member)
        if inner is None:
            if member in unknown:
                said.append(words.pair(label, words.state("not_determined") + f" ({words.reason(unknown[member])})"))
        elif isinstance(inner, (dict, list)):
            if depth < DEEPEST and inner:
                said.append(words.pair(label, words.joined(parts(member, inner, {}, words, depth + 1))))
            elif not inner:
                said.append(words.pair(label, words.state("none")))
        else:
            said.append(words.pair(label, scalar(member, inner, words)))
    return said


def _list(name: str, value: list[Any], words: Words, depth: int) -> list[str]:
    if not value:
        return [words.state("none")]
    said: list[str] = []
    for item in value[:MOST_ITEMS]:
        if isinstance(item, (dict, list)):
            if depth < DEEPEST:
                said.append(words.joined(parts(name, item, {}, words, depth + 1)))
        else:
            said.append(scalar(name, item, words))
    if len(value) > MOST_ITEMS:
        said.append(words.say("and_more", count=len(value) - MOST_ITEMS))
    return said
