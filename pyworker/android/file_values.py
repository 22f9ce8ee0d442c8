"""`grep . FILE...`: the values of small files under /sys and /proc in one command, each line with its file's name.

"PATH:VALUE" a line; a file that may not be read gives "grep: PATH: Permission denied" on the same stream, one that does
not exist "No such file or directory". All greps agree on this: toolbox's (Android 5), toybox's and busybox's.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pyworker.android.dump_text import read_dump
from pyworker.findings import MISSING, Unread

_VALUE = re.compile(r"(/\S{1,300}/[^/:\s]{1,80}):(.*)$")  # folders have colons in their names, these files have none
_TROUBLE = re.compile(r"grep: (/\S{1,300}): (.+)$")


class FileValues(NamedTuple):
    """values: the first line of each file that was read, by path. refused: paths the shell may not read."""

    values: dict[str, str]
    refused: tuple[str, ...]

    def ending(self, *names: str) -> str | Unread:
        """The value of the first file whose path ends with one of these, else why there is none. A 0 is a value nobody
        filled in, as long as another file has one."""
        found = [value for name in names for path, value in self.values.items() if path.endswith("/" + name)]
        if found:
            return next((value for value in found if value != "0"), found[0])
        if any(path.endswith("/" + name) for path in self.refused for name in names):
            return Unread("permission_denied")
        return MISSING


def parse_file_values(data: bytes | str, cut: bool = False) -> FileValues | Unread:
    """grep's output -> FileValues; Unread when no file at all could be read, with the telling reason."""
    dump = read_dump(data, cut)
    values: dict[str, str] = {}
    refused: list[str] = []
    for line in dump.lines:
        value, trouble = _VALUE.match(line), _TROUBLE.match(line)
        if value:
            values.setdefault(value.group(1), value.group(2).strip())
        elif trouble and "denied" in trouble.group(2).lower():
            refused.append(trouble.group(1))
    if values or refused:
        return FileValues(values, tuple(refused))
    why = dump.refusal()
    # Not one of the files exists: the phone keeps these values elsewhere, or not at all.
    return MISSING if "No such file" in "".join(dump.lines[:3]) else why
