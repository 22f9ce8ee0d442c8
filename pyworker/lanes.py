"""One lane a device: what is asked of one phone happens one after another, in the order it was asked.

A phone answers two questions at once no faster than one after the other, and some of its services answer wrongly.
A ticket is drawn in order of arrival, on the reader's thread; its holder waits for its turn on a thread of its own.
"""

import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyworker.call import Call


class Ticket:
    __slots__ = ("key", "_turn")

    def __init__(self, key: object) -> None:
        self.key = key
        self._turn = threading.Event()

    def call_up(self) -> None:
        self._turn.set()

    def wait(self, call: "Call") -> None:
        """Until it is this ticket's turn. Raises what `call.check` raises when the wait is over for another reason."""
        forget = call.on_stop(self.call_up)
        try:
            self._turn.wait(call.remaining())
        finally:
            forget()
        call.check()


class Lanes:
    """All calls under one lock of its own; none of them blocks."""

    __slots__ = ("_lock", "_queues")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queues: dict[object, list[Ticket]] = {}

    def draw(self, key: object) -> Ticket:
        """A place at the end of this key's lane."""
        ticket = Ticket(key)
        with self._lock:
            queue = self._queues.setdefault(key, [])
            queue.append(ticket)
            if len(queue) == 1:
                ticket.call_up()
        return ticket

    def give_back(self, ticket: Ticket) -> None:
        """Done, or given up before its turn. The next in the lane is called up."""
        with self._lock:
            queue = self._queues[ticket.key]
            first = queue[0] is ticket
            queue.remove(ticket)
            if not queue:
                del self._queues[ticket.key]
            elif first:
                queue[0].call_up()
