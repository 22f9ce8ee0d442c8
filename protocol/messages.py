"""One line of JSON-RPC 2.0 -> the messages on it, strictly. No state, no I/O.

What the specification leaves open is decided here, once: unknown members are ignored; a member named twice makes the
request invalid; a batch has at most BATCH_LIMIT members and none of them is a batch; a message without `method` is a
response, which nobody here asked for, and is never answered, so that two peers cannot shout errors at each other.
"""

from protocol.errors import RpcError, invalid_request, parse_error
from protocol.json_text import DuplicateKey, NotJson, dumps, loads
from protocol.lines import LINE_LIMIT, TooLong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    Id: TypeAlias = str | int | float | None
    Params: TypeAlias = dict[str, Any] | list[Any] | None
    Message: TypeAlias = "Request | Notification | Response | Invalid | Batch"

# A page asks a handful of things at once; a longer batch is a mistake, and its answer could not be bounded.
BATCH_LIMIT = 64


class Request:
    """A call that is owed an answer. id is what the peer sent; id_text its JSON text, to be echoed."""

    __slots__ = ("id", "id_text", "method", "params")

    def __init__(self, id: "Id", method: str, params: "Params") -> None:
        self.id = id
        self.id_text = _id_text(id)
        self.method = method
        self.params = params


class Notification:
    """A call that is never answered, whatever becomes of it."""

    __slots__ = ("method", "params")

    def __init__(self, method: str, params: "Params") -> None:
        self.method = method
        self.params = params


class Response:
    """An answer somebody sent to us; we asked nothing, so it is only counted."""

    __slots__ = ()


class Invalid:
    """A message that is refused. id_text: the JSON text of its id where one could be read, else "null"."""

    __slots__ = ("error", "id_text")

    def __init__(self, error: RpcError, id_text: str = "null") -> None:
        self.error = error
        self.id_text = id_text


class Batch:
    __slots__ = ("messages",)

    def __init__(self, messages: "list[Request | Notification | Response | Invalid]") -> None:
        self.messages = messages


def decode(line: "bytes | TooLong") -> "Message | None":
    """What is on a line; None for a blank one. Never raises: what is wrong is in the Invalid that comes back."""
    if isinstance(line, TooLong):
        return Invalid(parse_error(f"a line of more than {LINE_LIMIT} bytes", "Send less in one message."))
    if not line or line.isspace():
        return None
    try:
        value = loads(line)
    except NotJson as problem:
        return Invalid(_refusal(line, str(problem)))
    except DuplicateKey as problem:
        error = invalid_request("a member is named twice", "Name each member of an object once.")
        return Invalid(error, _readable_id(problem.value))
    if isinstance(value, list):
        if not value:
            return Invalid(invalid_request("an empty batch", "Put a request into the batch."))
        if len(value) > BATCH_LIMIT:
            error = invalid_request(f"a batch of more than {BATCH_LIMIT}", "Send smaller batches, or single requests.")
            return Invalid(error)
        return Batch([_message(item) for item in value])
    return _message(value)


def _refusal(line: bytes, why: str) -> RpcError:
    try:
        from protocol.foreign import refusal  # only bad input pays for the import
    except (ImportError, OSError):  # no descriptor is left to load it with
        return parse_error(why)
    return refusal(line, why)


def _message(value: "Any") -> "Request | Notification | Response | Invalid":
    if not isinstance(value, dict):
        return Invalid(invalid_request("a request is an object"))
    if "method" not in value and ("result" in value or "error" in value):
        return Response()
    problem = _what_is_wrong(value)
    if problem is not None:
        return Invalid(problem, _readable_id(value))
    if "id" in value:
        return Request(value["id"], value["method"], value.get("params"))
    return Notification(value["method"], value.get("params"))


def _what_is_wrong(value: "dict[str, Any]") -> "RpcError | None":
    if value.get("jsonrpc") != "2.0":
        return invalid_request('jsonrpc must be exactly "2.0"')
    if not isinstance(value.get("method"), str):
        return invalid_request("method must be a string")
    if "params" in value and not isinstance(value["params"], (dict, list)):
        # Several client libraries write null for "none", which the specification does not allow.
        return invalid_request("params must be an object or an array", "Leave params out, or send {}, where there are none.")
    if "id" in value and not _legal_id(value["id"]):
        return invalid_request("id must be a string, a number or null", "Give each request a number or a text as its id.")
    return None


def _legal_id(id: object) -> bool:
    if isinstance(id, str):
        return id.isascii() or not any("\ud800" <= character <= "\udfff" for character in id)
    return id is None or (isinstance(id, (int, float)) and not isinstance(id, bool))


def _readable_id(value: object) -> str:
    if isinstance(value, dict) and "id" in value and _legal_id(value["id"]):
        return _id_text(value["id"])
    return "null"


def _id_text(id: "Id") -> str:
    """The id as it came, type and value. Not `dumps` for numbers: an id is echoed, not protected from rounding."""
    return dumps(id) if isinstance(id, str) else "null" if id is None else repr(id)


def answer_text(id_text: str, result_text: str) -> str:
    """A success, from the JSON text of its result."""
    return f'{{"jsonrpc":"2.0","id":{id_text},"result":{result_text}}}'


def failure_text(id_text: str, error: RpcError) -> str:
    return f'{{"jsonrpc":"2.0","id":{id_text},"error":{dumps(error.as_json())}}}'


def notification_text(method: str, params: "dict[str, Any]") -> str:
    return f'{{"jsonrpc":"2.0","method":{dumps(method)},"params":{dumps(params)}}}'
