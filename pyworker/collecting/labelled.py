"""What identifies or lets in because a label says so: "imei=…", "Authorization: …", "Account {name=…".

The label stays; its value goes. A value must look like one: systems write "password=true" and "account=null", too.
Only values that a label stands right before are taken, so the search is for labels, each a plain search over bytes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pyworker.collecting.shapes import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyworker.collecting.shapes import Shaped

# What systems write where there is no value, or one they keep back.
_NOTHING = frozenset((
    b"<unknown ssid>", b"unknown", b"null", b"(null)", b"nil", b"none", b"<none>", b"0x", b"true", b"false", b"yes", b"no",
    b"undefined", b"default", b"empty", b"required", b"invalid", b"failed", b"error", b"missing", b"expired"))
# Accounts of the system itself.
_SYSTEM_USERS = frozenset((b"root", b"mobile", b"system", b"shell", b"admin", b"guest", b"user", b"nobody", b"daemon", b"apple"))

# Between a label and its value: an equals sign or a colon, quotes (in JSON inside JSON with a backslash), or the tags of a
# property list. "Loose": blanks alone will do.
_SIGN = rb"(?:[\\\"')\]]{0,3} {0,3}[:=] {0,3}[\\\"'\[(]{0,3}|</key>\s{0,8}<string>)"
_LOOSE = rb"(?:[\\\"')\]]{0,3} ?[:=\[(]{0,2} ?[\\\"']{0,2}|</key>\s{0,8}<string>)"
_END = rb"(?![0-9A-Za-z])"

_NUMBER = re.compile(rb"[a-z0-9_]{0,2}" + _LOOSE + rb"(\+?[0-9a-f][0-9a-f-]{6,24})" + _END)
_EID = re.compile(rb"(?:[_ ]?number)?" + _LOOSE + rb"([0-9][0-9 -]{30,46}[0-9])" + _END)
_CHIP = re.compile(_LOOSE + rb"((?:0x)?[0-9a-f]{10,20})" + _END)
_UDID = re.compile(_LOOSE + rb"([0-9a-f]{8}-?[0-9a-f]{16}|[0-9a-f]{40})" + _END)
_CALLED = re.compile(rb"(?:[ _-]?(?:number|num|no|nr))?[a-z]{0,6}" + _SIGN + rb"(\+?\(?[0-9][0-9 ()./-]{4,22}[0-9])" + _END)
_DIALLED = re.compile(rb"(?:e?r|ing|ed)?(?:[ _-]?(?:id|from|to|number))?(?:" + _SIGN + rb"| )\(?"
                      rb"((?:\+|00[1-9]|0[1-9]|\([0-9])[0-9 ()./-]{5,20}[0-9])" + _END)
_ADDRESS = re.compile(rb"(\+?[0-9(][0-9 ().-]{3,20}[0-9])")
_NETWORK = re.compile(rb"[\\\"']{0,2} ?[:=] ?(?:\\?\"([^\"\\\n]{1,64})\\?\"|'([^'\n]{1,64})'|([^\s,;\"'\])}]{1,64}))")
_DEGREES = re.compile(rb"[a-z]{0,6}[\\\"']{0,2} ?[:=] ?[\"']?(-?[0-9]{1,3}\.[0-9]{1,15})")
_PLACE = re.compile(rb"(-?[0-9]{1,3}(?:\.[0-9]{1,15})?,-?[0-9]{1,3}(?:\.[0-9]{1,15})?)")
_HARDWARE = re.compile(rb"(?:[ _-]?addr)?(?:ess)?" + _LOOSE + rb"([0-9a-f]{12}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})" + _END)
# What Apple's crash reports know a phone by: the same in all of them, and in nobody else's.
_REPORTER = re.compile(rb"[ _]?key[\\\"']{0,2} {0,4}: {0,6}[\"']?([0-9a-f-]{16,64})")

# A value in quotes, or a word. Matched in the text as it is, so labels may end in any letters' case.
_NAME = rb"(?:(?<=[\"'])([^\"'\\\n]{1,128})(?=\\?[\"'])|([^\s,;&\"'\\\])}<]{3,128}))"
_ACCOUNT = re.compile(
    rb" ?\{name=([^,}\n]{1,128})|(?:[ _-]?(?:name|id|identifier|user))?" + _SIGN + _NAME, re.IGNORECASE)
_LOGIN = re.compile(rb"(?:[ _-]?(?:name|id|user))?" + _SIGN + _NAME, re.IGNORECASE)
_DSID = re.compile(_SIGN + rb"([0-9]{6}-[0-9]{2}-[0-9a-f-]{36}|[0-9]{5,20})" + _END)

_HEADER = re.compile(_SIGN + rb"(Digest [^\n]{1,4096}|(?:[a-z]{3,12} )?[^\s\\\"',;<>]{6,4096})", re.IGNORECASE)
_BEARER = re.compile(rb"[ :]{1,2}([A-Za-z0-9._~+/=-]{8,4096})")
_COOKIE = re.compile(rb"[s2]?[\\\"']{0,2} ?: ?[\\\"']{0,2}([A-Za-z0-9_.-]{1,64}=[^\r\n\"]{1,4096})")
_PASSWORD = re.compile(
    rb"(?:or)?d" + _SIGN + rb"(?:(?<=[\"'])([^\"'\\\n]{1,256})(?=\\?[\"'])|([^\s\"',;&}\])<]{3,256}))", re.IGNORECASE)
_SESSION = re.compile(rb"(?:[ _-]?(?:id|key|token))?" + _SIGN + rb"([A-Za-z0-9._~+/=%-]{8,4096})", re.IGNORECASE)
_TOKEN = re.compile(_SIGN + rb"<?((?:[0-9A-Fa-f]{8} ){3,15}[0-9A-Fa-f]{8}|[A-Za-z0-9._~+/=%-]{8,4096})")
_UUID = re.compile(rb"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\Z")
_DATE_OR_IP = re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}|(?:[0-9]{1,3}\.){3}[0-9]{1,3}\Z")
# Objects, pointers and the names of programs and of kinds of accounts.
_NOBODY = (b"<", b"0x", b"(", b"{", b"[", b"com.", b"org.", b"net.", b"android.")


def _any(_: bytes) -> bool:
    return True


def _is_number(value: bytes) -> bool:
    # A word after a keyword may be made of the letters a to f alone.
    return _digits(value) >= 6


def _is_eid(value: bytes) -> bool:
    return _digits(value) == 32


def _is_called(value: bytes) -> bool:
    return _digits(value) >= 6 and _DATE_OR_IP.match(value) is None


def _is_dialled(value: bytes) -> bool:
    return 7 <= _digits(value) <= 15


def _is_network(value: bytes) -> bool:
    return value.lower() not in _NOTHING and not value.startswith(b"<")


def _is_hardware(value: bytes) -> bool:
    return value.strip(b"0.") != b"" and _digits(value) > 0


def _is_account(value: bytes) -> bool:
    word = value.lower()
    return (word not in _NOTHING and word not in _SYSTEM_USERS and not word.startswith(_NOBODY)
            and _DATE_OR_IP.match(word) is None and not (word.isdigit() and len(word) < SHORTEST_ACCOUNT_NUMBER))


def _is_password(value: bytes) -> bool:
    return value.lower() not in _NOTHING and value.strip(b"*.\xe2\x80\xa2") != b"" and not value.startswith(b"<")


def _is_header(value: bytes) -> bool:
    """A scheme with its credentials, or credentials alone: "authorization: denied" is neither."""
    return b" " in value or _is_opaque(value)


def _is_opaque(value: bytes) -> bool:
    """Nobody's word: letters with digits among them, or very long. No pointer, and no UUID, which logs name things by."""
    digits = _digits(value)
    return (0 < digits < len(value) and not value.startswith((b"0x", b"0X")) and _UUID.match(value) is None
            ) or len(value) >= LONGEST_WORD


