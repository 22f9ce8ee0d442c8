"""Parameters and results against schemas/, with jsonschema and a closed registry: no reference is ever fetched."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from protocol.errors import invalid_params
from schemas import FOLDER

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

# An answer names what is wrong, it does not repeat a megabyte of it.
_SHOWN = 200


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
    from jsonschema import Draft202012Validator
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT202012

    resources = [Resource.from_contents(schema(each), default_specification=DRAFT202012) for each in names()]
    registry: Registry[Any] = Registry().with_resources([(each.id() or "", each) for each in resources])
    return Draft202012Validator(schema(name), registry=registry)


def named(method: str, params: dict[str, Any] | list[Any] | None) -> dict[str, Any]:
    """The parameters by name, checked. Raises invalid_params, which names the member and what it should be."""
    known = tuple(schema(f"{method}.params").get("properties", ()))
    if isinstance(params, list):
        if len(params) > len(known):
            raise invalid_params(f"{method} takes at most {len(known)} parameters")
        params = dict(zip(known, params, strict=False))
    given = params or {}
    for name in given:
        if name not in known:
            takes = ", ".join(known) or "none"
            raise invalid_params(f"{name[:_SHOWN]!r} is not a parameter of {method}; it takes {takes}")
    problem = first_problem(f"{method}.params", given)
    if problem:
        raise invalid_params(problem)
    return given


def first_problem(name: str, value: Any) -> str:
    """What is wrong with the value in one sentence that starts with the member's path, or ""."""
    from jsonschema.exceptions import best_match

    try:
        error = best_match(validator(name).iter_errors(value))
    except RecursionError:
        return "nested too deeply"
    if error is None:
        return ""
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path).lstrip(".")
    return f"{path}: {_said(error)}"[: 2 * _SHOWN] if path else _said(error)[: 2 * _SHOWN]


def _said(error: Any) -> str:
    """The rule that was broken, without the value that broke it when that is long."""
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return f"{missing[0]} is missing"
    if error.validator == "type":
        wanted = error.validator_value
        return f"should be {wanted if isinstance(wanted, str) else ' or '.join(wanted)}"
    if error.validator == "enum":
        return f"should be one of {', '.join(map(str, error.validator_value))}"
    if error.validator in ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"):
        return f"should have {error.validator} {error.validator_value}"
    message: str = error.message
    return message if len(message) <= _SHOWN else f"does not keep to {error.validator} of its schema"
