"""The pipe to the parent: the descriptors, the reader, the writer. The only place with I/O and threads.

    take()   the first thing a process does: fd 0 and 1 become private, and nobody else can read or write the wire any
             more; fd 0 is then the null device, fd 1 and 2 lead to stderr (see spill)
    Wire     a thread that reads and a thread that writes; `send` never blocks

The reader never waits for handlers, and for the writer only when the peer has let OUTBOX_LIMIT of answers pile up:
then the pipe fills and the peer is held back instead of memory being filled. Nothing is lost that way. It reads with
os.read on a descriptor of its own: a thread parked in sys.stdin aborts the interpreter at its exit.
"""

import os
import sys
import threading
from time import monotonic

from protocol.lines import Lines

if sys.platform == "win32":
    from protocol import windows as system
else:
    from protocol import posix as system

__all__ = ["Taken", "Wire", "system", "take"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from protocol.lines import TooLong

# What a pipe holds on Linux; more a read would rarely find.
READ_SIZE = 64 * 1024
# One write takes this much at most, so that joining small answers does not copy megabytes at a time.
WRITE_SIZE = 256 * 1024
# Answers the peer has not taken yet. Two of the largest, so that one can be on its way while the next is made.
OUTBOX_LIMIT = 16 * 1024 * 1024
# Progress is dropped rather than queued behind this much.
LOSSY_LIMIT = 1024 * 1024
# How often a paused reader looks whether the peer has hung up meanwhile.
_PAUSE_LOOK_S = 0.25


class Taken:
    """The descriptors of the process, after `take`. output is None when stdout was closed from the start.

    spill: the reading end of what fd 1 and 2 now lead to.
    """

    __slots__ = ("input", "output", "stderr", "spill")

    def __init__(self, input: int, output: "int | None", stderr: int, spill: int) -> None:
        self.input = input
        self.output = output
        self.stderr = stderr
        self.spill = spill


def take() -> Taken:
    closed = set()
    while (null := os.open(os.devnull, os.O_RDWR)) <= 2:  # fills each of 0, 1, 2 that was closed at the start
        closed.add(null)
    taken_input, taken_stderr = os.dup(0), os.dup(2)
    taken_output = None if 1 in closed else os.dup(1)
    for fd in (taken_input, taken_output):
        if fd is not None:
            system.make_binary(fd)
    source, mouth = os.pipe()
    os.dup2(null, 0)
    os.dup2(mouth, 1)
    os.dup2(mouth, 2)
    os.close(null)
    os.close(mouth)
    return Taken(taken_input, taken_output, taken_stderr, source)


def _go_on() -> None:
    """Nobody wants to know."""


class Wire:
    """receive: called on the reader's thread with each line, must not block. ended: called with why no more comes,
    from any thread and perhaps more than once; must neither block nor use the Wire. awake: called by each of its threads
    when it has waited, before it goes on.

    `lock` guards the outbox and whatever its user keeps in step with it; `send` is called with it held.
    """

    __slots__ = (
        "lock",
        "_taken",
        "_receive",
        "_ended",
        "_awake",
        "_outgoing",
        "_written",
        "_outbox",
        "_size",
        "_writing",
        "_broken",
        "_reader",
        "_answered",
        "_by_reader",
    )

    def __init__(
        self,
        taken: Taken,
        receive: "Callable[[bytes | TooLong], None]",
        ended: "Callable[[str], None]",
        awake: "Callable[[], None]" = _go_on,
    ) -> None:
        self._taken = taken
        self._receive = receive
        self._ended = ended
        self._awake = awake
        self.lock = threading.Lock()
        # Two, because a writer that is woken for nothing costs a small request as much as the request itself.
        self._outgoing = threading.Condition(self.lock)  # there is something to write: only the writer waits for it
        self._written = threading.Condition(self.lock)  # there is more room
        self._outbox: list[bytes] = []
        self._size = 0
        self._writing = False
        self._broken = taken.output is None
        self._reader = 0
        self._by_reader = False
        self._answered = False  # until then the first answer goes by the writer: the poll costs an import

    def start(self) -> None:
        if self._broken:
            self._ended("output_gone")
            return
        threading.Thread(target=self._write, name="writer", daemon=True).start()
        threading.Thread(target=self._read, name="reader", daemon=True).start()

    # Towards the peer.

    def send(self, data: bytes) -> None:
        """Put whole lines into the outbox. With `lock` held. Never blocks; the limit is kept by those who produce."""
        if self._broken:
            return
        self._outbox.append(data)
        self._size += len(data)
        # What the reader answers itself goes out together, after the last line of what it has read.
        if not self._writing and threading.get_ident() != self._reader:
            self._outgoing.notify()

    @property
    def crowded(self) -> bool:
        """Whether what may be dropped should be. With `lock` held."""
        return self._size > LOSSY_LIMIT

    @property
    def broken(self) -> bool:
        """Whether the peer takes no answer any more. With `lock` held."""
        return self._broken

    def wait_for_room(self) -> None:
        """For a thread with a large answer: wait while the peer takes none. Ends with the process at the latest."""
        with self.lock:
            while self._size > OUTBOX_LIMIT and not self._broken:
                self._written.wait()

    def flush(self, seconds: float) -> bool:
        """Wait until everything is written, but not longer than this. Whether it was."""
        until = monotonic() + seconds
        with self.lock:
            self._outgoing.notify()
            while self._size and not self._broken and (left := until - monotonic()) > 0:
                self._written.wait(left)
            return not self._size

    def _write(self) -> None:
        output = self._taken.output
        assert output is not None
        while True:
            with self.lock:
                self._writing = False
                while self._by_reader or not self._outbox:
                    self._outgoing.wait()
                self._writing = True
                chunks = self._outbox
                self._outbox = []
            self._awake()
            try:
                for data in _joined(chunks):
                    _write_all(output, data)
                    with self.lock:
                        self._size -= len(data)
                        self._written.notify_all()
            except OSError:
                with self.lock:
                    self._broken = True
                    self._outbox.clear()
                    self._written.notify_all()
                self._ended("output_gone")
                return

    # From the peer.

    def _read(self) -> None:
        lines = Lines()
        self._reader = threading.get_ident()
        try:
            while data := self._next():
                self._awake()
                for line in lines.feed(data):
                    self._receive(line)
                    if self._size > OUTBOX_LIMIT:
                        self._pause()
                self._pass_on()
            for last in lines.end():
                self._receive(last)
            self._ended("input_ended")
        except BaseException as bug:  # noqa: BLE001  the worker is deaf now: it must not live on
            sys.excepthook(type(bug), bug, bug.__traceback__)
            self._ended("bug")

    def _pass_on(self) -> None:
        """Send what the reader itself has answered: a small answer to an attentive peer at once, else by the writer.

        Waking the writer costs as much as everything else about a small request.
        """
        output = self._taken.output
        with self.lock:
            alone = not self._writing and len(self._outbox) == 1 and self._answered
            if not (alone and output is not None and system.takes(output, self._size)):
                self._answered = self._answered or bool(self._outbox)
                self._outgoing.notify()
                return
            [data] = self._outbox
            self._outbox = []
            self._by_reader = True  # the writer keeps still, so that nothing overtakes
        try:
            _write_all(output, data)
        except OSError:
            self._broken = True
            self._ended("output_gone")
        with self.lock:
            self._size -= len(data)
            self._by_reader = False
            self._written.notify_all()
            if self._outbox:
                self._outgoing.notify()

    def _next(self) -> bytes:
        try:
            return os.read(self._taken.input, READ_SIZE)
        except OSError:
            return b""  # a closed console, a reset socket: no more will come

    def _pause(self) -> None:
        with self.lock:
            self._outgoing.notify()
            while self._size > OUTBOX_LIMIT and not self._broken:
                self._written.wait(_PAUSE_LOOK_S)
                if system.hung_up(self._taken.input):
                    self._ended("input_ended")


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _joined(chunks: "list[bytes]") -> "list[bytes]":
    """The same bytes in fewer pieces."""
    if len(chunks) == 1:
        return chunks
    joined = []
    group: list[bytes] = []
    size = 0
    for chunk in chunks:
        if size + len(chunk) > WRITE_SIZE and group:
            joined.append(b"".join(group))
            group, size = [], 0
        group.append(chunk)
        size += len(chunk)
    joined.append(b"".join(group))
    return joined
