"""grep, egrep, fgrep: the lines in which a regular expression is found."""

from __future__ import annotations

import re

from pyworker.virtual.android.mksh.process import Process
from pyworker.virtual.android.toybox.command_line import options
from pyworker.virtual.android.toybox.contents import bare_lines

MATCHED, NOT_MATCHED, FAILED = 0, 1, 2


def grep(process: Process) -> int:
    tool = process.arguments[0]
    chosen, operands = options(process.arguments, "emABC")
    if "e" in chosen:
        operands = [chosen["e"], *operands]
    if not operands:
        process.err(f"{tool}: no REGEX\n")
        return FAILED
    try:
        regex = re.compile(_as_regex(tool, operands[0], chosen), re.IGNORECASE if "i" in chosen else 0)
    except re.error:
        process.err(f"{tool}: bad REGEX '{operands[0]}'\n")
        return FAILED
    return _search(process, regex, operands[1:] or ["-"], chosen)


def _as_regex(tool: str, text: str, chosen: dict[str, str]) -> bytes:
    """What is looked for, in Python's words. Raises re.error only where it is compiled."""
    if "F" in chosen or tool == "fgrep":
        text = "|".join(re.escape(each) for each in text.split("\n"))
    elif "E" not in chosen and tool != "egrep":
        text = _basic_regex(text)
    if "x" in chosen:
        text = f"^(?:{text})$"
    if "w" in chosen:
        text = rf"\b(?:{text})\b"
    return text.encode("latin-1")


def _basic_regex(text: str) -> str:
    """POSIX basic to Python: `\\|`, `\\(`, `\\{`, `\\+`, `\\?` are operators, without the backslash they are themselves."""
    return re.sub(r"\\?[|(){}+?]", lambda found: found[0][1:] if found[0][0] == "\\" else "\\" + found[0], text)


def _search(process: Process, regex: re.Pattern[bytes], names: list[str], chosen: dict[str, str]) -> int:
    failed: list[str] = []
    matched = 0
    for name in names:
        file = f"{name}:" if len(names) > 1 and "h" not in chosen else ""
        found = _search_one(process, regex, name, file, chosen, failed)
        matched += found
        if found and "q" in chosen:
            return MATCHED
        if "l" in chosen and found:
            process.out(name + "\n")
        elif "c" in chosen:
            process.out(f"{file}{found}\n")
    if failed and "s" not in chosen:
        return FAILED
    return MATCHED if matched else NOT_MATCHED


def _search_one(
    process: Process, regex: re.Pattern[bytes], name: str, file: str, chosen: dict[str, str], failed: list[str],
) -> int:
    """How many lines of one file match; file: what stands before each, where there is more than one to look in."""
    matched = 0
    most = int(chosen["m"]) if chosen.get("m", "").isdigit() else None
    only = regex if "o" in chosen and "v" not in chosen else None
    for number, line in enumerate(bare_lines(process, [name], failed), 1):
        if matched == most:
            break
        if bool(regex.search(line)) == ("v" in chosen):
            continue
        matched += 1
        if "q" in chosen:
            break
        if not ("c" in chosen or "l" in chosen):
            place = file + (f"{number}:" if "n" in chosen else "")
            process.out_bytes(_shown(place.encode("latin-1"), line, only))
    return matched


def _shown(place: bytes, line: bytes, only: re.Pattern[bytes] | None) -> bytes:
    """The line, or with `only` each text in it that matches, on a line of its own."""
    found = [line] if only is None else [each.group() for each in only.finditer(line)]
    return b"".join(place + each + b"\n" for each in found)