def _is_long_opaque(value: bytes) -> bool:
    return len(value) >= LONGEST_NAME or (
        len(value) >= SHORTEST_TOKEN and b"." not in value.rstrip(b".") and _is_opaque(value))


def _digits(value: bytes) -> int:
    return sum(0x30 <= code <= 0x39 for code in value)


# A shorter number is an index.
SHORTEST_ACCOUNT_NUMBER = 6
# Words are shorter, and so are classes with their packages.
LONGEST_WORD, LONGEST_NAME = 64, 256
# Of a token or session that only its label tells from other words.
SHORTEST_TOKEN = 20


class _Label(NamedTuple):
    """word: what is searched for, in lower case. before: what must stand right in front of it, one of these; blanks,
    dashes and underscores between them do not count. exact: the value's letters matter for the pattern; else it is
    matched in lower case.
    """

    word: bytes
    kind: str
    pattern: re.Pattern[bytes]
    is_value: Callable[[bytes], bool] = _any
    exact: bool = False
    before: tuple[bytes, ...] = (b"",)


# Labels that share their end share a search. Of several that fit, the first counts.
_LABELS = (
    _Label(b"imei", "imei", _NUMBER, _is_number),
    _Label(b"imsi", "imsi", _NUMBER, _is_number),
    _Label(b"cid", "iccid", _NUMBER, _is_number, before=(b"ic",)),
    _Label(b"cid", "ecid", _CHIP, _is_number, before=(b"e",)),
    _Label(b"eid", "imei", _NUMBER, _is_number, before=(b"m",)),
    _Label(b"eid", "account", _LOGIN, _is_account, exact=True, before=(b"appl",)),
    _Label(b"eid", "eid", _EID, _is_eid),
    _Label(b"udid", "udid", _UDID, _is_number),
    _Label(b"msisdn", "phone", _CALLED, _is_called),
    _Label(b"phone", "phone", _CALLED, _is_called),
    _Label(b"mobile", "phone", _CALLED, _is_called),
    _Label(b"tel:", "phone", _ADDRESS),
    _Label(b"sms:", "phone", _ADDRESS),
    _Label(b"call", "phone", _DIALLED, _is_dialled),
    _Label(b"dial", "phone", _DIALLED, _is_dialled),
    _Label(b"ssid", "mac", _HARDWARE, _is_hardware, before=(b"b",)),
    _Label(b"ssid", "network", _NETWORK, _is_network, exact=True),
    _Label(b"mac", "mac", _HARDWARE, _is_hardware),
    _Label(b"addr", "mac", _HARDWARE, _is_hardware, before=(b"hw", b"bd", b"wifi", b"bluetooth", b"ethernet", b"hardware")),
    _Label(b"itude", "location", _DEGREES, before=(b"lat", b"long")),
    _Label(b"geo:", "location", _PLACE),
    _Label(b"crashreporter", "device", _REPORTER),
    _Label(b"account", "account", _ACCOUNT, _is_account, exact=True),
    _Label(b"username", "account", _LOGIN, _is_account, exact=True),
    _Label(b"login", "account", _LOGIN, _is_account, exact=True),
    _Label(b"apple id", "account", _LOGIN, _is_account, exact=True),
    _Label(b"dsid", "account", _DSID),
    _Label(b"authorization", "secret", _HEADER, _is_header, exact=True),
    _Label(b"bearer", "secret", _BEARER, _is_opaque, exact=True),
    _Label(b"cookie", "secret", _COOKIE, exact=True),
    _Label(b"passw", "secret", _PASSWORD, _is_password, exact=True),
    _Label(b"secret", "secret", _TOKEN, _is_opaque, exact=True),
    _Label(b"apikey", "secret", _TOKEN, _is_opaque, exact=True),
    _Label(b"api_key", "secret", _TOKEN, _is_opaque, exact=True),
    _Label(b"api-key", "secret", _TOKEN, _is_opaque, exact=True),
    _Label(b"session", "secret", _SESSION, _is_long_opaque, exact=True),
    # Systems call much a token; these let somebody in.
    _Label(b"token", "secret", _TOKEN, _is_opaque, exact=True, before=(
        b"access", b"refresh", b"auth", b"id", b"api", b"push", b"device", b"csrf", b"xsrf", b"fcm", b"identity")),
    _Label(b"token", "secret", _TOKEN, _is_long_opaque, exact=True),
)
_BY_WORD = {word: [label for label in _LABELS if label.word == word] for word in dict.fromkeys(label.word for label in _LABELS)}
_LONGEST_BEFORE = 16
_NO_LETTERS = bytes(code for code in range(256) if code != 0x0A and not 0x61 <= code <= 0x7A)


def labelled(seen: Shaped) -> Iterator[Span]:
    kinds_of_lines = _kinds_of_lines(seen.lower)
    for word, labels in _BY_WORD.items():
        if word.translate(None, _NO_LETTERS) not in kinds_of_lines:
            continue
        at = seen.lower.find(word)
        while at >= 0:
            span = _value(seen, labels, at)
            if span is not None:
                yield span
            at = seen.lower.find(word, span.end if span is not None else at + len(word))


def _kinds_of_lines(lower: bytes) -> bytes:
    """The letters of each line, once. A log says few things, with ever new numbers: looking through this for forty labels
    costs a fraction of looking through all of it for the few that occur.
    """
    return b"\n".join(set(lower.translate(None, _NO_LETTERS).split(b"\n")))


def _value(seen: Shaped, labels: list[_Label], at: int) -> Span | None:
    before = seen.lower[max(0, at - _LONGEST_BEFORE):at].rstrip(b"_- ")
    for label in labels:
        if not before.endswith(label.before):
            continue
        found = label.pattern.match(seen.text if label.exact else seen.lower, at + len(label.word))
        if found is not None:
            group = found.lastindex or 0
            if label.is_value(found[group]):
                return Span(found.start(group), found.end(group), label.kind)
    return None
