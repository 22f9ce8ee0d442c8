"""What identifies a person or a phone, taken out of log text: <kind> in its place, and counted.

First the identifiers that the worker knows of this very phone, literally, in the spellings logs use; they find what no
pattern can. Then patterns. A long number may be an IMEI or not; the doubt goes against the log.

    standard   known identifiers, IMEI, ICCID, IMSI, phone numbers, e-mail, MAC addresses, network names, coordinates
    strict     also IP and web addresses, UUIDs, long numbers and long hexadecimal words

The rule that everything here obeys: the time is linear in the text, whatever it holds. A hundred megabytes go through,
so the text is searched for what every match must contain (fourteen digits in a row, "@", six pairs of hexadecimal
digits, a keyword) with searches over bytes; only what stands around a hit is looked at more closely, and never more
than a fixed number of bytes of it. To find digits in a row, the text is translated so that all digits are one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

NONE, STANDARD, STRICT = "none", "standard", "strict"

# A known identifier that is shorter, or has no digit, would black out words that have nothing to do with it.
SHORTEST_KNOWN = 6
# A phone has about a dozen; the text is searched for each spelling.
MOST_KNOWN = 40
# Names that a phone has from the factory are nobody's.
SHORTEST_NAME = 4
FACTORY_NAMES = frozenset(("iphone", "ipad", "ipod", "ipod touch", "phone", "android"))

# Placeholders that systems put in the place of an address: nobody's.
_NO_MAC = frozenset((b"02:00:00:00:00:00", b"00:00:00:00:00:00", b"ff:ff:ff:ff:ff:ff"))
_NO_NETWORK = frozenset((b"<unknown ssid>", b"unknown", b"null", b"none", b"<none>", b"0x", b"true", b"false"))

_DIGITS = bytes(0x30 if chr(code) in "0123456789" else 0x61 if chr(code).isascii() and chr(code).isalpha() else code
                for code in range(256))
_HEX = bytes(0x68 if chr(code) in "0123456789abcdefABCDEF" else 0x3A if chr(code) in ":-" else 0x2E
             for code in range(256))

_FEWEST_DIGITS = b"0" * 14
_RUN = re.compile(rb"0+")
_MAC = b"hh:hh:hh:hh:hh:hh"
_MAC_RUN = re.compile(rb"[h:]+")

_PHONE = re.compile(rb"\+[1-9](?:[ ().-]{0,2}[0-9]){6,14}(?![0-9.])")
_EMAIL_DOMAIN = re.compile(rb"@(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,24}(?![A-Za-z0-9-])")
_EMAIL_LOCAL = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._%+-"
_LONGEST_LOCAL = 64

_FRACTION = b".0000"
_COORDINATES = re.compile(
    rb"-?[0-9]{1,3}\.[0-9]{4,15}[NS]?[\"']?[,;/ ]{1,3}(?:[A-Za-z\"'_]{0,14}[:=] ?)?-?[0-9]{1,3}\.[0-9]{4,15}")

# Keyword -> kind and what follows it. The keyword itself stays.
_NUMBER = re.compile(rb"[a-z0-9_]{0,2}[\"')\]]{0,2} ?[:=\[(]{0,2} ?[\"']?(\+?[0-9A-Fa-f][0-9A-Fa-f-]{6,24})(?![0-9A-Za-z])")
_CALLED = re.compile(rb"[a-z]{0,6}[\"']?[:=] ?[\"']?(\+?[0-9][0-9 ().-]{4,20}[0-9])(?![0-9A-Za-z])")
_NETWORK = re.compile(rb"[\"']? ?[:=] ?(?:\"([^\"\n]{1,64})\"|'([^'\n]{1,64})'|([^\s,;\"'\])}]{1,64}))")
_DEGREES = re.compile(rb"[a-z]{0,6}[\"']? ?[:=] ?[\"']?(-?[0-9]{1,3}\.[0-9]{1,15})")
_PLACE = re.compile(rb"(-?[0-9]{1,3}(?:\.[0-9]{1,15})?,-?[0-9]{1,3}(?:\.[0-9]{1,15})?)")
_KEYED: tuple[tuple[bytes, str, re.Pattern[bytes]], ...] = (
    (b"imei", "imei", _NUMBER), (b"meid", "imei", _NUMBER), (b"imsi", "imsi", _NUMBER), (b"iccid", "iccid", _NUMBER),
    (b"msisdn", "phone", _CALLED), (b"tel:", "phone", re.compile(rb"(\+?[0-9][0-9 ().-]{3,20}[0-9])")),
    (b"sms:", "phone", re.compile(rb"(\+?[0-9][0-9 ().-]{3,20}[0-9])")), (b"phonenum", "phone", _CALLED),
    (b"ssid", "network", _NETWORK), (b"latitude", "location", _DEGREES), (b"longitude", "location", _DEGREES),
    (b"geo:", "location", _PLACE),
)

_STRICT = re.compile(
    rb"(?P<web>(?:https?|wss?|ftp)://[^\s\"'<>]{1,2048})"
    rb"|(?P<uuid>(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?![0-9A-Fa-f]))"
    rb"|(?P<ip>(?<![0-9A-Za-z.:])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9A-Za-z.])"
    rb"|(?<![0-9A-Za-z.:])(?:[0-9A-Fa-f]{0,4}:){4,7}[0-9A-Fa-f]{1,4}(?![0-9A-Za-z:]))"
    # Not the seconds since 1970 with which a line of the log may begin.
    rb"|(?P<number>(?<![0-9A-Za-z.])[0-9]{9,64}+(?![0-9A-Za-z]|\.[0-9]{3}))"
    rb"|(?P<hex>(?<![0-9A-Za-z])(?:0[xX])?[0-9A-Fa-f]{16,256}+(?![0-9A-Za-z]))")


class Span(NamedTuple):
    start: int
    end: int
    kind: str


class Redactor:
    """mode: NONE, STANDARD or STRICT. known: kind -> this phone's identifiers of it. counts: kind -> replaced so far."""

    __slots__ = ("counts", "mode", "_known")

    def __init__(self, mode: str, known: Mapping[str, Iterable[str]] | None = None) -> None:
        self.mode = mode
        self.counts: dict[str, int] = {}
        self._known = _spellings(known or {})

    def clean(self, text: bytes) -> bytes:
        """`text`, whole lines of it, without what identifies. Replacements are ASCII, with no quotes in them."""
        if self.mode == NONE:
            return text
        spans = self._spans(text)
        return self._replaced(text, spans) if spans else text

    def clean_text(self, text: str) -> str:
        return self.clean(text.encode("utf-8", "replace")).decode("utf-8", "replace")

    def _spans(self, text: bytes) -> list[Span]:
        lower = text.lower()
        spans = list(_literals(lower, self._known))
        spans += _long_numbers(text)
        spans += _mac_addresses(text, lower)
        spans += _keyed(text, lower)
        spans += _locations(text)
        if b"+" in text:
            spans += (Span(found.start(), found.end(), "phone") for found in _PHONE.finditer(text))
        if b"@" in text:
            spans += _emails(text)
        if self.mode == STRICT:
            spans += (Span(found.start(), found.end(), found.lastgroup or "hex") for found in _STRICT.finditer(text))
        return spans

    def _replaced(self, text: bytes, spans: list[Span]) -> bytes:
        # Of two that overlap, the one that begins first, and of those the longer.
        spans.sort(key=lambda span: (span.start, -span.end))
        pieces: list[bytes] = []
        at = 0
        for start, end, kind in spans:
            if start < at:
                continue
            pieces += (text[at:start], b"<", kind.encode(), b">")
            at = end
            self.counts[kind] = self.counts.get(kind, 0) + 1
        pieces.append(text[at:])
        return b"".join(pieces)


