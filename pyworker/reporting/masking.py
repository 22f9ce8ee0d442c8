"""What each audience gets to see. A value's kind comes from the content schema's x-privacy tag; what has none is left out.

    none         shown to all               software    which apps, profiles, processes: a life in a list
    imei         IMEI, MEID                 log         lines and words out of a log
    serial       the device's serial        network     addresses and names of networks
    identifier   UDID, ECID, part serials   location    where somebody is or was
    subscriber   ICCID, IMSI, number        person      technician, customer, job
    account      Apple ID, e-mail           device_name "Anna's iPhone"

True, false, null and small numbers say nothing about who somebody is and pass without a tag: a verdict, its absence and
a measurement reach everybody. Texts and long numbers need a tag. Names of members are kept only where they look like
names; anything else in their place is data.

What was masked in its member is also replaced wherever else it stands literally: a serial number in a note, or in
another finding's evidence, is still a serial number.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pyworker.findings import JSON

AUDIENCES = ("customer", "technician", "insurer", "support")

# kind -> what a customer, a technician, an insurer and a support desk get.
_ACTIONS: dict[str, tuple[str, str, str, str]] = {
    "none": ("show", "show", "show", "show"),
    "imei": ("type_code", "show", "show", "token"),
    "serial": ("ends", "show", "show", "token"),
    "identifier": ("ends", "show", "ends", "token"),
    "subscriber": ("last_four", "show", "omit", "omit"),
    "account": ("present", "show", "omit", "omit"),
    "device_name": ("omit", "show", "omit", "omit"),
    "network": ("omit", "show", "omit", "token"),
    "software": ("count", "show", "count", "omit"),
    "log": ("omit", "show", "omit", "omit"),
    "person": ("show", "show", "show", "omit"),
    "location": ("omit", "omit", "omit", "omit"),
}

HIDDEN = "\u2022\u2022\u2022"
# No shorter number identifies anybody; coordinates are short, and have a tag.
SMALLEST_IDENTIFIER = 10_000_000
# A literal is looked for in other texts when it is distinctive: of such a kind, this long, with a digit in it.
# "iPhone" as a device's name, or "unknown" as its serial, would black out half of the report.
DISTINCTIVE = ("imei", "serial", "identifier", "subscriber", "account", "network")
SHORTEST_LITERAL = 6
# A phone and its parts have fewer; the pattern made of them stays small whatever a content holds.
MOST_LITERALS = 200
# A token names one of the few identifiers of one job: 64 bits cannot collide there.
TOKEN_DIGITS = 16
# Deeper than anything the worker answers; it bounds the recursion on what a stranger sent.
DEEPEST = 16

_MEMBER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,63}\Z")
_GONE = object()

Schema = dict[str, Any]


class Masked:
    """content: what the audience may see. masked: kind -> how many different values were masked or counted only.

    left_out: how many values are not there at all, because of their kind or for want of a tag.
    """

    __slots__ = ("content", "masked", "left_out")

    def __init__(self, content: dict[str, Any], masked: dict[str, int], left_out: int) -> None:
        self.content = content
        self.masked = masked
        self.left_out = left_out


def mask(
    content: dict[str, Any], schema: Schema, audience: str, show_device_name: bool = False, key: bytes | None = None,
) -> Masked:
    """A copy of `content` for this audience. `key`: for tokens; without it they are left out."""
    actions = {kind: by_audience[AUDIENCES.index(audience)] for kind, by_audience in _ACTIONS.items()}
    if show_device_name and audience == "customer":
        actions["device_name"] = "show"
    walk = _Walk(schema, actions, key)
    result = walk.value(content, schema, None, 0)
    kept: dict[str, Any] = result if isinstance(result, dict) else {}
    if walk.replaced:
        kept = _replace_literals(kept, walk.replaced)
    return Masked(kept, {kind: len(values) for kind, values in sorted(walk.seen.items())}, walk.left_out)


class _Walk:
    """One pass over a content, with its schema beside it."""

    __slots__ = ("seen", "left_out", "replaced", "_root", "_actions", "_key", "_members")

    def __init__(self, root: Schema, actions: Mapping[str, str], key: bytes | None) -> None:
        self.seen: dict[str, set[str]] = {}
        self.left_out = 0
        self.replaced: dict[str, str] = {}
        self._root = root
        self._actions = actions
        self._key = key
        self._members: dict[tuple[int, str], Schema | None] = {}

    def value(self, value: Any, schema: Schema | None, inherited: str | None, depth: int) -> Any:
        """The value as this audience may see it, or _GONE."""
        if value is None or isinstance(value, bool):
            return value
        kind = self._tag(schema) or inherited
        if isinstance(value, (dict, list)):
            if depth >= DEEPEST:
                self.left_out += 1
                return _GONE
            if kind is not None and self._actions[kind] in ("count", "present", "omit"):
                return self._summed_up(value, kind)
            return self._object(value, schema, kind, depth) if isinstance(value, dict) else [
                kept for item in value
                if (kept := self.value(item, self._member(schema, "", items=True), kind, depth + 1)) is not _GONE]
        return self._scalar(value, kind)

    def _object(self, value: dict[str, Any], schema: Schema | None, kind: str | None, depth: int) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for name, member in value.items():
            if _MEMBER_NAME.match(name) is None:
                self.left_out += 1
                continue
            of_member = self._member(schema, name)
            by_key = of_member.get("x-privacy-by-key") if of_member else None
            if by_key is not None:
                of_member = self._member(self._at(by_key["tags"]), str(value.get(by_key["key"])))
            seen = self.value(member, of_member, kind, depth + 1)
            if seen is not _GONE:
                kept[name] = seen
        return kept

    def _scalar(self, value: Any, kind: str | None) -> Any:
        if kind is None:
            if not isinstance(value, str) and abs(value) < SMALLEST_IDENTIFIER:
                return value
            self.left_out += 1
            return _GONE
        action = self._actions[kind]
        if action == "show":
            return value
        if action in ("omit", "count") or (action == "token" and self._key is None):
            self.left_out += 1
            self._remember(kind, value, HIDDEN)
            return _GONE
        seen = self._token(kind, str(value)) if action == "token" else _SHORTENED[action](str(value))
        self.seen.setdefault(kind, set()).add(str(value))
        self._remember(kind, value, seen)
        return seen

    def _summed_up(self, value: dict[str, Any] | list[Any], kind: str) -> Any:
        action = self._actions[kind]
        if action == "omit":
            self.left_out += 1
            for text in _texts(value):
                self._remember(kind, text, HIDDEN)
            return _GONE
        self.seen.setdefault(kind, set()).add(f"{len(value)} of a list or group")
        return len(value) if action == "count" else bool(value)

    def _token(self, kind: str, value: str) -> str:
        # Keyed: a bare hash of an IMEI is found again by trying the million that its type code allows.
        digest = hmac.new(self._key or b"", f"{kind}:{value}".encode("utf-8", "replace"), hashlib.sha256)
        return f"{kind}:{digest.hexdigest()[:TOKEN_DIGITS]}"

    def _remember(self, kind: str, value: Any, seen: str) -> None:
        text = str(value)
        if (kind in DISTINCTIVE and len(text) >= SHORTEST_LITERAL and any(map(str.isdigit, text))
                and len(self.replaced) < MOST_LITERALS):
            self.replaced[text] = seen

    def _tag(self, schema: Schema | None) -> str | None:
        while schema is not None:
            if "x-privacy" in schema:
                return str(schema["x-privacy"])
            schema = self._at(schema["$ref"]) if "$ref" in schema else None
        return None

    def _member(self, schema: Schema | None, name: str, items: bool = False) -> Schema | None:
        """The schema of a member of an object (or of a list's items), looking through references."""
        if schema is None:
            return None
        known = (id(schema), "" if items else name)
        if known not in self._members:
            self._members[known] = self._find_member(schema, name, items)
        return self._members[known]

    def _find_member(self, schema: Schema, name: str, items: bool) -> Schema | None:
        otherwise: Schema | None = None
        step: Schema | None = schema
        while step is not None:
            if items and "items" in step:
                return _schema(step["items"])
            if not items:
                if name in step.get("properties", ()):
                    return _schema(step["properties"][name])
                for pattern, by_pattern in step.get("patternProperties", {}).items():
                    if re.search(pattern, name):
                        return _schema(by_pattern)
                otherwise = otherwise or step.get("additionalProperties")
            step = self._at(step["$ref"]) if "$ref" in step else None
        return _schema(otherwise)

    def _at(self, reference: str) -> Schema:
        place: Any = self._root
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        found: Schema = place
        return found


def _schema(found: Any) -> Schema | None:
    return found if isinstance(found, dict) else None


def _ends(text: str) -> str:
    """The first three and the last two: enough to compare with the label on the box."""
    return f"{text[:3]}{HIDDEN}{text[-2:]}" if len(text) > 7 else HIDDEN


def _type_code(text: str) -> str:
    """The type allocation code names the model, not the phone."""
    return f"{text[:8]}{HIDDEN}{text[-3:]}" if len(text) > 12 else HIDDEN


def _last_four(text: str) -> str:
    return f"{HIDDEN}{text[-4:]}" if len(text) > 7 else HIDDEN


_SHORTENED: dict[str, Callable[[str], str]] = {
    "ends": _ends,
    "type_code": _type_code,
    "last_four": _last_four,
    "present": lambda text: HIDDEN,
}


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        step = waiting.pop()
        if isinstance(step, str):
            yield step
        elif isinstance(step, dict):
            waiting.extend(step.values())
        elif isinstance(step, list):
            waiting.extend(step)


def _replace_literals(content: dict[str, Any], replaced: Mapping[str, str]) -> dict[str, Any]:
    # Longest first, so that no part of a longer one is left standing.
    found = re.compile("|".join(re.escape(text) for text in sorted(replaced, key=lambda text: (-len(text), text))))

    def everywhere(value: JSON) -> Any:
        if isinstance(value, str):
            return found.sub(lambda match: replaced[match[0]], value)
        if isinstance(value, dict):
            return {name: everywhere(member) for name, member in value.items()}
        if isinstance(value, list):
            return [everywhere(item) for item in value]
        return value

    cleaned: dict[str, Any] = everywhere(content)
    return cleaned
