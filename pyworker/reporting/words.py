"""The fixed words of a report, and how its language writes numbers, dates and units.

One JSON file a language in words/. What a catalogue does not have is taken from English, and what English does not
have is made from the name itself: a finding that was added yesterday still prints readably. Units come from the end
of a member's name (_percent, _mah, _bytes …), which is how the worker names every number that has one.

A value's word is looked for under "member:value" first: "orange" is a state of verified boot, and a carrier.

Nothing here asks the operating system: its locales differ from machine to machine, and the report must not.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import TYPE_CHECKING, Any

from protocol.json_text import loads
from pyworker import findings

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "words")
LOCALES = ("en", "de", "es", "fr", "zh-Hans")
ENGLISH = "en"

# Other names of the languages we have: what systems call Chinese in simplified characters.
_ALIASES = {"zh": "zh-Hans", "zh-cn": "zh-Hans", "zh-sg": "zh-Hans", "zh-hans": "zh-Hans"}

# End of a member's name -> (factor to the unit shown, decimals shown, unit). Phones are sold in decimal gigabytes.
_UNITS: dict[str, tuple[float, int, str]] = {
    "percent": (1, 1, "%"),
    "mah": (1, 0, "mAh"),
    "uah": (1e-3, 0, "mAh"),
    "mv": (1e-3, 2, "V"),
    "uv": (1e-6, 2, "V"),
    "ma": (1, 0, "mA"),
    "ua": (1e-3, 0, "mA"),
    "mw": (1, 0, "mW"),
    "c": (1, 1, "°C"),
    "celsius": (1, 1, "°C"),
    "ms": (1, 0, "ms"),
    "s": (1, 0, "s"),
    "seconds": (1, 0, "s"),
    "days": (1, 0, "d"),
    "hours": (1, 1, "h"),
    "hz": (1, 0, "Hz"),
    "khz": (1e-3, 1, "MHz"),
    "mhz": (1, 0, "MHz"),
    "px": (1, 0, "px"),
    "dpi": (1, 0, "dpi"),
    "mm": (1, 1, "mm"),
    "kb_s": (1e-3, 1, "MB/s"),
}
_DAY_S, _HOUR_S = 86400, 3600
# A member that is no duration: how far a clock is from UTC.
_CLOCK_OFFSET = "utc_offset_s"
_BYTES = (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3))

# RFC 3339, and as Apple's crash reports write it: with a blank before the offset, and no colon in it.
_MOMENT = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.\d+)? ?(Z|z|[+-]\d{2}:?\d{2})\Z", re.ASCII)
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})\Z", re.ASCII)
# A log line that has neither year nor offset.
_YEARLESS = re.compile(r"(\d{2}-\d{2})T(\d{2}:\d{2}):\d{2}(?:\.\d+)?\Z", re.ASCII)
_NAME_PARTS = re.compile(r"[_.\s]+")


def resolve(locale: str) -> str:
    """The language we have for a locale: "de-AT" -> "de"; English for one we do not have."""
    wanted = locale.replace("_", "-").lower()
    for candidate in (wanted, wanted.split("-")[0]):
        if candidate in _ALIASES:
            # Traditional characters are not simplified ones, but they are nearer than English.
            return _ALIASES[candidate]
        if candidate in LOCALES:
            return candidate
    return ENGLISH


@cache
def _catalogue(locale: str) -> dict[str, Any]:
    with open(os.path.join(FOLDER, f"{locale}.json"), "rb") as file:
        catalogue: dict[str, Any] = loads(file.read())
    if locale == ENGLISH:
        catalogue["reasons"] = findings.REASONS
        catalogue["warnings"] = findings.WARNINGS
        catalogue["notes"] = {**findings.NOTES, **catalogue["notes"]}
    return catalogue


class Words:
    """The words of one language. utc_offset: "+02:00" to print all times at that offset, None to keep each one's own."""

    __slots__ = ("locale", "_own", "_english", "_formats", "_offset")

    def __init__(self, locale: str, utc_offset: str | None = None) -> None:
        self.locale = resolve(locale)
        self._own = _catalogue(self.locale)
        self._english = _catalogue(ENGLISH)
        self._formats = self._own["formats"]
        self._offset = _offset(utc_offset) if utc_offset else None

    def word(self, group: str, key: str) -> str | None:
        """The fixed word, or None."""
        found = self._own[group].get(key) or self._english[group].get(key)
        return found if isinstance(found, str) else None

    def say(self, key: str, /, **parts: str | int) -> str:
        """A phrase with its parts filled in; whole numbers are written as this language writes them."""
        phrase = self.word("phrases", key)
        if phrase is None:
            raise KeyError(key)
        return phrase.format(**{name: self.number(part) if isinstance(part, int) else part for name, part in parts.items()})

    def heading(self, key: str) -> str:
        return self.word("headings", key) or key

    def column(self, key: str) -> str:
        return self.word("columns", key) or key

    def state(self, key: str) -> str:
        return self.word("states", key) or key

    def label(self, name: str) -> str:
        """What a member or finding is called: by its name, by its name without the unit, or made from it."""
        known = self.word("labels", name)
        if known is not None:
            return known
        stem, unit = _split_unit(name)
        if unit is not None:
            known = self.word("labels", stem)
            if known is not None:
                return known
        parts = [part for part in _NAME_PARTS.split(stem) if part]
        return " ".join(parts)[:1].upper() + " ".join(parts)[1:] if parts else name

    def reason(self, reason: str | None) -> str:
        return self.word("reasons", reason or "key_missing") or (reason or "").replace("_", " ")

    def warning(self, name: str) -> str:
        return self.word("warnings", name) or name.replace("_", " ")

    def note(self, name: str) -> str:
        return self.word("notes", name) or name.replace("_", " ")

    def value(self, text: str, member: str = "") -> str:
        """The word for one of the worker's own value names ("adb-usb", "charging"); any other text stays itself.

        member: whose value it is; what the same name means may depend on it.
        """
        return self.word("values", f"{member}:{text}") or self.word("values", text) or text

    def joined(self, parts: Iterable[str]) -> str:
        return str(self._formats["list"]).join(parts)

    def items(self, parts: Iterable[str]) -> str:
        """Parts that have commas of their own."""
        return str(self._formats["items"]).join(parts)

    def sentences(self, parts: Iterable[str]) -> str:
        return str(self._formats["sentences"]).join(parts)

    def pair(self, label: str, value: str) -> str:
        return str(self._formats["pair"]).format(label, value)

    def number(self, value: int | float, decimals: int = 0) -> str:
        """Rounded half to even, as the double is; at most `decimals` digits, no zeros at the end."""
        text = f"{value:.{decimals}f}" if isinstance(value, float) else str(value)
        sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
        whole, _, fraction = digits.partition(".")
        fraction = fraction.rstrip("0")
        if len(whole) > 4:
            head = len(whole) % 3
            groups = [whole[:head]] if head else []
            groups += [whole[at:at + 3] for at in range(head, len(whole), 3)]
            whole = str(self._formats["group"]).join(groups)
        if whole == "0" and not fraction:
            sign = ""
        return sign + whole + (str(self._formats["decimal"]) + fraction if fraction else "")

    def percent(self, value: int | float) -> str:
        return str(self._formats["percent"]).format(self.number(value, 1))

    def size(self, value: int | float) -> str:
        for unit, factor in _BYTES:
            if abs(value) >= factor:
                scaled = value / factor
                return self._with_unit(self.number(scaled, 0 if scaled >= 100 else 1), unit)
        return self._with_unit(self.number(value), "B")

    def measure(self, name: str, value: int | float) -> str:
        """A number with the unit its member's name ends in."""
        _, unit = _split_unit(name)
        if unit == "bytes":
            return self.size(value)
        if unit is None:
            return self.number(value, 3)
        factor, decimals, sign = _UNITS[unit]
        if sign == "%":
            return self.percent(value)
        if name == _CLOCK_OFFSET:
            minutes = round(abs(value)) // 60
            return f"{'-' if value < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"
        if sign == "d":
            return self._days(value)
        # Seconds are shown in the unit a person would count in.
        if sign == "s" and abs(value) >= 2 * _DAY_S:
            return self._days(value / _DAY_S)
        if sign == "s" and abs(value) >= 2 * _HOUR_S:
            return self._with_unit(self.number(value / _HOUR_S, 1), "h")
        return self._with_unit(self.number(value if factor == 1 else value * factor, decimals), sign)

    def has_unit(self, name: str) -> bool:
        return _split_unit(name)[1] is not None

    def _days(self, value: int | float) -> str:
        return self.say("day") if value == 1 else self.say("days", count=self.number(value, 1))

    def _with_unit(self, number: str, unit: str) -> str:
        return str(self._formats["unit"]).format(number, unit)

    def moment(self, text: str) -> str:
        """A time as the language writes it, with its offset; of a bare day, the day. Any other text is printed as it is."""
        when = _parsed(text)
        if when is None:
            yearless = _YEARLESS.match(text)
            return f"{yearless[1]} {yearless[2]}" if yearless else self.date(text)
        if self._offset is not None:
            when = when.astimezone(self._offset)
        clock = str(self._formats["time"]).format(hour=f"{when.hour:02}", minute=f"{when.minute:02}")
        offset = when.strftime("%z")
        zone = "UTC" if offset == "+0000" else f"{offset[:3]}:{offset[3:]}"
        return f"{str(self._formats['moment']).format(date=self._date(when), time=clock)} {zone}"

    def date(self, text: str) -> str:
        """The day of a time, or of a bare "2024-06-02"."""
        when = _parsed(f"{text}T00:00:00Z" if _DAY.match(text) else text)
        return text if when is None else self._date(when)

    def _date(self, when: datetime) -> str:
        return str(self._formats["date"]).format(
            day=when.day, month=self._formats["months"][when.month - 1], year=when.year)

    def is_moment(self, text: str) -> bool:
        """A time or a bare day."""
        return _parsed(text) is not None or _DAY.match(text) is not None


def _parsed(text: str) -> datetime | None:
    match = _MOMENT.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    try:
        # A leap second has no place in a datetime; the minute is what is printed.
        when = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=_offset(match[7]))
        when.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return when


def _offset(text: str) -> timezone:
    if text in ("Z", "z"):
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def _split_unit(name: str) -> tuple[str, str | None]:
    """("design_capacity", "mah") of "design_capacity_mah"."""
    if name.startswith("health_") or "_percent_" in name:
        return name, "percent"  # the worker's figures of a battery's health, and those of one thing by several sources
    parts = name.split("_")
    for count in (2, 1):
        unit = "_".join(parts[-count:])
        if len(parts) > count and (unit in _UNITS or unit == "bytes"):
            return "_".join(parts[:-count]), unit
    return name, None
