"""One connection to the virtual usbmuxd: bytes off the socket, into a conversation, and its replies back, late.

A conversation (usbmux, then lockdown or a service) is pure: it is given bytes and calls `reply`, `send`, `start_tls` or
`close` of its link. The link adds what a cable and a phone do to a reply: the latency of one round trip, TLS, and the
faults that wait for it. Replies keep their order. Nothing blocks: all links of a usbmuxd share one thread.

Latency is added to each write by its own clock, so replies to requests that were in flight together arrive together.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import struct
from collections import deque
from typing import TYPE_CHECKING, Protocol

from pyworker.virtual.iphone.faults import HUGE_LENGTH, NOISE, TLS_STEP, Framing

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator

    from pyworker.virtual.iphone.faults import Fault, Faults

_CHUNK = 256 * 1024

# A client that asks and does not read is not asked for more until it has caught up.
_HIGH_WATER = 1024 * 1024
_LOW_WATER = 256 * 1024

# A long reply trickles in pieces larger than a byte, so that it comes to an end.
_TRICKLES = 4096

# TLS 1.2, alert, 2 bytes: fatal, handshake_failure.
_TLS_ALERT = bytes((21, 3, 3, 0, 2, 2, 40))


# SO_LINGER's structure is two shorts on Windows and two ints elsewhere: on, for no time at all.
_LINGER_NOT = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


class Conversation(Protocol):
    """One protocol's side of a link. `receive` gets plain bytes in pieces of any size."""

    def receive(self, data: bytes) -> None: ...


