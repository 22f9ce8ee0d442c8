"""JSON texts (RFC 8259) read strictly and written for one line of a pipe.

Reading: UTF-8 without a byte order mark, nothing that JSON does not have (NaN, Infinity, numbers beyond a double),
nothing twice in an object. Writing: ASCII, compact, no number that JavaScript would round (integers beyond 2^53-1
become strings), no lone surrogate (U+FFFD instead), no NaN (null instead).

The interpreter's own scanner and encoder are used directly: they are what the json package is built on, and importing
the package would cost more than everything else on the way to the first answer (it brings re and enum with it).
Accepting and refusing is checked against the published JSON test suite's cases in tests/protocol.
"""

from _json import encode_basestring_ascii, make_encoder, make_scanner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

SAFE_INTEGER = 2**53 - 1  # beyond it a JavaScript reader would silently get another number

# Every integer beyond SAFE_INTEGER has at least as many digits as this.
_LONG_RUN = b"0" * 16
_DIGITS_AS_0 = bytes.maketrans(b"123456789", b"000000000")


class NotJson(ValueError):
    """The bytes are not a JSON text. The message says what is wrong in a few words."""


class DuplicateKey(Exception):
    """Valid JSON that names a member twice: whoever reads it would have to guess. Carries what can be read of it."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        super().__init__("a member is named twice")
        self.value = value


def _no_constant(name: str) -> object:
    raise NotJson(f"{name} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if value - value != 0.0:
        raise NotJson("a number is too large")
    return value


def _scanner(build_object: "Callable[[list[tuple[str, Any]]], Any]") -> "Callable[[str, int], tuple[Any, int]]":
    class Context:
        strict = True
        object_hook = None
        object_pairs_hook = staticmethod(build_object)
        parse_float = staticmethod(_finite)
        parse_int = int
        parse_constant = staticmethod(_no_constant)
        memo: "dict[str, str]" = {}

    return make_scanner(Context())  # type: ignore[arg-type]


def _unique(pairs: "list[tuple[str, Any]]") -> "dict[str, Any]":
    members = dict(pairs)
    if len(members) != len(pairs):
        raise DuplicateKey(None)
    return members


_scan = _scanner(_unique)
_scan_repeated = _scanner(dict)

_SPACE = " \t\n\r"


def loads(line: bytes) -> "Any":
    """The value of a JSON text. Raises NotJson, or DuplicateKey with the value in which the last one was kept."""
    try:
        text = line.decode("utf-8").strip(_SPACE)
    except UnicodeDecodeError:
        raise NotJson("not UTF-8") from None
    try:
        return _whole(_scan, text)
    except DuplicateKey:
        raise DuplicateKey(_whole(_scan_repeated, text)) from None


def _whole(scan: "Callable[[str, int], tuple[Any, int]]", text: str) -> "Any":
    try:
        try:
            value, end = scan(text, 0)
        except SystemError:
            # Before Python 3.13 the scanner raises json.JSONDecodeError only if somebody has loaded it, and otherwise
            # fails without an exception. Only bad input comes here, so only bad input pays for the import.
            import json.decoder  # noqa: F401

            value, end = scan(text, 0)
    except StopIteration:
        raise NotJson("not JSON") from None
    except NotJson:
        raise
    except RecursionError:
        raise NotJson("nested too deeply") from None
    except ValueError as problem:  # json.JSONDecodeError is one; so is a number of more than 4,300 digits
        where = getattr(problem, "pos", None)
        raise NotJson("a number is too long" if where is None else f"not JSON at character {where}") from None
    if end != len(text):
        raise NotJson(f"more than one JSON text on the line, at character {end}")
    return value


def _refuse(value: object) -> object:
    raise TypeError(f"{type(value).__name__} has no JSON form")


_encode = make_encoder(None, _refuse, encode_basestring_ascii, None, ":", ",", False, False, False)


def dumps(value: "Any") -> str:
    """The value as one line of ASCII. Raises TypeError for what JSON has no form for, RecursionError when too deep."""
    try:
        text = "".join(_encode(value, 0))
    except ValueError:  # NaN or infinity inside
        text = "".join(_encode(_tamed(value), 0))
    else:
        # One pass over the text finds out whether the costly walk over the value is needed at all.
        if _LONG_RUN in text.encode("ascii").translate(_DIGITS_AS_0):
            text = "".join(_encode(_tamed(value), 0))
    return _without_lone_surrogates(text) if "\\ud" in text else text


def _tamed(value: "Any") -> "Any":
    if isinstance(value, dict):
        return {key: _tamed(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_tamed(item) for item in value]
    if isinstance(value, float):
        return value if value - value == 0.0 else None
    if isinstance(value, int) and not isinstance(value, bool) and not -SAFE_INTEGER <= value <= SAFE_INTEGER:
        return str(value)
    return value


def _without_lone_surrogates(text: str) -> str:
    """The same JSON text with U+FFFD for each half of a surrogate pair that stands alone."""
    parts: list[str] = []
    start = 0
    at = text.find("\\")
    while at >= 0:
        if text[at + 1] != "u":  # \\n, \\", and the escaped backslash itself, after which a "u" means nothing
            at = text.find("\\", at + 2)
            continue
        unit = int(text[at + 2 : at + 6], 16)
        width = 6
        if 0xD800 <= unit < 0xE000:
            low = text[at + 6 : at + 12]
            if unit < 0xDC00 and low[:3] == "\\ud" and low[3] in "cdef":
                width = 12
            else:
                parts += (text[start:at], "\\ufffd")
                start = at + 6
        at = text.find("\\", at + width)
    parts.append(text[start:])
    return "".join(parts)
