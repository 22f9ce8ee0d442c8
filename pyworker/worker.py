"""The worker between the wire and the methods: who runs where, how much at once, and how it all ends.

    reader thread   decodes lines, answers `at_once` methods itself, passes every other request on
    launcher thread starts a thread for each of those, contained (pyworker.launcher)
    request thread  checks the parameters, waits for its turn in the device's lane, runs the handler, answers
    writer thread   writes what was answered (protocol.stdio)
    main thread     watches deadlines and the parent, and sees to the end

A request thread that hangs can keep neither its answer back (cancel, deadline and shutdown answer in its place) nor
the process alive: the process is left with os._exit.
"""

import threading
from _queue import Empty, SimpleQueue  # reentrant, so that a signal handler may use it; `queue` costs an import
from time import monotonic

from protocol.connection import Cancelled, Connection, Outgoing, Owed
from protocol.errors import RpcError, internal_error, invalid_params, invalid_request, method_not_found
from protocol.json_text import SAFE_INTEGER, dumps
from protocol.messages import decode
from protocol.stdio import Wire, system
from pyworker import guard, log, policy
from pyworker.call import Call
from pyworker.errors import failure
from pyworker.lanes import Lanes, Ticket
from pyworker.methods import METHODS, Method

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    from protocol.lines import TooLong
    from protocol.messages import Params
    from protocol.transcript import Recorder
    from pyworker.settings import Settings

    Receive: TypeAlias = Callable[[bytes | TooLong], None]
    Ended: TypeAlias = Callable[[str], None]

# A bench has at most a few dozen phones; each request under way is a thread and some megabytes.
IN_FLIGHT = 32
# What a page can still take in one piece; larger things belong into an artifact.
ANSWER_LIMIT = 8 * 1024 * 1024
# A request that can be cancelled is found by its id, so its id must be one that every peer can name again.
ID_LENGTH = 128
# After its own deadline a handler gets this long to hand over what it has, before it is answered in its place.
GRACE_S = 0.5
# How often the main thread looks at deadlines and at the parent.
TICK_S = 0.25
# What is under way when the input ends may still finish; a technician who quits does not wait longer.
DRAIN_S = 2.0
# The input of a killed parent ends a moment before the parent itself is gone.
DRAIN_LOOK_S = 0.05
# The peer reads its last answers in no time, or not at all.
FLUSH_S = 0.5
# The main thread joins at once, unless the process is leaving.
JOIN_S = 1.0
PROGRESS_INTERVAL_S = 0.1

EXIT_CODES = {"input_ended": 0, "shutdown": 0, "terminated": 0, "output_gone": 3, "parent_gone": 4, "bug": 70}


