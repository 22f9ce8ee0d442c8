"""Parameters and results against schemas/, with jsonschema and a closed registry: no reference is ever fetched.

What is wrong is said to the person who wrote the request: the member by its path, and what it must be, in words. No
word of the schema language, no pattern, and never a value that does not fit, which may be long, or a secret.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from protocol.errors import invalid_params
from pyworker.loading import LOADING
from schemas import FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable

    from jsonschema.protocols import Validator

# An answer names what is wrong, it does not repeat a megabyte of it.
_SHOWN = 200
# The annotation that says in words what a pattern asks for; it follows "must be".
_WORDS = "x-words"

_TYPES = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "an array",
    "null": "null",
}


@cache
def schema(name: str) -> dict[str, Any]:
    """The schema file of this name, without ".json"."""
    loaded: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_bytes())
    return loaded


@cache
def names() -> tuple[str, ...]:
    return tuple(sorted(path.name.removesuffix(".json") for path in FOLDER.glob("*.json")))


@cache
def validator(name: str) -> Validator:
    with LOADING:
        from jsonschema import Draft202012Validator
        from referencing import Registry, Resource
        from referencing.jsonschema import DRAFT202012

    resources = [Resource.from_contents(schema(each), default_specification=DRAFT202012) for each in names()]
    registry: Registry[Any] = Registry().with_resources([(each.id() or "", each) for each in resources])
    return Draft202012Validator(schema(name), registry=registry)


def named(method: str, params: dict[str, Any] | list[Any] | None) -> dict[str, Any]:
    """The parameters by name, checked. Raises invalid_params, which names the member and what it should be."""
    rules = schema(f"{method}.params").get("properties", {})
    if isinstance(params, list):
        if len(params) > len(rules):
            raise invalid_params(f"{method} takes at most {len(rules)} parameters")
        params = dict(zip(rules, params, strict=False))
    given = params or {}
    for name in given:
        if name not in rules:
            takes = ", ".join(rules) or "none"
            raise invalid_params(f"{name[:_SHOWN]!r} is not a parameter of {method}; it takes {takes}")
    problem = first_problem(f"{method}.params", given)
    if problem:
        raise invalid_params(problem)
    return {name: _whole(value, rules[name]) for name, value in given.items()}


def _whole(value: Any, rule: dict[str, Any]) -> Any:
    """5.0 is an integer to a schema, and to a writer whose language knows one kind of number; not to a handler."""
    return int(value) if isinstance(value, float) and rule.get("type") == "integer" else value


def first_problem(name: str, value: Any) -> str:
    """What is wrong with the value in one sentence that starts with the member's path, or ""."""
    try:
        error = _best_match()(validator(name).iter_errors(value))
    except RecursionError:
        return "nested too deeply"
    if error is None:
        return ""
    return _said(error, _path(error.absolute_path))[: 2 * _SHOWN]


@cache
def _best_match() -> Callable[..., Any]:
    with LOADING:
        from jsonschema.exceptions import best_match

    return best_match


def _path(steps: Any) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")


def _said(error: Any, path: str) -> str:
    it = path or "this"
    if error.validator == "required":
        missing = next(name for name in error.validator_value if name not in error.instance)
        return f"{path}.{missing} is missing".lstrip(".")
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        extra = next((name for name in error.instance if name not in known), "")
        return f"{path}.{extra[:_SHOWN]} is not known; {it} takes {', '.join(known) or 'nothing'}".lstrip(".")
    told = _MUST.get(error.validator)
    return f"{it} must {told(error)}" if told else f"{it} is not as rpc.discover describes it"


def _types(error: Any) -> str:
    wanted = error.validator_value
    return " or ".join(_TYPES[each] for each in ([wanted] if isinstance(wanted, str) else wanted))


def _at_least(error: Any) -> str:
    least = error.validator_value
    return "not be empty" if least == 1 else f"have at least {least} characters"


# What was broken -> what follows "must".
_MUST: dict[Any, Callable[[Any], str]] = {
    "type": lambda error: f"be {_types(error)}, not {_kind(error.instance)}",
    "enum": lambda error: f"be one of {', '.join(map(_json, error.validator_value))}",
    "const": lambda error: f"be {_json(error.validator_value)}",
    "minimum": lambda error: f"be at least {error.validator_value}",
    "maximum": lambda error: f"be at most {error.validator_value}",
    "minLength": _at_least,
    "maxLength": lambda error: f"have at most {error.validator_value} characters",
    "minItems": lambda error: f"have at least {error.validator_value} entries",
    "maxItems": lambda error: f"have at most {error.validator_value} entries",
    "uniqueItems": lambda error: "name nothing twice",
    "pattern": lambda error: f"be {error.schema.get(_WORDS, 'written as rpc.discover describes it')}",
}


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _kind(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, float):
        return "a number with a fraction"
    return next(words for kind, words in _KINDS if isinstance(value, kind))


_KINDS: tuple[tuple[type, str], ...] = (
    (str, "a string"),
    (int, "a number"),
    (dict, "an object"),
    (list, "an array"),
)
