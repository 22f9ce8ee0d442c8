"""`service call`: the hexadecimal picture of a reply, here always one string.

Result: Parcel(
  0x00000000: 00000000 0000000f 00350033 ... '........3.5.'
The words are little-endian, the text UTF-16; the first word is not 0 when the service threw. Facts: AOSP `service`.
"""

from __future__ import annotations

import re

from pyworker.android.dump_text import read_dump
from pyworker.findings import MISSING, Unread

_WORD = re.compile(r"(?<![0-9a-fA-Fx])([0-9a-fA-F]{8})(?![0-9a-fA-F:])")
LONGEST_STRING = 64  # the strings asked for are device numbers; anything longer is none


def parse_parcel_string(data: bytes | str, cut: bool = False) -> str | Unread:
    """The string in the reply; MISSING when it is null or empty, permission_denied when the service threw."""
    dump = read_dump(data, cut)
    lines = [line.strip() for line in (*dump.lines, dump.unfinished)]
    begun = next((at for at, line in enumerate(lines) if line.startswith("Result: Parcel(")), None)
    if begun is None:
        return dump.refusal()
    words = []
    for line in lines[begun:]:
        words += _WORD.findall(line.removeprefix("Result: Parcel(").split("'")[0])
    if len(words) < 2:
        return Unread("unreadable")
    if words[0] != "00000000":
        return Unread("permission_denied")
    length = int(words[1], 16)
    if length in (0, 0xFFFFFFFF):
        return MISSING
    units = [half for word in words[2:] for half in (int(word[4:], 16), int(word[:4], 16))]
    if length > LONGEST_STRING or len(units) < length:
        return Unread(dump.damaged or "unreadable")
    return "".join(chr(unit) for unit in units[:length] if not 0xD800 <= unit <= 0xDFFF)