class Worker:
    """`run` is the whole life. `leave` may be called from anywhere, signal handlers included.

    wire: makes the Wire from where lines go and where its end is told. start_thread: starts a thread contained.
    """

    __slots__ = (
        "settings",
        "_connection",
        "_wire",
        "_lanes",
        "_calls",
        "_reasons",
        "_closing",
        "_recorder",
        "_at_once",
        "_start_thread",
        "_parent_alive",
        "_received",
        "_warm",
        "_joined",
    )

    def __init__(
        self,
        settings: "Settings",
        wire: "Callable[[Receive, Ended], Wire]",
        start_thread: "Callable[[threading.Thread], None]",
        recorder: "Recorder | None" = None,
    ) -> None:
        self.settings = settings
        self._connection = Connection()
        self._wire = wire(self.receive, self.leave)
        self._lanes = Lanes()
        self._calls: dict[Owed, Call] = {}
        self._reasons: SimpleQueue[str] = SimpleQueue()
        self._closing = False
        self._recorder = recorder
        self._at_once = Call({}, settings, float("inf"))
        self._start_thread = start_thread
        self._parent_alive = None if settings.parent_pid is None else system.watch(settings.parent_pid)
        self._received = 0
        self._warm = False
        self._joined = threading.Event()

    # The life.

    def run(self) -> int:
        """Serve until something ends it. Returns the exit code; the caller leaves with os._exit."""
        self._wire.start()
        why = self._watch()
        log.write("info", "leaving", why=why)
        if why in ("input_ended", "shutdown", "terminated"):
            self._drain()
            with self._wire.lock:
                if self._wire.broken:
                    why = "output_gone"
        return EXIT_CODES[why]

    def leave(self, why: str) -> None:
        self._reasons.put(why)

    def sealed(self) -> None:
        """Have the main thread join the layers that went up, before anything runs that they are there for."""
        self._reasons.put("sealed")
        self._joined.wait(JOIN_S)

    def _next_reason(self, seconds: float) -> str:
        """Raises Empty when there is none in time."""
        why = self._reasons.get(timeout=seconds)
        if why == "sealed":
            guard.join()
            self._joined.set()
        return why

    def _watch(self) -> str:
        received = 0
        while True:
            try:
                if (why := self._next_reason(TICK_S)) != "sealed":
                    return why
            except Empty:
                self._end_overdue()
                if received == self._received and not self._warm:
                    self._warm_up()
                received = self._received
                if self._parent_is_gone():
                    return "parent_gone"

    def _parent_is_gone(self) -> bool:
        return self._parent_alive is not None and not self._parent_alive()

    def _warm_up(self) -> None:
        """The wire has been quiet for a tick. Once something was asked at all, use the silence."""
        if self._received:
            from pyworker.warm import warm

            self._warm = True
            self._start_thread(threading.Thread(target=warm, name="warm-up", daemon=True))

    def _end_overdue(self) -> None:
        now = monotonic()
        with self._wire.lock:
            overdue = [(owed, call) for owed, call in self._calls.items() if now > call.deadline + GRACE_S]
            for owed, _ in overdue:
                self._send(self._connection.fail(owed, failure("timeout")))
        for _, call in overdue:
            call.stop()

    def _drain(self) -> None:
        until = monotonic() + DRAIN_S
        with self._wire.lock:
            self._closing = True
        while self._owes_something() and monotonic() < until:
            if self._parent_is_gone():
                return  # nobody is left to finish anything for
            try:
                if self._next_reason(DRAIN_LOOK_S) == "output_gone":
                    return
            except Empty:
                continue
        with self._wire.lock:
            for owed in self._connection.open:
                self._send(self._connection.fail(owed, failure("closing")))
            calls = list(self._calls.values())
        for call in calls:
            call.stop()
        if not self._wire.flush(FLUSH_S):
            log.write("warning", "answers_not_taken")

    def _owes_something(self) -> bool:
        with self._wire.lock:
            return bool(self._connection.open)

    # What comes in, on the reader's thread.

    def receive(self, line: "bytes | TooLong") -> None:
        self._received += 1
        if self._recorder is not None and isinstance(line, bytes):
            self._recorder.note("in", line)
        message = decode(line)
        if message is None:
            return
        with self._wire.lock:
            events = self._connection.receive(message)
            for event in events:
                if isinstance(event, Outgoing):
                    self._send(event.data)
        for event in events:
            if isinstance(event, Owed):
                self._open(event)
            elif isinstance(event, Cancelled):
                self._stop(event.owed)

    def _open(self, owed: Owed) -> None:
        method = METHODS.get(owed.method)
        try:
            if method is None:
                raise method_not_found(owed.method)
            if self._closing:
                raise failure("closing")
            policy.demand(method.capability, self.settings.policy_mode)
            if not method.at_once:
                self._start(owed, method)
                return
            if owed.params:
                raise invalid_params(f"{method.name} takes no parameters")
            text = dumps(method.function()(self._at_once))
        except RpcError as error:
            self._fail(owed, error)
        except Exception as error:  # noqa: BLE001  one bad handler must not make the worker deaf
            self._fail(owed, _crashed(error))
        else:
            with self._wire.lock:
                self._send(self._connection.answer(owed, text))
            if method.name == "shutdown":
                self.leave("shutdown")

    def _start(self, owed: Owed, method: Method) -> None:
        if not _can_be_cancelled(owed.id):
            raise invalid_request(
                f"the id of {method.name} must be an integer within 2^53 or a string of at most {ID_LENGTH} characters",
                "Number the requests: what takes its time can be cancelled, and is named by its id then.",
            )
        call = Call({}, self.settings, monotonic() + method.seconds)
        with self._wire.lock:
            if not owed.open:
                return  # cancelled by a later member of the same batch
            if len(self._calls) >= IN_FLIGHT:
                raise failure("busy")
            self._calls[owed] = call
        ticket = self._lanes.draw((method.lane, lane)) if (lane := _lane(method, owed.params)) is not None else None
        self._start_thread(
            threading.Thread(target=self._serve, args=(owed, method, call, ticket), name=method.name, daemon=True)
        )

    def _stop(self, owed: Owed) -> None:
        with self._wire.lock:
            call = self._calls.get(owed)
        if call is not None:
            call.stop()

    # One request, on its own thread.

    def _serve(self, owed: Owed, method: Method, call: Call, ticket: "Ticket | None") -> None:
        started = monotonic()
        text = ""
        error: RpcError | None = None
        try:
            text = self._result(owed, method, call, ticket)
        except RpcError as failed:
            error = failed
        except BaseException as bug:  # noqa: BLE001  whatever it was, the peer is owed an answer
            error = _crashed(bug)
        finally:
            if ticket is not None:
                self._lanes.give_back(ticket)
        if len(text) > ANSWER_LIMIT:
            error = failure("result_too_large")
        if len(text) > ANSWER_LIMIT // 8:
            self._wire.wait_for_room()
        with self._wire.lock:
            del self._calls[owed]
            self._send(self._connection.fail(owed, error) if error else self._connection.answer(owed, text))
            if self._closing:
                self._reasons.put("one_less")
        log.write(
            "info",
            "served",
            method=method.name,
            ms=int((monotonic() - started) * 1000),
            outcome=error.kind if error else "ok",
        )

    def _result(self, owed: Owed, method: Method, call: Call, ticket: "Ticket | None") -> str:
        from pyworker import validation
        from pyworker.loading import LOADING

        call.params = validation.named(method.name, owed.params)
        policy.demand_within(method.capability, self.settings.policy_mode, call.params.get("policy"))
        if "timeout_ms" in call.params:
            call.deadline += call.params["timeout_ms"] / 1000 - method.seconds  # counted from its arrival
        if "progress_token" in call.params:
            call.report = self._reporter(owed, call.params["progress_token"])
        if ticket is not None:
            ticket.wait(call)
        call.check()
        if not method.is_loaded:
            with LOADING:
                method.function()
        return dumps(method.function()(call))

    def _reporter(self, owed: Owed, token: "str | int") -> "Callable[[str, int, int | None], None]":
        due = 0.0

        def report(stage: str, done: int, total: "int | None") -> None:
            nonlocal due
            now = monotonic()
            if now < due:
                return
            due = now + PROGRESS_INTERVAL_S
            with self._wire.lock:
                if not self._wire.crowded:
                    self._send(self._connection.progress(owed, token, stage, done, total))

        return report

    # What goes out.

    def _fail(self, owed: Owed, error: RpcError) -> None:
        with self._wire.lock:
            self._send(self._connection.fail(owed, error))

    def _send(self, data: bytes) -> None:
        if data:
            if self._recorder is not None:
                self._recorder.note("out", data)
            self._wire.send(data)


def _crashed(bug: BaseException) -> RpcError:
    """What a handler is answered with that ended by an exception nobody understood."""
    from errno import EMFILE, ENFILE  # built in: no file has to be opened for it

    if isinstance(bug, OSError) and bug.errno in (EMFILE, ENFILE):
        # Anything may have wanted a descriptor, an import included; the request is not to blame, and may work later.
        log.write("warning", "no_descriptor_left")
        return failure("busy", "no descriptor is left")
    log.bug("handler_crashed", bug)
    return internal_error()


def _can_be_cancelled(id: object) -> bool:
    if isinstance(id, str):
        return len(id) <= ID_LENGTH
    return isinstance(id, int) and -SAFE_INTEGER <= id <= SAFE_INTEGER


def _lane(method: Method, params: "Params") -> "str | None":
    """The value the lane goes by, from parameters that nobody has checked yet. It is the first one by position."""
    if not method.lane:
        return None
    value: Any = params.get(method.lane) if isinstance(params, dict) else params[0] if params else None
    return value if isinstance(value, str) else None
