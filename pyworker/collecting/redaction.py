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
    # What Apple's crash reports know a phone by: the same in all of them, and in nobody else's.
    (b"crashreporter", "device", re.compile(rb"[ _]?key[\"']? {0,4}: {0,6}[\"']?([0-9a-f-]{16,64})")),
)

# Strict. Each: what a match must contain, in a shape of the text, and the pattern that decides from the start of the
# word it stands in.
_WEB = re.compile(rb"(?:[A-Za-z][A-Za-z0-9+.-]{1,15})://[^\s\"'<>]{1,2048}")
_UUID = re.compile(rb"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?![0-9A-Fa-f])")
_UUID_SHAPE = b"hhhhhhhh:hhhh:hhhh:hhhh:hhhhhhhhhhhh"
_IPV4 = re.compile(rb"(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9A-Za-z.])")
_IPV4_SHAPES = (b".0.0", b".00.0", b".000.0")
_IPV6 = re.compile(rb"(?=[0-9A-Fa-f:]{0,39}::|(?:[0-9A-Fa-f]{1,4}:){7})[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![0-9A-Za-z:])")
_IPV6_SHAPE = b"hhhh:"
# Not the seconds since 1970 with which a line of the log may begin.
_NUMBER_ALONE = re.compile(rb"[0-9]{9,}+(?![0-9A-Za-z]|\.[0-9]{3})")
_NUMBER_SHAPE = b"0" * 9
_HEX_ALONE = re.compile(rb"(?:0[xX])?[0-9A-Fa-f]{16,}+(?![0-9A-Za-z])")
_HEX_SHAPE = b"h" * 16
_SAME = re.compile(rb"0+|h+")
_LONGEST_WORD = 48


class Span(NamedTuple):
    start: int
    end: int
    kind: str


class _Text(NamedTuple):
    """A text and its shapes, all of the same length. digits: every digit a 0, every letter an a. hex: every
    hexadecimal digit an h, colons and dashes a colon, all else a dot.
    """

    text: bytes
    lower: bytes
    digits: bytes
    hex: bytes


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
        shaped = _Text(text, text.lower(), text.translate(_DIGITS), text.translate(_HEX))
        spans = list(_literals(shaped.lower, self._known))
        # Of equals the first counts: an address is sure, and a keyword surer than a number's length.
        spans += _mac_addresses(shaped)
        spans += _keyed(shaped)
        spans += _long_numbers(shaped)
        spans += _locations(shaped)
        if b"+" in text:
            spans += (Span(found.start(), found.end(), "phone") for found in _PHONE.finditer(text))
        if b"@" in text:
            spans += _emails(text)
        if self.mode == STRICT:
            spans += _strict(shaped)
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


def _long_numbers(shaped: _Text) -> Iterator[Span]:
    """15 digits may be an IMEI or an IMSI; 18 to 22 that begin with 89 an ICCID. Others are times, sizes and ids."""
    text, shape = shaped.text, shaped.digits
    at = shape.find(_FEWEST_DIGITS)
    while at >= 0:
        run = _RUN.match(shape, at)
        end = run.end() if run is not None else at + len(_FEWEST_DIGITS)
        length = end - at
        fraction = at > 1 and shape[at - 1:at] == b"." and shape[at - 2:at - 1] == b"0"
        if length == 15 and not fraction:
            yield Span(at, end, "imei")
        elif 18 <= length <= 22 and text.startswith(b"89", at) and not fraction:
            # One digit short, it is filled up with an F.
            end += text[end:end + 1] in (b"F", b"f")
            yield Span(at, end, "iccid")
        at = shape.find(_FEWEST_DIGITS, end)


def _mac_addresses(shaped: _Text) -> Iterator[Span]:
    shape = shaped.hex
    at = shape.find(_MAC)
    while at >= 0:
        run = _MAC_RUN.match(shape, at)
        end = run.end() if run is not None else at + len(_MAC)
        # Longer ones are fingerprints of certificates, and there is no telling where an address would begin.
        alone = shape[at - 1:at] not in (b"h", b":") if at else True
        length = len(shape[at:end].rstrip(b":"))
        if alone and length == len(_MAC) and shaped.lower[at:at + length] not in _NO_MAC:
            yield Span(at, at + length, "mac")
        at = shape.find(_MAC, end)


def _keyed(shaped: _Text) -> Iterator[Span]:
    text, lower = shaped.text, shaped.lower
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


def _locations(shaped: _Text) -> Iterator[Span]:
    text, shape = shaped.text, shaped.digits
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


def _strict(shaped: _Text) -> Iterator[Span]:
    yield from _words(shaped, shaped.text, (b"://",), _WEB, "web", b"a0+.-")
    yield from _words(shaped, shaped.hex, (_UUID_SHAPE,), _UUID, "uuid", b"")
    yield from _words(shaped, shaped.digits, _IPV4_SHAPES, _IPV4, "ip", b"0.a:")
    yield from _words(shaped, shaped.hex, (_IPV6_SHAPE,), _IPV6, "ip", b"0a:.")
    yield from _words(shaped, shaped.digits, (_NUMBER_SHAPE,), _NUMBER_ALONE, "number", b"0a.")
    yield from _words(shaped, shaped.hex, (_HEX_SHAPE,), _HEX_ALONE, "hex", b"0a")


def _words(
    shaped: _Text, shape: bytes, needles: Iterable[bytes], pattern: re.Pattern[bytes], kind: str, inside: bytes,
) -> Iterator[Span]:
    """Matches of `pattern` that begin where a word begins: a run of what `inside` lists, in the shape of digits."""
    for needle in needles:
        at = shape.find(needle)
        while at >= 0:
            before = shaped.digits[max(0, at - _LONGEST_WORD):at]
            start = at - (len(before) - len(before.rstrip(inside)) if inside else 0)
            found = pattern.match(shaped.text, start)
            if found is not None:
                yield Span(found.start(), found.end(), kind)
            end = at + len(needle)
            if found is not None:
                end = max(end, found.end())
            else:
                # Not again from every place of one long run of digits.
                run = _SAME.match(shape, end - 1)
                end = run.end() if run is not None else end
            at = shape.find(needle, end)


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
