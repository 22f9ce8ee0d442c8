"""`getprop`: every system property the shell may see, "[key]: [value]" each.

Values may contain brackets, colons, any text, and newlines (boot reason histories, MediaTek picture settings): a value
ends with the first line that ends in "]", or where the next property begins. The order is that of whole lines on old
systems and that of names on newer ones, so order is only used to notice a listing that was cut. build.prop files have
another syntax and are not read here. Facts: published listings, Android 2.3 to 16.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pyworker.android.dump_text import read_dump
from pyworker.findings import Unread

_BEGINS = re.compile(r"\s*\[([^\[\]\s]{1,256})\]: ?\[(.*)$", re.S)
_BARE = re.compile(r"\s*\[([^\[\]\s]{1,256})\]:?\s*$")

# Phones that have lock states list 500 properties or more, more than half of them before those states, and all have
# some named after this one (vold.*, wlan.*, wifi.*, ...). A listing that long without any was cut, and a property that is
# not in it may have stood in the missing part. Shorter ones are old phones', or excerpts.
LISTED_AT_LEAST = 250
LATE_IN_THE_ALPHABET = "vendor.c"


class Properties(NamedTuple):
    """values: by name, an empty value is "". malformed: lines that are neither a property nor part of one.

    whole: nothing says that properties are missing, so one that is not among `values` is not set or not shown.
    """

    values: dict[str, str]
    malformed: int
    whole: bool

    def get(self, key: str) -> str | None:
        """The value, or None when the property is absent or empty: both say nothing."""
        return self.values.get(key, "").strip() or None


def parse_getprop(data: bytes | str, cut: bool = False) -> Properties | Unread:
    """`getprop` -> Properties; Unread when not one property can be found."""
    dump = read_dump(data, cut)
    lines = (*dump.lines, dump.unfinished) if dump.unfinished.strip() else dump.lines
    values: dict[str, str] = {}
    malformed = 0
    broken = False
    at = 0
    while at < len(lines):
        begun = _BEGINS.match(lines[at])
        if begun is None:
            malformed += bool(lines[at].strip())
            broken = broken or _is_remains(lines[at], bool(values), at == len(dump.lines))
            at += 1
            continue
        key, value = begun.group(1), begun.group(2)
        at += 1
        more = at
        while not value.rstrip().endswith("]") and more < len(lines) and not _starts_a_property(lines[more]):
            value += "\n" + lines[more]
            more += 1
        if value.rstrip().endswith("]"):
            at = more
            values.setdefault(key, value.rstrip()[:-1])
        else:
            malformed += 1
            broken = True
    if not values:
        return dump.refusal()
    # A last line without line end is a whole property all the same when its bracket is closed; else it is broken.
    damaged = cut or (dump.damaged is not None and not dump.unfinished.strip())
    tail_seen = len(values) < LISTED_AT_LEAST or any(key > LATE_IN_THE_ALPHABET for key in values)
    return Properties(values, malformed, not damaged and not broken and tail_seen)


def _is_remains(line: str, amid: bool, unfinished: bool) -> bool:
    """Whether a line that is no property is what is left of one. A prompt before the first is not, nor is the name that
    a publisher left when taking the value away."""
    if not line.strip() or (_BARE.match(line) and not unfinished):
        return False
    return amid or unfinished or line.rstrip().endswith("]")


def _starts_a_property(line: str) -> bool:
    return bool(_BEGINS.match(line) or _BARE.match(line))
