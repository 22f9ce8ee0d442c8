"""The words of a command line: options and operands, sizes, durations."""

from __future__ import annotations

import re
from collections.abc import Iterator

UNITS = {"": 1, "k": 1024, "m": 1 << 20, "g": 1 << 30}
SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def options(arguments: list[str], with_value: str = "") -> tuple[dict[str, str], list[str]]:
    """Options and operands. Letters in `with_value` take the rest of the word or the next one; the others stand for ""."""
    found: dict[str, str] = {}
    operands: list[str] = []
    words = iter(arguments[1:])
    for word in words:
        if word == "--":
            operands.extend(words)
        elif word.startswith("--"):
            name, _, value = word[2:].partition("=")
            found[name] = value
        elif word.startswith("-") and word != "-":
            _read_letters(word[1:], with_value, words, found)
        else:
            operands.append(word)
    return found, operands


def _read_letters(letters: str, with_value: str, following: Iterator[str], found: dict[str, str]) -> None:
    for at, letter in enumerate(letters):
        if letter in with_value:
            found[letter] = letters[at + 1 :] or next(following, "")
            return
        found[letter] = ""


def leading_options(arguments: list[str]) -> list[str]:
    """The options before the command that a tool is to start: what follows its name is not this tool's."""
    taken: list[str] = []
    while len(taken) < len(arguments) and arguments[len(taken)].startswith("-"):
        taken.append(arguments[len(taken)])
        if taken[-1] in ("-k", "-s") and len(taken) < len(arguments):
            taken.append(arguments[len(taken)])
    return taken


def size(text: str) -> int:
    """Bytes of "5", "-5", "2k", "1M"; 0 for anything else."""
    found = re.fullmatch(r"(-?\d+)([kKmMgG]?)", text)
    return int(found[1]) * UNITS[found[2].lower()] if found else 0


def duration(text: str) -> float | None:
    """Seconds of "5", "0.5", "2m"; None for anything else."""
    found = re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+)([smhd]?)", text)
    return float(found[1]) * SECONDS[found[2]] if found else None
