"""A TCP connection whose every wait ends: at a given time, when the call is stopped, or when the peer is gone.

Used towards an adb server and towards a phone's own adbd. Rules:
- literal addresses only: a name would have to be resolved, which waits without a bound and talks to others;
- TCP_NODELAY: adb's small messages would wait 40 ms each for the peer's acknowledgement otherwise (measured);
- the end of the stream is told apart from silence, or a reader spins on a dead connection at full speed (measured);
- what is sent is sent whole.

One thread uses a connection; `call.stop` from any other thread wakes it.
"""

from __future__ import annotations

import errno
import ipaddress
import os
import selectors
import socket
from time import monotonic
from typing import TYPE_CHECKING

from pyworker import dial
from pyworker.android.no_answer import NoAnswer

if TYPE_CHECKING:
    from pyworker.call import Call

CONNECT_LIMIT_S = 5.0  # a phone in the same network answers in milliseconds; the system's own patience is minutes
_SLICE_S = 0.5  # a stopped call is noticed this soon even where a shutdown does not wake a waiting thread
_UNDER_WAY = (errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY)


def literal(host: str) -> str | None:
    """The address when `host` is one, or the loopback's name; None for every other name. Resolves nothing."""
    if host == "localhost":
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return None


class BoundedSocket:
    """Connects at once. Raises OSError when nobody is there, NoAnswer("timeout") when that stays open for too long."""

    __slots__ = ("_call", "_forget", "_socket")

    def __init__(self, address: tuple[str, int], call: Call, until: float) -> None:
        host = literal(address[0])
        if host is None:
            raise OSError(errno.EADDRNOTAVAIL, "not a literal address")
        self._call = call
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        self._forget = call.on_stop(self._wake)
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connect((host, address[1]), min(until, monotonic() + CONNECT_LIMIT_S))
        except BaseException:
            self.close()
            raise

    def _connect(self, address: tuple[str, int], until: float) -> None:
        self._socket.setblocking(False)
        error = dial.begin(self._socket, address)
        if error in _UNDER_WAY:
            with selectors.DefaultSelector() as selector:
                selector.register(self._socket, selectors.EVENT_WRITE)
                while not selector.select(self._patience(until)):
                    pass
            error = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, os.strerror(error))

    def _wake(self) -> None:
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # closed or not connected yet: nobody waits in it for longer than a slice

    def _patience(self, until: float) -> float:
        """How long the next wait may be. Raises when there is nothing left to wait for."""
        left = until - monotonic()
        if left <= 0 or self._call.stopped:
            raise NoAnswer("timeout")
        return min(left, _SLICE_S)

    def receive_into(self, buffer: memoryview | bytearray, until: float) -> int:
        """Put what has come into `buffer`; 0 only at the end of the stream."""
        while True:
            self._socket.settimeout(self._patience(until))
            try:
                count = self._socket.recv_into(buffer)
            except TimeoutError:
                continue
            except OSError:
                self._patience(until)  # a stopped call looks like a broken connection
                raise NoAnswer("disconnected") from None
            if not count:
                self._patience(until)
            return count

    def receive_exactly(self, count: int, until: float) -> bytes:
        """`count` bytes. Raises NoAnswer("disconnected") when the stream ends before."""
        data = bytearray(count)
        view = memoryview(data)
        while view:
            got = self.receive_into(view, until)
            if not got:
                raise NoAnswer("disconnected")
            view = view[got:]
        return bytes(data)

    def send(self, data: bytes, until: float) -> None:
        view = memoryview(data)
        while view:
            self._socket.settimeout(self._patience(until))
            try:
                view = view[self._socket.send(view):]
            except TimeoutError:
                continue
            except OSError:
                self._patience(until)
                raise NoAnswer("disconnected") from None

    def close(self) -> None:
        self._forget()
        self._socket.close()
