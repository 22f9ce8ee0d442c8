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

What was masked in its member is also replaced wherever else it stands, in the other spellings too: a serial number in a
note, or in another finding's evidence, is still a serial number, in small letters or with an invisible one between.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from pyworker.collecting.folding import Folded
from pyworker.collecting.known_identifiers import identifier_spellings

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
MOST_SPELLINGS = 400
# A token names one of the few identifiers of one job: 64 bits cannot collide there.
TOKEN_DIGITS = 16
# Deeper than anything the worker answers; it bounds the recursion on what a stranger sent.
DEEPEST = 16

# By days, services and features too: "2026-11-25", "com.apple.fmip".
_MEMBER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}\Z")
LONGEST_NAME = 64
# Of members in schemas and in contents, together: some hundreds are the worker's own.
MOST_PLACES = 5_000

CONTENT = "report.content"
FACTS = "#/$defs/facts"
_GONE = object()

Schema = dict[str, Any]
# What is known of a place in the content: the schemas that may have a tag for it, in order of preference.
Nodes = tuple[Schema, ...]


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
    content: dict[str, Any], schema: Callable[[str], Schema], audience: str, show_device_name: bool = False,
    key: bytes | None = None,
) -> Masked:
    """A copy of `content` for this audience. schema: by its file's name. key: for tokens; without it they are left out."""
    actions = {kind: by_audience[AUDIENCES.index(audience)] for kind, by_audience in _ACTIONS.items()}
    if show_device_name and audience == "customer":
        actions["device_name"] = "show"
    tags = _tags(schema)
    walk = _Walk(tags, actions, key)
    result = walk.value(content, tags.nodes(schema(CONTENT)), None, 0)
    kept: dict[str, Any] = result if isinstance(result, dict) else {}
    hidden = {text: seen for text, seen in walk.replaced.items() if text not in walk.shown}
    if hidden:
        kept = _replace_everywhere(kept, hidden, {text.lower().encode("utf-8", "replace") for text in walk.shown})
    return Masked(kept, {kind: len(values) for kind, values in sorted(walk.seen.items())}, walk.left_out)


class _Tags:
    """The schemas as a place to look tags up in. Keeps what it found: the same few hundred places come again and again."""

    __slots__ = ("_schema", "_nodes", "_members", "_found")

    def __init__(self, schema: Callable[[str], Schema]) -> None:
        self._schema = schema
        self._nodes: dict[int, Nodes] = {}
        self._members: dict[tuple[int, str], Nodes] = {}
        self._found: list[Nodes] = []  # what is looked up by identity must stay alive

    def nodes(self, schema: Any) -> Nodes:
        """A schema and all it refers to."""
        if not isinstance(schema, dict):
            return ()
        if id(schema) not in self._nodes:
            references = [*schema.get("x-privacy-from", ()), *([schema["$ref"]] if "$ref" in schema else ())]
            self._nodes[id(schema)] = (schema, *(node for reference in references for node in self.at(reference)))
        return self._nodes[id(schema)]

    def at(self, reference: str) -> Nodes:
        document, _, pointer = reference.partition("#")
        place: Any = self._schema(document.removeprefix("urn:pyworker:") or CONTENT)
        for step in pointer.split("/")[1:]:
            place = place.get(step, {})
        return self.nodes(place)

    def tag(self, nodes: Nodes) -> str | None:
        return next((str(node["x-privacy"]) for node in nodes if "x-privacy" in node), None)

    def member(self, nodes: Nodes, name: str) -> Nodes:
        """Of an object, by the first node that knows the name; by those that take any name where none does."""
        return self._kept(nodes, name, self._find)

    def items(self, nodes: Nodes) -> Nodes:
        """Of a list."""
        return self._kept(nodes, "", lambda nodes, _: self._under(nodes, "items"))

    def _kept(self, nodes: Nodes, name: str, find: Callable[[Nodes, str], Nodes]) -> Nodes:
        known = (id(nodes), name)
        found = self._members.get(known)
        if found is None:
            found = find(nodes, name)
            if len(self._found) >= MOST_PLACES:
                # Names come from outside: a stream of new ones must not fill the memory.
                return found
            self._found.append(nodes)
            self._members[known] = found
        return found

    def _find(self, nodes: Nodes, name: str) -> Nodes:
        for node in nodes:
            if name in node.get("properties", ()):
                return self.nodes(node["properties"][name])
            for pattern, by_pattern in node.get("patternProperties", {}).items():
                if re.search(pattern, name):
                    return self.nodes(by_pattern)
        found = self._under(nodes, "additionalProperties")
        documents = [document for node in nodes for document in node.get("x-privacy-values", ())]
        if documents:
            value = {"x-privacy-from": [*(f"{document}#/$defs/{name}" for document in documents), FACTS]}
            found = ({"properties": {"value": value}}, *found)
        return found

    def _under(self, nodes: Nodes, keyword: str) -> Nodes:
        return tuple(each for node in nodes for each in self.nodes(node.get(keyword)))


