"""`settings get` and `settings list`: the tables secure, global and system.

`get` of a name that is not in the table prints "null". An empty answer is no answer: it is what a dying phone gives.
`list` prints "name=value", split at the first "="; values hold JSON, URLs, base64 and sometimes newlines.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pyworker.android.dump_text import read_dump
from pyworker.findings import MISSING, Unread

_ROW = re.compile(r"([A-Za-z0-9_.:/|@ -]{1,256}?)=(.*)$", re.S)
_LOADER_NOISE = re.compile(r"WARNING: linker|CANNOT LINK", re.I)  # printed by the dynamic linker before the answer
_TROUBLE = re.compile(
    r"\S*exception\b|error\b|usage\b|failure\b|killed\b|permission denial|security exception|cmd: |can't find service"
    r"|unknown command|.*: (inaccessible or )?not found$|.*: permission denied$", re.I)


class Settings(NamedTuple):
    """values: by name; "null" and empty values as printed. whole: the list was not cut."""

    values: dict[str, str]
    whole: bool


def parse_setting(data: bytes | str, cut: bool = False) -> str | Unread:
    """`settings get` -> the value; MISSING when the table has no such name."""
    dump = read_dump(data, cut)
    lines = [line.strip(" \t") for line in (*dump.lines, dump.unfinished)]  # control characters are damage, not space
    said = [line for line in lines if line and not _LOADER_NOISE.match(line)]
    if len(said) != 1 or _TROUBLE.match(said[0]):
        why = dump.refusal()
        return why if said and why.reason != "key_missing" else Unread(dump.damaged or "unreadable")
    if cut:
        return Unread("truncated")
    return MISSING if said[0] == "null" else said[0]


def parse_settings_list(data: bytes | str, cut: bool = False) -> Settings | Unread:
    """`settings list` -> Settings; lines that begin no row belong to the value before them."""
    dump = read_dump(data, cut)
    values: dict[str, str] = {}
    latest = ""
    for line in dump.lines:
        row = _ROW.match(line)
        if row:
            latest = row.group(1)
            values.setdefault(latest, row.group(2))
        elif latest and line.strip():
            values[latest] += "\n" + line
    return Settings(values, dump.damaged is None) if values else dump.refusal()


def flag(value: object) -> int | Unread:
    """A setting that is a switch: 0 or 1, else Unread."""
    if isinstance(value, Unread):
        return value
    return int(str(value)) if value in ("0", "1") else Unread("unreadable")
