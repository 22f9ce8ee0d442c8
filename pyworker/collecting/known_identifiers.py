"""The identifiers that the worker knows of the phone on the cable, in the spellings logs use.

They are looked for literally: that finds what no pattern can.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from pyworker.collecting.folding import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# A known identifier that is shorter, or has no digit, would black out words that have nothing to do with it.
SHORTEST_KNOWN = 6
# A phone has about a dozen, each in a few spellings; the text is searched for each.
MOST_KNOWN = 60
# Names that a phone has from the factory are nobody's.
SHORTEST_NAME = 4
FACTORY_NAMES = frozenset(("iphone", "ipad", "ipod", "ipod touch", "phone", "android"))
# What may be a chip's number: sixteen decimal digits or so, more than an IMEI has, or marked as hexadecimal.
_CHIP = re.compile(r"0[xX][0-9a-fA-F]{8,16}\Z|[0-9]{16,20}\Z", re.ASCII)
_IMEI = re.compile(r"[0-9]{15}\Z", re.ASCII)
_MAC = re.compile(r"(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}\Z", re.ASCII)
# A number that is written in hexadecimal too is a chip's; shorter ones would be found everywhere.
SHORTEST_HEX = 10


def spellings(known: Mapping[str, Iterable[str]]) -> list[tuple[bytes, str]]:
    """[(spelling in lower case, kind)], the longest first. known: kind -> identifiers of it."""
    spelled: dict[bytes, str] = {}
    for kind, values in known.items():
        for value in values:
            for spelling in _variants(kind, folded(value).strip()):
                spelled.setdefault(spelling.lower().encode("utf-8", "replace"), kind)
    longest_first = sorted(spelled.items(), key=lambda item: (-len(item[0]), item[0]))
    return longest_first[:MOST_KNOWN]


def identifier_spellings(value: str) -> list[bytes]:
    """Of an identifier of whatever kind: as it is, without or with what stands between its digits, and in the other base.
    In lower case and folded.
    """
    value = folded(value).strip()
    bare = re.sub(r"[:. -]", "", value)
    spelled = [value, bare]
    if _CHIP.match(value):
        spelled += _other_base(value)
    if _IMEI.match(bare):
        # As the label on a box has it.
        spelled += [between.join((bare[:2], bare[2:8], bare[8:14], bare[14:])) for between in " -"]
    if _MAC.match(value):
        spelled.append(value.replace(":", "-"))
    return list(dict.fromkeys(spelling.lower().encode("utf-8", "replace") for spelling in spelled if spelling))


def _variants(kind: str, value: str) -> Iterator[str]:
    if kind == "name":
        if len(value) >= SHORTEST_NAME and value.lower() not in FACTORY_NAMES:
            yield value
            # As a host name, which is how an iPhone signs its log.
            for name in (value, value.replace("'", "")):
                yield re.sub(r"[^0-9A-Za-z-]+", "-", name).strip("-") if name.isascii() else name
                yield re.sub(r"\s+", "-", name)
            yield quote(value)
        return
    if len(value) < SHORTEST_KNOWN or not any(letter.isdigit() for letter in value):
        return
    yield value
    if kind == "mac":
        digits = re.sub(r"[:-]", "", value)
        pairs = [digits[at:at + 2] for at in range(0, len(digits), 2)]
        yield digits
        yield "-".join(pairs)
        yield "%3a".join(pairs)
    elif kind == "ecid":
        yield from _other_base(value)
    elif "-" in value:
        yield value.replace("-", "")


def _other_base(value: str) -> Iterator[str]:
    """A chip's number in decimal and hexadecimal: lockdown writes one, logs and UDIDs the other."""
    try:
        number = int(value, 16 if value.lower().startswith("0x") else 10)
    except ValueError:
        return
    for spelling in (f"{number:x}", f"{number}"):
        if len(spelling) >= SHORTEST_HEX and spelling != value:
            yield spelling
