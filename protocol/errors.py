"""The numbers JSON-RPC gives to what goes wrong, and the one exception that carries them.

Every failure that reaches the peer is an RpcError; nothing else does. The wire form is the error object of
JSON-RPC 2.0 with `data` always of one shape: {"kind", "hint", "retryable"}.
Numbers from -32768 to -32000 belong to the specification; an application picks its own outside that range.
"""

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
REQUEST_CANCELLED = -32800  # the number the Language Server Protocol made customary


class RpcError(Exception):
    """A failure the peer is told of.

    code, message: as JSON-RPC has them. kind: a stable name a program can switch on. hint: one sentence that tells
    a person what to do. retryable: whether the same request may work later unchanged.
    """

    __slots__ = ("code", "message", "kind", "hint", "retryable")

    def __init__(self, code: int, message: str, kind: str, hint: str, retryable: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.kind = kind
        self.hint = hint
        self.retryable = retryable

    def as_json(self) -> dict[str, object]:
        return {
            "code": self.code,
            "message": self.message,
            "data": {"kind": self.kind, "hint": self.hint, "retryable": self.retryable},
        }


_ONE_LINE = "Write each message as one line of JSON in UTF-8."
_A_REQUEST = 'A request is {"jsonrpc": "2.0", "id": 1, "method": "health"}, with params as an object or an array if any.'
_WHAT_IT_TAKES = "The program that asked has to ask otherwise; rpc.discover tells what each method takes."


def parse_error(message: str, hint: str = _ONE_LINE) -> RpcError:
    return RpcError(PARSE_ERROR, message, "parse_error", hint)


def invalid_request(message: str, hint: str = _A_REQUEST) -> RpcError:
    return RpcError(INVALID_REQUEST, message, "invalid_request", hint)


def method_not_found(method: str) -> RpcError:
    return RpcError(
        METHOD_NOT_FOUND, f"no method {method[:128]!r}", "method_not_found", "rpc.discover lists the methods."
    )


def invalid_params(message: str) -> RpcError:
    return RpcError(INVALID_PARAMS, message, "invalid_params", _WHAT_IT_TAKES)


def internal_error() -> RpcError:
    """What a crashed handler is answered with. The cause goes to the log, not over the wire."""
    return RpcError(
        INTERNAL_ERROR,
        "the worker failed on this request",
        "internal_error",
        "This is a fault of the worker; its log on stderr says more.",
    )


def request_cancelled() -> RpcError:
    return RpcError(REQUEST_CANCELLED, "cancelled", "cancelled", "Nothing is wrong: ask again if it is still wanted.", True)
