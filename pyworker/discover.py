"""`rpc.discover`: the OpenRPC document, built from the method table and schemas/ so that it cannot drift from them.

A schema file names another by its URN. In the document every schema is a component and is named by its place there,
because the tools for OpenRPC look references up in the document and nowhere else.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from protocol import errors as rpc
from pyworker import __version__, validation
from pyworker.errors import KINDS
from pyworker.methods import METHODS, Method

if TYPE_CHECKING:
    from pyworker.call import Call

OPENRPC = "1.3.2"
_URN = "urn:pyworker:"
_PLACE = "#/components/schemas/"


def discover(call: Call) -> dict[str, Any]:
    return _document()


@cache
def _document() -> dict[str, Any]:
    components = [name for name in validation.names() if not name.endswith(".params")]
    return {
        "openrpc": OPENRPC,
        "info": {
            "title": "pyworker",
            "version": __version__,
            "description": "JSON-RPC 2.0 over standard input and output, one message a line.",
            "license": {"name": "GPL-3.0-or-later"},
        },
        "methods": [_method(method) for method in METHODS.values()],
        "components": {"schemas": {name: _component(name) for name in components}},
    }


def _method(method: Method) -> dict[str, Any]:
    params = validation.schema(f"{method.name}.params")
    required = params.get("required", ())
    return {
        "name": method.name,
        "summary": method.summary,
        "paramStructure": "either",
        "params": [
            {"name": name, "required": name in required, "schema": _placed(member, f"{method.name}.params")}
            for name, member in params.get("properties", {}).items()
        ],
        "result": {"name": "result", "schema": {"$ref": f"{_PLACE}{method.name}.result"}},
        "errors": _errors(method),
    }


def _component(name: str) -> dict[str, Any]:
    placed: dict[str, Any] = _placed(validation.schema(name), name)
    return {key: member for key, member in placed.items() if key not in ("$id", "$schema")}


def _placed(value: Any, name: str) -> Any:
    """The same schema, a part of the file `name`, with every reference as a place in the document."""
    if isinstance(value, list):
        return [_placed(item, name) for item in value]
    if not isinstance(value, dict):
        return value
    placed = {key: _placed(member, name) for key, member in value.items()}
    if isinstance(reference := value.get("$ref"), str):
        file, _, place = reference.removeprefix(_URN).partition("#")
        placed["$ref"] = f"{_PLACE}{file or name}{place}"
    return placed


def _errors(method: Method) -> list[dict[str, Any]]:
    protocol = [
        {"code": rpc.INVALID_PARAMS, "message": "invalid parameters"},
        {"code": rpc.INTERNAL_ERROR, "message": "the worker failed on this request"},
    ]
    if not method.at_once:
        protocol.append({"code": rpc.REQUEST_CANCELLED, "message": "cancelled"})
    return protocol + [{"code": kind.code, "message": kind.message} for kind in KINDS.values()]