def _literals(lower: bytes, known: list[tuple[bytes, str]]) -> Iterator[Span]:
    for literal, kind in known:
        at = lower.find(literal)
        while at >= 0:
            yield Span(at, at + len(literal), kind)
            at = lower.find(literal, at + len(literal))


def _long_numbers(text: bytes) -> Iterator[Span]:
    """15 digits may be an IMEI or an IMSI; 18 to 22 that begin with 89 an ICCID. Others are times, sizes and ids."""
    shape = text.translate(_DIGITS)
    at = shape.find(_FEWEST_DIGITS)
    while at >= 0:
        run = _RUN.match(shape, at)
        end = run.end() if run is not None else at + len(_FEWEST_DIGITS)
        length = end - at
        fraction = at > 1 and shape[at - 1:at] == b"." and shape[at - 2:at - 1] == b"0"
        if length == 15 and not fraction:
            yield Span(at, end, "imei")
        elif 18 <= length <= 22 and text.startswith(b"89", at) and not fraction:
            yield Span(at, end, "iccid")
        at = shape.find(_FEWEST_DIGITS, end)


def _mac_addresses(text: bytes, lower: bytes) -> Iterator[Span]:
    shape = text.translate(_HEX)
    at = shape.find(_MAC)
    while at >= 0:
        run = _MAC_RUN.match(shape, at)
        end = run.end() if run is not None else at + len(_MAC)
        # Longer ones are fingerprints of certificates, and there is no telling where an address would begin.
        alone = shape[at - 1:at] not in (b"h", b":") if at else True
        length = len(shape[at:end].rstrip(b":"))
        if alone and length == len(_MAC) and lower[at:at + length] not in _NO_MAC:
            yield Span(at, at + length, "mac")
        at = shape.find(_MAC, end)


