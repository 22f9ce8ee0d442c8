"""`dumpsys battery`: the state the battery service keeps, and the lines vendors add to it.

A value is the first line after the header whose key matches exactly, in the service's own block: vendors repeat the
same words in other lines ("pad level", "Capacity level", Samsung's log lines that begin with a bracket, sentences
about the voltage). Units and what is plausible are the judge's business; here values stay raw. Facts: AOSP
BatteryService (Android 2.3 to 16), published dumps of many vendors.
"""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from pyworker.android.dump_text import leading_integer, read_dump
from pyworker.findings import Unread

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADER = re.compile(r".*\bCurrent Battery Service state:$")
_FAKED = re.compile(r"\(?UPDATES STOPPED\b")
_FIELD = re.compile(r"([A-Za-z][A-Za-z ]*?): ?(.*)$")
NUMBERS = frozenset((
    "Max charging current", "Max charging voltage", "Charge counter", "status", "health", "level", "scale", "voltage",
    "temperature", "Charging state", "Charging policy", "Capacity level"))
SWITCHES = frozenset(("AC powered", "USB powered", "Wireless powered", "Dock powered", "present"))
WORDS = frozenset(("technology",))
_SPELLINGS = {"charge counter": "Charge counter"}  # Samsung prints both; the first one counts
# The service's block ends where a vendor's part begins.
_VENDOR_PART = re.compile(r"\[|\w+Service\w*[ .].*:$|\w*BatteryService\w*:?$|BatteryInfoBackUp|LLB CAL|LLB MAN")
_SAMSUNG = re.compile(
    r"(mSavedBatteryAsoc|mSavedBatteryBsoh|mSavedBatteryUsage|mSavedBatteryMaxTemp|battery FirstUseDate|LLB CAL)"
    r": ?\[?((?:-?[0-9]{1,9}(?:\.[0-9]{1,6})?(?:, ?|(?=\]?$))){1,4})\]?$")
# Phones that fold have two packs, "[91, 88]". The one that is worn more counts: with these it has the larger number.
_MORE_IS_WORSE = frozenset(("mSavedBatteryUsage", "mSavedBatteryMaxTemp"))
# What Samsung read from its factory partition, in log lines that the dump repeats; the last one is the newest.
_SAMSUNG_EFS = re.compile(
    r".*\[BattInfo\](AsocData|DischargeLevelData|FirstUseDateData) efsValue: ?(-?[0-9]{1,9})(?![0-9.])")
_ASUS_HEALTH = re.compile(r"soh: ?([0-9]{1,9})$")
_XIAOMI_FIRST_USE = re.compile(r"mParseNtpTime=([0-9]{8})\b")
KEYS_WITHOUT_HEADER = 4  # so many of its keys make a dump whose head is missing a battery dump all the same


class Battery(NamedTuple):
    """values: raw, by the service's own names ("level": 85, "temperature": 273, "AC powered": False, "technology":
    "Li-ion"). vendor: raw whole numbers of vendors' lines by their names ("mSavedBatteryUsage": 70188, "soh": 0,
    "mParseNtpTime": 20210503), of the worst of several packs. faked: somebody replaced the values by hand; it would
    stand under the header, and is None where that is missing. whole: neither head nor tail is missing.
    """

    values: dict[str, int | bool | str]
    vendor: dict[str, int]
    faked: bool | None
    whole: bool


def parse_battery(data: bytes | str, cut: bool = False) -> Battery | Unread:
    """`dumpsys battery` -> Battery; Unread when it is no such dump."""
    dump = read_dump(data, cut, "battery")
    lines = dump.lines
    if dump.unfinished and not dump.unfinished.rstrip()[-1:].isdigit():
        lines = (*lines, dump.unfinished)  # only a number can be taken for another one when its end is missing
    header = next((at for at, line in enumerate(lines) if _HEADER.match(line.strip())), None)
    block = _own_block(lines[0 if header is None else header + 1:])
    values = _values(block)
    if header is None and len(values) < KEYS_WITHOUT_HEADER:
        return dump.refusal()
    if not values:
        return Unread(dump.damaged or "truncated")
    faked = True if any(_FAKED.match(line) for line in block) else None if header is None else False
    return Battery(values, _vendor_lines(lines), faked, header is not None and dump.damaged is None)


def _own_block(lines: Sequence[str]) -> list[str]:
    """The service's own lines, from below its header on."""
    stripped = (line.strip() for line in lines)
    return list(takewhile(lambda line: not (_VENDOR_PART.match(line) or _HEADER.match(line)), stripped))


def _values(block: list[str]) -> dict[str, int | bool | str]:
    values: dict[str, int | bool | str] = {}
    for line in block:
        field = _FIELD.match(line)
        if field is None:
            continue
        key = _SPELLINGS.get(field.group(1), field.group(1))
        value = _value(key, field.group(2).strip())
        if value is not None:
            values.setdefault(key, value)
    return values


def _value(key: str, text: str) -> int | bool | str | None:
    if key in NUMBERS:
        return leading_integer(text)
    if key in SWITCHES:
        return {"true": True, "false": False}.get(text.split(" ")[0])
    if key in WORDS:
        return text or None
    return None


def _of_the_worst_pack(key: str, text: str) -> int:
    """Packs that say 0 or -1, which is no value, count only when all do."""
    numbers = [int(word.partition(".")[0]) for word in text.split(",") if word.strip()]
    told = [number for number in numbers if number > 0] or numbers
    return max(told) if key in _MORE_IS_WORSE else min(told)


def _vendor_lines(lines: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for raw in lines:
        line = raw.strip()
        samsung, asus, xiaomi = _SAMSUNG.match(line), _ASUS_HEALTH.match(line), _XIAOMI_FIRST_USE.search(line)
        efs = _SAMSUNG_EFS.match(line)
        if samsung:
            found.setdefault(samsung.group(1), _of_the_worst_pack(samsung.group(1), samsung.group(2)))
        elif efs:
            found[efs.group(1)] = int(efs.group(2))
        elif asus:
            found.setdefault("soh", int(asus.group(1)))
        elif xiaomi:
            found.setdefault("mParseNtpTime", int(xiaomi.group(1)))
    return found
