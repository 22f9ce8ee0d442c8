"""Canonical JSON: one value, one sequence of bytes, on every machine and in every language (RFC 8785).

Keys are sorted by their UTF-16 code units, numbers are written as ECMAScript writes them, nothing is escaped that
need not be. Two things the RFC leaves to its user: an integer that a double cannot hold exactly is written as a
string, as on the wire, and a lone surrogate, which UTF-8 has no bytes for, becomes U+FFFD.
"""

from __future__ import annotations

import hashlib
from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyworker.findings import JSON

LARGEST_EXACT_INTEGER = 2**53 - 1

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ESCAPE_TABLE = {ord(char): _ESCAPES.get(char, f"\\u{ord(char):04x}") for char in [*map(chr, range(0x20)), *_ESCAPES]}
_ESCAPE_TABLE.update({surrogate: "\ufffd" for surrogate in range(0xD800, 0xE000)})


def canonical(value: JSON) -> bytes:
    """The canonical UTF-8 text of a JSON value. Raises ValueError on NaN and infinities."""
    parts: list[str] = []
    _write(value, parts.append)
    return "".join(parts).encode("utf-8")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _write(value: JSON, put: Callable[[str], None]) -> None:
    if value is None:
        put("null")
    elif isinstance(value, str):
        put(_string(value))
    elif isinstance(value, bool):
        put("true" if value else "false")
    elif isinstance(value, int):
        put(str(value) if abs(value) <= LARGEST_EXACT_INTEGER else f'"{value}"')
    elif isinstance(value, float):
        put(_number(value))
    elif isinstance(value, dict):
        put("{")
        for index, key in enumerate(sorted(value, key=_code_units)):
            put(("," if index else "") + _string(key) + ":")
            _write(value[key], put)
        put("}")
    elif isinstance(value, (list, tuple)):
        put("[")
        for index, item in enumerate(value):
            if index:
                put(",")
            _write(item, put)
        put("]")
    else:
        raise TypeError(f"{type(value).__name__} is not JSON")


def _string(text: str) -> str:
    return f'"{text.translate(_ESCAPE_TABLE)}"'


def _code_units(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def _number(value: float) -> str:
    """As ECMAScript's Number::toString: the shortest digits that read back to the same double, its own layout."""
    if not isfinite(value):
        raise ValueError("not a JSON number")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    # value = 0.DIGITS * 10^point
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        return sign + digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    power = f"e{point - 1:+d}"
    return f"{sign}{digits[0]}{'.' + digits[1:] if len(digits) > 1 else ''}{power}"