def _keyed(text: bytes, lower: bytes) -> Iterator[Span]:
    for keyword, kind, pattern in _KEYED:
        at = lower.find(keyword)
        while at >= 0:
            after = at + len(keyword)
            found = pattern.match(text, after) if pattern in (_NETWORK, _PLACE) else pattern.match(lower, after)
            if found is not None:
                group = found.lastindex or 0
                value = found[group]
                if _is_value(value, kind, pattern):
                    yield Span(found.start(group), found.end(group), kind)
                    after = found.end(group)
            at = lower.find(keyword, after)


def _is_value(value: bytes, kind: str, pattern: re.Pattern[bytes]) -> bool:
    if pattern is _NETWORK:
        return value.lower() not in _NO_NETWORK and not value.startswith(b"<")
    if pattern is _NUMBER:
        # A word after a keyword may be made of the letters a to f alone.
        return sum(0x30 <= code <= 0x39 for code in value) >= 6
    return True


def _locations(text: bytes) -> Iterator[Span]:
    shape = text.translate(_DIGITS)
    at = shape.find(_FRACTION)
    while at >= 0:
        start = at
        while start > max(0, at - 3) and shape[start - 1:start] == b"0":
            start -= 1
        if text[start - 1:start] == b"-":
            start -= 1
        before = shape[start - 1:start] if start else b" "
        found = _COORDINATES.match(text, start) if start < at and before not in (b"0", b".", b"a") else None
        if found is not None:
            yield Span(found.start(), found.end(), "location")
            at = shape.find(_FRACTION, found.end())
        else:
            at = shape.find(_FRACTION, at + len(_FRACTION))


def _emails(text: bytes) -> Iterator[Span]:
    for found in _EMAIL_DOMAIN.finditer(text):
        before = text[max(0, found.start() - _LONGEST_LOCAL):found.start()]
        local = len(before) - len(before.rstrip(_EMAIL_LOCAL))
        if local:
            yield Span(found.start() - local, found.end(), "email")


def _spellings(known: Mapping[str, Iterable[str]]) -> list[tuple[bytes, str]]:
    """Each known identifier as logs may spell it, in lower case, the longest first."""
    spelled: dict[bytes, str] = {}
    for kind, values in known.items():
        for value in values:
            for spelling in _variants(kind, value):
                spelled.setdefault(spelling.lower().encode("utf-8", "replace"), kind)
    longest_first = sorted(spelled.items(), key=lambda item: (-len(item[0]), item[0]))
    return longest_first[:MOST_KNOWN]


def _variants(kind: str, value: str) -> Iterator[str]:
    value = value.strip()
    if kind == "name":
        if len(value) >= SHORTEST_NAME and value.lower() not in FACTORY_NAMES:
            yield value
            # As a host name, which is how an iPhone signs its log.
            yield re.sub(r"[^0-9A-Za-z-]+", "-", value).strip("-") if value.isascii() else value
            yield re.sub(r"\s+", "-", value)
        return
    if len(value) < SHORTEST_KNOWN or not any(letter.isdigit() for letter in value):
        return
    yield value
    if kind == "mac":
        digits = re.sub(r"[:-]", "", value)
        yield digits
        yield "-".join(digits[at:at + 2] for at in range(0, len(digits), 2))
    elif "-" in value:
        yield value.replace("-", "")
