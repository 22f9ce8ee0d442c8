"""File names made of what a phone says: one path component, on every system, whatever it says."""

from __future__ import annotations

import re

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+", re.ASCII)
# Names that are devices on Windows, with any ending.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|\Z)", re.IGNORECASE)
# Every file system takes 255 bytes; a suffix and a temporary name must still fit.
LONGEST = 120


def safe_name(name: str) -> str:
    """Letters, digits, '.', '_' and '-'; no leading dot or dash, no trailing dot; never empty."""
    safe = _UNSAFE.sub("_", name).lstrip(".-")[:LONGEST].rstrip(".")
    if not safe:
        return "_"
    return f"_{safe}" if _DEVICE.match(safe) else safe


class Names:
    """Names that were given out: each is given once, also to a system that does not tell capitals apart."""

    __slots__ = ("_taken",)

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, name: str) -> str:
        safe = safe_name(name)
        stem, dot, ending = safe.partition(".")
        number = 1
        candidate = safe
        while candidate.lower() in self._taken:
            number += 1
            candidate = f"{stem}-{number}{dot}{ending}"
        self._taken.add(candidate.lower())
        return candidate
