"""What identifies by its shape alone, wherever it stands: numbers of phones and cards, addresses, coordinates, tokens.

A long number may be an IMEI or not; the doubt goes against the log. But a log must stay readable: times, versions,
sizes, pointers, modes of files and the UUIDs of programs are not taken, so a phone number in local spelling is only taken
where nothing else is written like it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyworker.collecting.shapes import Shaped, Span, hits, words

if TYPE_CHECKING:
    from collections.abc import Iterator

# Placeholders that systems put in the place of an address: nobody's.
_NO_MAC = frozenset((b"02:00:00:00:00:00", b"00:00:00:00:00:00", b"ff:ff:ff:ff:ff:ff"))

_FEWEST_DIGITS = b"0" * 14
_RUN = re.compile(rb"0+")
_MAC = b"hh:hh:hh:hh:hh:hh"
_MAC_RUN = re.compile(rb"[h:]+")
# Hexadecimal digits of a short digest: an IMEI that something else stands against is shorter.
SHORTEST_DIGEST = 32
# As a label on a box has them.
_IMEI_SHAPES = (b"00-000000-000000-0", b"00 000000 000000 0")
_ICCID_SHAPES = (b"0000 0000 0000 0000 000",)
_LONGEST_ICCID = 24

_INTERNATIONAL = re.compile(rb"\+[1-9](?:[ ().-]{0,2}[0-9]){6,14}(?![0-9]|\.[0-9])")
# 0049 171 2345678; 0171/2345678, 030-555 0100, 06 12 34 56 78.
_LOCAL = re.compile(
    rb"0(?:0[1-9][0-9]{0,2}[ -][1-9][0-9]{1,4}[ /-]?[0-9]{3,8}(?:[ -][0-9]{2,5}){0,2}"
    rb"|[1-9](?:[0-9](?: [0-9]{2}){4}|(?: [0-9]{2}){4}|[0-9]{1,3}[ /-][0-9]{3,8}(?:[ -][0-9]{2,5}){0,2}))(?![0-9A-Za-z_]|[ :.-][0-9])")
_LOCAL_DIGITS = (9, 15)
# A file's mode, owner and group; four hexadecimal words of a dump.
_MODE = re.compile(rb"0[0-7]{3}[ -][0-9]{1,5}\b")
_FOURS = re.compile(rb"(?:[0-9]{4} )+[0-9]{4}\Z")
_AREA = re.compile(rb"\([0-9]{2,5}\)[ ./-]{0,2}[0-9]{3,4}(?:[ ./-]?[0-9]{2,5}){1,3}(?![0-9A-Za-z])")
_AREA_SHAPES = (b"(00",)
# North America: 555-010-9999, 555.010.9999.
_TEN = re.compile(rb"(?:1[ .-])?[2-9][0-9]{2}([.-])[0-9]{3}\1[0-9]{4}(?![0-9A-Za-z]|[.:-][0-9])")
_TEN_SHAPES = (b"000-000-0000", b"000.000.0000")

_EMAIL_DOMAIN = re.compile(
    rb"(?:[A-Za-z0-9\x80-\xff-]{1,63}\.){1,4}(?:xn--[A-Za-z0-9-]{2,59}|[A-Za-z\x80-\xff]{2,48})(?![A-Za-z0-9-])")
_EMAIL_LOCAL = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._%+-" + bytes(range(0x80, 0x100))
_LONGEST_LOCAL = 64

_FRACTION = b".0000"
_COORDINATES = re.compile(
    rb"-?[0-9]{1,3}\.[0-9]{4,15}[NS]?[\"']?[,;/ ]{1,3}(?:[A-Za-z\"'_]{0,14}[:=] ?)?-?[0-9]{1,3}\.[0-9]{4,15}")

# Two parts in base64 that each begin with '{"': a JSON web token.
_JWT = re.compile(rb"eyJ[A-Za-z0-9_-]{4,4096}\.eyJ[A-Za-z0-9_-]{4,8192}(?:\.[A-Za-z0-9_-]{0,2048}){0,3}")
_JWT_RUN = re.compile(rb"[A-Za-z0-9_-]+")
_JWT_START = b"eyJ"

# An address of version 6 has the hardware address in it, or stands for one household. The digit tells it from C++.
_IPV6 = re.compile(
    rb"(?=[0-9A-Fa-f:]{0,39}::|(?:[0-9A-Fa-f]{1,4}:){7})(?=[A-Fa-f:]{0,39}[0-9])"
    rb"[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:\.[0-9]{1,3}){0,3}(?![0-9A-Za-z:])")
_IPV6_SHAPE = b"hhhh:"

# Strict. Each: what a match must contain, in a shape of the text, and the pattern that decides from the start of the
# word it stands in.
_WEB = re.compile(rb"(?:[A-Za-z][A-Za-z0-9+.-]{1,15})://[^\s\"'<>]{1,2048}")
_UUID = re.compile(rb"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?![0-9A-Fa-f])")
_UUID_SHAPE = b"hhhhhhhh:hhhh:hhhh:hhhh:hhhhhhhhhhhh"
_IPV4 = re.compile(rb"(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9A-Za-z.])")
_IPV4_SHAPES = (b".0.0", b".00.0", b".000.0")
# Not the seconds since 1970 with which a line of the log may begin.
_NUMBER_ALONE = re.compile(rb"[0-9]{9,}+(?![0-9A-Za-z]|\.[0-9]{3})")
_NUMBER_SHAPE = b"0" * 9
_HEX_ALONE = re.compile(rb"(?:0[xX])?[0-9A-Fa-f]{16,}+(?![0-9A-Za-z])")
_HEX_SHAPE = b"h" * 16


def by_shape(seen: Shaped) -> Iterator[Span]:
    """In every mode but the one that takes nothing, besides hardware addresses."""
    yield from _long_numbers(seen)
    yield from _grouped_numbers(seen)
    yield from _locations(seen)
    yield from _phones(seen)
    yield from _emails(seen.text)
    yield from _web_tokens(seen.text)
    yield from words(seen, seen.hex, (_IPV6_SHAPE,), _IPV6, "ip", b"0a:.")


def strictly(seen: Shaped) -> Iterator[Span]:
    """What the strict mode takes as well."""
    yield from words(seen, seen.text, (b"://",), _WEB, "web", b"a0+.-")
    yield from words(seen, seen.hex, (_UUID_SHAPE,), _UUID, "uuid", b"")
    yield from words(seen, seen.digits, _IPV4_SHAPES, _IPV4, "ip", b"0.a:")
    yield from words(seen, seen.digits, (_NUMBER_SHAPE,), _NUMBER_ALONE, "number", b"0a.")
    yield from words(seen, seen.hex, (_HEX_SHAPE,), _HEX_ALONE, "hex", b"0a")


def mac_addresses(seen: Shaped) -> Iterator[Span]:
    shape = seen.hex
    at = shape.find(_MAC)
    while at >= 0:
        run = _MAC_RUN.match(shape, at)
        end = run.end() if run is not None else at + len(_MAC)
        # Longer ones are fingerprints of certificates, and there is no telling where an address would begin.
        alone = shape[at - 1:at] not in (b"h", b":") if at else True
        length = len(shape[at:end].rstrip(b":"))
        address = seen.lower[at:at + length]
        # Six pairs of plain digits with dashes are a time.
        if alone and length == len(_MAC) and address not in _NO_MAC and not address.replace(b"-", b"").isdigit():
            yield Span(at, at + length, "mac")
        at = shape.find(_MAC, end)


def _long_numbers(seen: Shaped) -> Iterator[Span]:
    """15 digits may be an IMEI or an IMSI; those that begin with 89 an ICCID (18 to 22) or an EID (32)."""
    text, shape = seen.text, seen.digits
    at = shape.find(_FEWEST_DIGITS)
    while at >= 0:
        run = _RUN.match(shape, at)
        end = run.end() if run is not None else at + len(_FEWEST_DIGITS)
        length = end - at
        fraction = at > 1 and shape[at - 1:at] == b"." and shape[at - 2:at - 1] == b"0"
        if _is_in_hex(seen, at, end):
            pass
        elif length == 15 and not fraction:
            yield Span(at, end, "imei")
        elif 18 <= length <= 22 and text.startswith(b"89", at) and not fraction:
            # One digit short, it is filled up with an F.
            end += text[end:end + 1] in (b"F", b"f")
            yield Span(at, end, "iccid")
        elif length == 32 and text.startswith(b"89", at):
            yield Span(at, end, "eid")
        at = shape.find(_FEWEST_DIGITS, end)


def _is_in_hex(seen: Shaped, start: int, end: int) -> bool:
    """Digits of a pointer, a digest or a UUID: they follow 0x, or letters from a to f stand among as many of them."""
    if seen.lower[max(0, start - 2):start].endswith(b"0x"):
        return True
    hex_shape = seen.hex
    before = hex_shape[max(0, start - SHORTEST_DIGEST):start]
    after = hex_shape[end:end + SHORTEST_DIGEST]
    around = len(before) - len(before.rstrip(b"h")) + len(after) - len(after.lstrip(b"h"))
    return around > 0 and end - start + around >= SHORTEST_DIGEST


def _grouped_numbers(seen: Shaped) -> Iterator[Span]:
    shape = seen.digits
    for at in hits(shape, _IMEI_SHAPES):
        end = at + len(_IMEI_SHAPES[0])
        if _is_apart(shape, at, end):
            yield Span(at, end, "imei")
    for at in hits(shape, _ICCID_SHAPES):
        run = shape[at:at + _LONGEST_ICCID]
        end = at + len(run) - len(run.lstrip(b"0 "))
        if seen.text.startswith(b"89", at) and _is_apart(shape, at, end):
            yield Span(at, end, "iccid")


def _is_apart(shape: bytes, start: int, end: int) -> bool:
    """Not a piece of something longer."""
    return shape[start - 1:start] not in (b"0", b"a", b"-") and shape[end:end + 1] not in (b"0", b"a", b"-")


def _phones(seen: Shaped) -> Iterator[Span]:
    text, shape = seen.text, seen.digits
    if b"+" in text:
        yield from (Span(found.start(), found.end(), "phone") for found in _INTERNATIONAL.finditer(text))
    for found in _LOCAL.finditer(text):
        if _is_local(found[0], shape[max(0, found.start() - 2):found.start()]):
            yield Span(found.start(), found.end(), "phone")
    for needles, pattern in ((_AREA_SHAPES, _AREA), (_TEN_SHAPES, _TEN)):
        for at in hits(shape, needles):
            number = pattern.match(text, at)
            if number is not None and shape[at - 1:at] not in _IN_A_WORD:
                yield Span(at, number.end(), "phone")


_IN_A_WORD = (b"0", b"a", b".", b"-", b"_", b":", b"/")


def _is_local(number: bytes, before: bytes) -> bool:
    """before: the two bytes in front of it, in the shape of digits."""
    least, most = _LOCAL_DIGITS
    return (least <= sum(0x30 <= code <= 0x39 for code in number) <= most
            and before[-1:] not in _IN_A_WORD and before not in (b"0 ", b"0,")
            and _FOURS.match(number) is None
            and (_MODE.match(number) is None or len(number.split(b" ", 1)[-1]) in (8, 9)))


def _emails(text: bytes) -> Iterator[Span]:
    for sign in (b"@", b"%40"):
        for at in hits(text, (sign,)):
            found = _EMAIL_DOMAIN.match(text, at + len(sign))
            if found is not None:
                before = text[max(0, at - _LONGEST_LOCAL):at]
                local = len(before) - len(before.rstrip(_EMAIL_LOCAL))
                if local:
                    yield Span(at - local, found.end(), "email")


def _locations(seen: Shaped) -> Iterator[Span]:
    text, shape = seen.text, seen.digits
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


def _web_tokens(text: bytes) -> Iterator[Span]:
    at = text.find(_JWT_START)
    while at >= 0:
        found = _JWT.match(text, at)
        if found is not None:
            yield Span(found.start(), found.end(), "secret")
            end = found.end()
        else:
            # Not again from inside the same run of letters.
            run = _JWT_RUN.match(text, at)
            end = run.end() if run is not None else at + len(_JWT_START)
        at = text.find(_JWT_START, end)
