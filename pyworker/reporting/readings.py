"""Any value of a finding as text: with its label, its unit and its reasons, whatever its name is.

A group prints as "label: value" parts, members that are null with their reason. Inside a list a group prints by what it
is called: "battery (Temperature 27.1 °C)". It goes two levels down; what lies deeper is for the JSON copy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyworker.reporting.words import Words

# A reading is a line or three on paper. Lists beyond it (permissions, sensors) are counted.
MOST_ITEMS = 12
DEEPEST = 2
# What every part says of itself while nothing is the matter.
_AT_REST = ("status", 0)
# Members whose values are words of a system, not names: what no catalogue has still prints readably.
_WORDS = frozenset({"type", "status", "tray", "postponement", "group", "usual_missing", "health"})
# Groups whose members have names that are not the worker's: processes.
_NAMED_BY_OTHERS = frozenset({"by_process"})


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
    known = words.value(text, name)
    return text.replace("_", " ") if known == text and name in _WORDS else known


def parts(name: str, value: Any, unknown: Mapping[str, str], words: Words, depth: int = 0) -> list[str]:
    """The value in short texts, each to stand on a line of its own or beside the others."""
    if isinstance(value, dict):
        return _group(name, value, unknown, words, depth)
    if isinstance(value, list):
        return _list(name, value, words, depth)
    return [scalar(name, value, words)]


def _group(name: str, value: dict[str, Any], unknown: Mapping[str, str], words: Words, depth: int) -> list[str]:
    if depth:
        return _members(name, value, words)
    said: list[str] = []
    for member, inner in value.items():
        label = words.label(member)
        if inner is None:
            if member in unknown:
                said.append(words.pair(label, words.state("not_determined") + f" ({words.reason(unknown[member])})"))
        elif isinstance(inner, (dict, list)):
            if inner:
                said.append(words.pair(label, words.joined(parts(member, inner, {}, words, depth + 1))))
            else:
                said.append(words.pair(label, words.state("none")))
        else:
            said.append(words.pair(label, scalar(member, inner, words)))
    return said


def _members(name: str, value: dict[str, Any], words: Words) -> list[str]:
    """Of a group inside another one, called `name`, or in a list of it."""
    said = []
    for member, inner in list(value.items())[:MOST_ITEMS]:
        if isinstance(inner, list) and inner and not any(isinstance(item, (dict, list)) for item in inner):
            text = words.joined(scalar(member, item, words) for item in inner[:MOST_ITEMS])
        elif inner in (None, "") or isinstance(inner, (dict, list)) or (member, inner) == _AT_REST:
            continue
        else:
            # Sizes by category have the unit in the name of the whole.
            text = scalar(name if is_number(inner) and words.has_unit(name) else member, inner, words)
        if words.is_moment(member):
            said.append(words.pair(words.date(member), text))
        else:
            said.append(f"{member if name in _NAMED_BY_OTHERS else words.label(member)} {text}")
    return said


def _list(name: str, value: list[Any], words: Words, depth: int) -> list[str]:
    if not value:
        return [words.state("none")]
    said: list[str] = []
    for item in value[:MOST_ITEMS]:
        if isinstance(item, dict):
            said.append(_item(name, item, words))
        elif isinstance(item, list):
            if depth < DEEPEST:
                said.append(words.joined(parts(name, item, {}, words, depth + 1)))
        else:
            said.append(scalar(name, item, words))
    if len(value) > MOST_ITEMS:
        said.append(words.say("and_more", count=len(value) - MOST_ITEMS))
    return [words.items(said)] if any(isinstance(item, dict) for item in value) else said


def _item(group: str, item: dict[str, Any], words: Words) -> str:
    """A group in a list: its first text names it, the rest stands behind it."""
    name = next((member for member, inner in item.items() if isinstance(inner, str) and inner), None)
    if name is None:
        return words.joined(_members(group, item, words))
    called = scalar(name, item[name], words)
    others = {member: inner for member, inner in item.items() if member != name and inner != item[name]}
    rest = words.joined(_members(group, others, words))
    return words.say("named", name=called, about=rest) if rest else called
