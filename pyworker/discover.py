"""`rpc.discover`: the OpenRPC document, built from the method table and schemas/ so that it cannot drift from them."""

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


def discover(call: Call) -> dict[str, Any]:
    return _document()


@cache
def _document() -> dict[str, Any]:
    shared = [name for name in validation.names() if not name.endswith((".params", ".result"))]
    return {
        "openrpc": OPENRPC,
        "info": {
            "title": "pyworker",
            "version": __version__,
            "description": "JSON-RPC 2.0 over standard input and output, one message a line.",
            "license": {"name": "GPL-3.0-or-later"},
        },
        "methods": [_method(method) for method in METHODS.values()],
        "components": {"schemas": {name: validation.schema(name) for name in shared}},
    }


def _method(method: Method) -> dict[str, Any]:
    params = validation.schema(f"{method.name}.params")
    required = params.get("required", ())
    return {
        "name": method.name,
        "summary": method.summary,
        "paramStructure": "either",
        "params": [
            {"name": name, "required": name in required, "schema": member}
            for name, member in params.get("properties", {}).items()
        ],
        "result": {"name": "result", "schema": validation.schema(f"{method.name}.result")},
        "errors": _errors(method),
    }


def _errors(method: Method) -> list[dict[str, Any]]:
    protocol = [
        {"code": rpc.INVALID_PARAMS, "message": "invalid parameters"},
        {"code": rpc.INTERNAL_ERROR, "message": "the worker failed on this request"},
    ]
    if not method.at_once:
        protocol.append({"code": rpc.REQUEST_CANCELLED, "message": "cancelled"})
    return protocol + [{"code": kind.code, "message": kind.message} for kind in KINDS.values()]