class Link:
    """Belongs to the usbmuxd's loop; nothing of it may be called from another thread.

    on_unplug: takes the link's phone off the cable. on_closed: told once, when the socket is closed.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, sock: socket.socket,
        on_closed: Callable[[Link], None],
    ) -> None:
        sock.setblocking(False)
        self._loop = loop
        self._sock = sock
        self._on_closed = on_closed
        # Bytes that are still unread when a Unix socket is closed make the peer see a reset. So bytes are taken from
        # the kernel only once the conversation has dealt with them: a reset is then a close without taking them.
        self._peeks = sock.family not in (socket.AF_INET, socket.AF_INET6)
        self._peeked = 0
        self._conversation: Conversation | None = None
        self._outbox: deque[tuple[float, bytes]] = deque()
        self._outbox_bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._writing = False
        self._reading = False
        self._stream: Iterator[bytes | float] | None = None
        self._emit: Callable[[bytes], None] | None = None
        self._stream_timer: asyncio.Handle | None = None
        self._tls: ssl.SSLObject | None = None
        self._tls_incoming = ssl.MemoryBIO()
        self._tls_outgoing = ssl.MemoryBIO()
        self._tls_established = False
        # What a service has to say before the handshake is over (those that speak first).
        self._before_tls: list[bytes] = []
        self._tls_fault: Fault | None = None
        self._not_before = 0.0
        self._silent = False
        self._closing = False
        self._resetting = False
        self.closed = False
        self.latency = 0.0
        self.on_unplug: Callable[[], None] | None = None

    def begin(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._set_reading(True)

    def hand_over(self, conversation: Conversation, rest: bytes) -> None:
        """Another protocol takes over, beginning with what has been received and not yet read."""
        self._conversation = conversation
        if rest:
            self._feed(rest)

    # -- what conversations call ---------------------------------------------------------------------------------

    def reply(self, faults: Faults, service: str, step: str, body: bytes, framing: Framing) -> None:
        """Send a framed reply, or what a fault makes of it."""
        if self._silent or self._closing:
            return
        fault = faults.take(service, step)
        if fault is None:
            self.send(framing.wrap(body))
        else:
            self._strike(fault, body, framing)

    def send(self, data: bytes) -> None:
        if self._silent or self._closing or self.closed:
            return
        if self._tls is None:
            self._queue(data)
        elif self._tls_established:
            self._tls.write(data)
            self._flush_tls()
        else:
            self._before_tls.append(data)

    def start_tls(self, faults: Faults, service: str, context: ssl.SSLContext) -> None:
        """From here on the peer is expected to speak TLS. What is already queued goes out in the clear."""
        self._tls_fault = faults.take(service, TLS_STEP)
        self._tls_incoming = ssl.MemoryBIO()
        self._tls_outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._tls_incoming, self._tls_outgoing, server_side=True)
        self._tls_established = False

    def stream(self, items: Iterator[bytes | float], emit: Callable[[bytes], None]) -> None:
        """Give what `items` yields to `emit`, as fast as the peer reads; a number is a pause in seconds."""
        self._stream = items
        self._emit = emit
        self._pump()

    def close(self) -> None:
        """Close once everything queued has gone out."""
        self._closing = True
        self._stream = None
        if not self._outbox:
            self.abort()

    def abort(self, reset: bool = False) -> None:
        """Close now. With `reset` the peer's next read fails instead of ending."""
        if self.closed:
            return
        if not reset:
            self._take_peeked()
        self.closed = True
        self._set_reading(False)
        if self._writing:
            self._loop.remove_writer(self._sock)
            self._writing = False
        for timer in (self._timer, self._stream_timer):
            if timer is not None:
                timer.cancel()
        self._outbox.clear()
        self._stream = None
        self._conversation = None
        if reset and not self._peeks:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self._sock.close()
        self._on_closed(self)

    # -- faults ---------------------------------------------------------------------------------------------------

    def _strike(self, fault: Fault, body: bytes, framing: Framing | None) -> None:
        kind, how = fault.kind, fault.how
        whole = framing.wrap(body) if framing is not None else body
        if kind in ("close", "tls_fail"):
            if kind == "tls_fail":
                self._queue(_TLS_ALERT)
            self.close()
        elif kind == "reset":
            self._resetting = True
            self._loop.call_soon(self.abort, True)
        elif kind == "half_reply":
            self.send(whole[:max(1, len(whole) // 2)])
            self._silent = True
        elif kind == "huge_length":
            length = how.get("length", HUGE_LENGTH)
            self.send(framing.claim(length) if framing is not None else NOISE)
            self._silent = True
        elif kind == "garbage":
            noise = how.get("body", NOISE)
            self.send(noise if how.get("raw") or framing is None else framing.wrap(noise))
        elif kind == "wrong_keys":
            self.send(framing.wrap(framing.strange(how.get("value"))) if framing is not None else NOISE)
        elif kind == "unplug":
            self._silent = True
            if self.on_unplug is not None:
                self._loop.call_soon(self.on_unplug)
        elif kind == "trickle":
            self._trickle(whole, how.get("interval_s", 0.001))
        else:
            self._silent = True

    def _trickle(self, whole: bytes, interval_s: float) -> None:
        size = -(-len(whole) // _TRICKLES)
        began = self._loop.time()
        for index, start in enumerate(range(0, len(whole), size)):
            self._not_before = began + index * interval_s
            self.send(whole[start:start + size])
        self._not_before = 0.0

    # -- reading --------------------------------------------------------------------------------------------------

    def _set_reading(self, wanted: bool) -> None:
        if wanted == self._reading:
            return
        self._reading = wanted
        if wanted:
            self._loop.add_reader(self._sock, self._readable)
        else:
            self._loop.remove_reader(self._sock)

    def _readable(self) -> None:
        try:
            data = self._sock.recv(_CHUNK, socket.MSG_PEEK) if self._peeks else self._sock.recv(_CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self.abort()
            return
        if not data:
            self.abort()
            return
        self._peeked = len(data) if self._peeks else 0
        try:
            self._feed(data)
        except Exception:
            # A description that cannot be sent, or a defect: the client must not wait for ever. The loop reports it.
            self.abort()
            raise
        if self._resetting:
            self._set_reading(False)
        else:
            self._take_peeked()
        if self._outbox_bytes > _HIGH_WATER:
            self._set_reading(False)

    def _take_peeked(self) -> None:
        size, self._peeked = self._peeked, 0
        if size and not self.closed:
            self._sock.recv(size)

    def _feed(self, data: bytes) -> None:
        if self._silent or self._closing or self.closed or self._conversation is None:
            return
        if self._tls is None:
            self._conversation.receive(data)
        else:
            self._feed_tls(data)

    def _feed_tls(self, data: bytes) -> None:
        if self._tls_fault is not None:
            fault, self._tls_fault = self._tls_fault, None
            self._tls = None
            self._strike(fault, NOISE, None)
            return
        tls = self._tls
        assert tls is not None
        self._tls_incoming.write(data)
        try:
            if not self._tls_established:
                tls.do_handshake()
                self._flush_tls()
                self._tls_established = True
                self._say_what_waited()
            while True:
                plain = tls.read(_CHUNK)
                if not plain:
                    self._end_tls(tls)
                    return
                self._flush_tls()
                if self._conversation is not None:
                    self._conversation.receive(plain)
                if self._tls is not tls or self.closed or self._silent:
                    return
        except ssl.SSLWantReadError:
            self._flush_tls()
        except ssl.SSLError:
            # The alert that says why is still to be sent.
            self._flush_tls()
            self.close()

    def _say_what_waited(self) -> None:
        waited, self._before_tls = self._before_tls, []
        for data in waited:
            self.send(data)
        self._pump()

    def _end_tls(self, tls: ssl.SSLObject) -> None:
        """The peer sent close_notify (after StopSession); what follows on the connection is in the clear."""
        # The peer may be gone already, or may have sent its last word twice: either way TLS is over.
        with contextlib.suppress(ssl.SSLError):
            tls.unwrap()
        self._flush_tls()
        self._tls = None
        rest = self._tls_incoming.read()
        if rest:
            self._feed(rest)

    def _flush_tls(self) -> None:
        data = self._tls_outgoing.read()
        if data:
            self._queue(data)

    # -- writing --------------------------------------------------------------------------------------------------

    def _queue(self, data: bytes) -> None:
        due = self._not_before + self.latency if self._not_before else 0.0
        if self.latency and not due:
            due = self._loop.time() + self.latency
        self._outbox.append((due, data))
        self._outbox_bytes += len(data)
        if len(self._outbox) == 1:
            self._write()

    def _write(self) -> None:
        """Send what is due; then wait for the socket or for the clock, whichever is in the way."""
        self._timer = None
        while self._outbox and not self.closed:
            due, data = self._outbox[0]
            wait = due - self._loop.time() if due else 0.0
            if wait > 0.0:
                if self._timer is None:
                    self._timer = self._loop.call_later(wait, self._write)
                self._set_writing(False)
                return
            try:
                sent = self._sock.send(data)
            except (BlockingIOError, InterruptedError):
                self._set_writing(True)
                return
            except OSError:
                self.abort()
                return
            self._outbox_bytes -= sent
            if sent == len(data):
                self._outbox.popleft()
            else:
                self._outbox[0] = (due, data[sent:])
        if self.closed:
            return
        self._set_writing(False)
        if self._closing:
            self.abort()
            return
        if not self._resetting:
            self._set_reading(True)
        if self._stream is not None and self._stream_timer is None:
            self._stream_timer = self._loop.call_soon(self._pump)

    def _set_writing(self, wanted: bool) -> None:
        if wanted == self._writing:
            return
        self._writing = wanted
        if wanted:
            self._loop.add_writer(self._sock, self._write)
        else:
            self._loop.remove_writer(self._sock)

    def _pump(self) -> None:
        if self._stream_timer is not None:
            self._stream_timer.cancel()
            self._stream_timer = None
        if self._tls is not None and not self._tls_established:
            return
        while self._stream is not None and not self._silent and not self.closed and self._outbox_bytes < _LOW_WATER:
            item = next(self._stream, None)
            if item is None:
                self._stream = None
            elif isinstance(item, bytes):
                if self._emit is not None:
                    self._emit(item)
            else:
                self._stream_timer = self._loop.call_later(item, self._pump)
                return
