"""What the peer is owed: the ledger of open requests. No I/O, no clock, no threads, no locks of its own.

A request is answered exactly once, by whoever takes it from the ledger first: its result, an error, a cancel, the
deadline or the shutdown. Everybody after that gets nothing to send. Whoever shares a Connection between threads holds
one lock around each call, and sends what a call returns before letting the lock go: then nothing about a request can
follow its answer.

Ids are compared with their type: 1, 1.0, true and "1" are four different ids.
"""

from protocol.errors import RpcError, invalid_request, request_cancelled
from protocol.messages import (
    Batch,
    Invalid,
    Notification,
    Request,
    answer_text,
    failure_text,
    notification_text,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from protocol.messages import Message

    Event: TypeAlias = "Owed | Notified | Cancelled | Outgoing | Ignored"

CANCEL = "$/cancelRequest"
PROGRESS = "$/progress"


class Owed:
    """A request that came and is owed an answer, which goes out alone or together with the others of its batch."""

    __slots__ = ("id", "id_text", "method", "params", "batch", "open")

    def __init__(self, request: Request, batch: "_Collected | None") -> None:
        self.id = request.id
        self.id_text = request.id_text
        self.method = request.method
        self.params = request.params
        self.batch = batch
        self.open = True


class _Collected:
    """The answers of a batch so far."""

    __slots__ = ("texts", "missing")

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.missing = 0


class Notified:
    __slots__ = ("method", "params")

    def __init__(self, notification: Notification) -> None:
        self.method = notification.method
        self.params = notification.params


class Cancelled:
    """The peer wants no more of it; it has been answered. Whatever works on it may stop."""

    __slots__ = ("owed",)

    def __init__(self, owed: Owed) -> None:
        self.owed = owed


class Outgoing:
    """Bytes for the peer: whole lines."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


class Ignored:
    """A response we did not ask for."""

    __slots__ = ()


class Connection:
    __slots__ = ("_open",)

    def __init__(self) -> None:
        self._open: dict[Any, Owed] = {}

    @property
    def open(self) -> "list[Owed]":
        """The requests that are still owed an answer, in order of arrival."""
        return list(self._open.values())

    # What comes in.

    def receive(self, message: "Message") -> "list[Event]":
        """What a message means: events in order. An Owed among them is a request that has just been opened."""
        events: list[Event] = []
        if isinstance(message, Batch):
            collected = _Collected()
            collected.missing = 1  # the batch itself, until all of it is in: else a cancel inside could close it early
            for each in message.messages:
                self._receive(each, collected, events)
            collected.missing -= 1
            _add(events, self._batch_done(collected))
        else:
            self._receive(message, None, events)
        return events

    def _receive(self, message: "Message", batch: "_Collected | None", events: "list[Event]") -> None:
        if isinstance(message, Request):
            self._open_request(message, batch, events)
        elif isinstance(message, Notification):
            if message.method == CANCEL:
                self._cancel(message.params, events)
            else:
                events.append(Notified(message))
        elif isinstance(message, Invalid):
            self._refuse(message, batch, events)
        else:
            events.append(Ignored())

    def _open_request(self, request: Request, batch: "_Collected | None", events: "list[Event]") -> None:
        key = _key(request.id)
        if key in self._open:
            error = invalid_request("a request with this id is still open", "Give each open request an id of its own.")
            self._refuse(Invalid(error, request.id_text), batch, events)
            return
        if request.method == CANCEL:
            self._cancel(request.params, events)  # before it stands in the ledger itself
        owed = Owed(request, batch)
        self._open[owed if key is None else key] = owed
        if batch is not None:
            batch.missing += 1
        if request.method == CANCEL:
            _add(events, self.answer(owed, "null"))
        else:
            events.append(owed)

    def _refuse(self, invalid: Invalid, batch: "_Collected | None", events: "list[Event]") -> None:
        text = failure_text(invalid.id_text, invalid.error)
        if batch is None:
            events.append(Outgoing(_line(text)))
        else:
            batch.texts.append(text)

    def _cancel(self, params: object, events: "list[Event]") -> None:
        wanted = params.get("id") if isinstance(params, dict) else None
        owed = self._open.get(_key(wanted)) if isinstance(wanted, (str, int, float)) else None
        if owed is None:
            return  # never asked, answered already, or a notification: a cancel of nothing is nothing
        data = self.fail(owed, request_cancelled())
        events.append(Cancelled(owed))
        _add(events, data)

    # What goes out. Each returns the bytes to send now, which may be none.

    def answer(self, owed: Owed, result_text: str) -> bytes:
        """Answer with a result, given as JSON text. Nothing when it was answered before."""
        return self._settle(owed, answer_text(owed.id_text, result_text)) if owed.open else b""

    def fail(self, owed: Owed, error: RpcError) -> bytes:
        return self._settle(owed, failure_text(owed.id_text, error)) if owed.open else b""

    def progress(self, owed: Owed, token: "str | int", stage: str, done: int, total: "int | None") -> bytes:
        """A notification about an open request. Nothing once it was answered."""
        if not owed.open:
            return b""
        params = {"token": token, "stage": stage, "done": done, "total": total}
        return _line(notification_text(PROGRESS, params))

    def _settle(self, owed: Owed, text: str) -> bytes:
        owed.open = False
        key = _key(owed.id)
        del self._open[owed if key is None else key]
        if owed.batch is None:
            return _line(text)
        owed.batch.texts.append(text)
        owed.batch.missing -= 1
        return self._batch_done(owed.batch)

    def _batch_done(self, batch: _Collected) -> bytes:
        if batch.missing or not batch.texts:
            return b""
        texts, batch.texts = batch.texts, []
        return _line("[" + ",".join(texts) + "]")


def _key(id: object) -> object:
    """What two requests must not share while both are open. None for an id of null, which names nothing."""
    return None if id is None else (type(id), id)


def _line(text: str) -> bytes:
    return text.encode("ascii") + b"\n"


def _add(events: "list[Event]", data: bytes) -> None:
    if data:
        events.append(Outgoing(data))