@cache
def _tags(schema: Callable[[str], Schema]) -> _Tags:
    return _Tags(schema)


class _Walk:
    """One pass over a content, with its schemas beside it."""

    __slots__ = ("seen", "left_out", "replaced", "shown", "_tags", "_actions", "_key")

    def __init__(self, tags: _Tags, actions: Mapping[str, str], key: bytes | None) -> None:
        self.seen: dict[str, set[str]] = {}
        self.left_out = 0
        self.replaced: dict[str, str] = {}
        self.shown: set[str] = set()  # an Android phone's id is its serial number: one masked, the other not
        self._tags = tags
        self._actions = actions
        self._key = key

    def value(self, value: Any, nodes: Nodes, inherited: str | None, depth: int) -> Any:
        """The value as this audience may see it, or _GONE."""
        if value is None or isinstance(value, bool):
            return value
        kind = self._tags.tag(nodes) or inherited
        if not isinstance(value, (dict, list)):
            # One of a closed list of words says nothing about a person.
            listed = kind is None and any(value in node.get("enum", ()) for node in nodes)
            return value if listed else self._scalar(value, kind)
        if depth >= DEEPEST:
            self.left_out += 1
            return _GONE
        if kind is not None and self._actions[kind] in ("count", "present", "omit"):
            return self._summed_up(value, kind)
        if isinstance(value, dict):
            return self._object(value, nodes, kind, depth)
        of_items = self._tags.items(nodes)
        seen = (self.value(item, of_items, kind, depth + 1) for item in value)
        return [item for item in seen if item is not _GONE]

    def _object(self, value: dict[str, Any], nodes: Nodes, kind: str | None, depth: int) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for name, member in value.items():
            if _MEMBER_NAME.match(name) is None:
                self.left_out += 1
                continue
            of_member = self._tags.member(nodes, name)
            by_key = of_member[0].get("x-privacy-by-key") if of_member else None
            if by_key is not None:
                key = str(value.get(by_key["key"]))[:LONGEST_NAME]
                of_member = self._tags.member(self._tags.at(by_key["tags"]), key)
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
            if kind in DISTINCTIVE:
                self.shown.add(str(value))
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


def _replace_everywhere(content: dict[str, Any], replaced: Mapping[str, str], shown: set[bytes]) -> dict[str, Any]:
    """replaced: a value -> what stands for it. shown: what this audience sees anyway, in lower case."""
    spelled: dict[bytes, str] = {}
    for value, seen in replaced.items():
        for spelling in identifier_spellings(value):
            if len(spelling) >= SHORTEST_LITERAL and spelling not in shown:
                spelled.setdefault(spelling, seen)
    if not spelled:
        return content
    # Longest first, so that no part of a longer one is left standing.
    longest = sorted(spelled, key=lambda spelling: (-len(spelling), spelling))[:MOST_SPELLINGS]
    found = re.compile(b"|".join(map(re.escape, longest)))

    def clean(text: str) -> str:
        if len(text) < SHORTEST_LITERAL:
            return text
        original = text.encode("utf-8", "surrogatepass")
        folded = Folded(original)
        pieces: list[bytes] = []
        at = 0
        for match in found.finditer(folded.text.lower()):
            start, end = folded.span(match.start(), match.end())
            pieces += (original[at:start], spelled[match[0]].encode())
            at = end
        return b"".join((*pieces, original[at:])).decode("utf-8", "surrogatepass") if pieces else text

    def everywhere(value: JSON) -> Any:
        if isinstance(value, str):
            return clean(value)
        if isinstance(value, dict):
            return {name: everywhere(member) for name, member in value.items()}
        if isinstance(value, list):
            return [everywhere(item) for item in value]
        return value

    cleaned: dict[str, Any] = everywhere(content)
    return cleaned
