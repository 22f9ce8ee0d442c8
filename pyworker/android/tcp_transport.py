"""Way (b): the carrier adb_shell is given to reach a phone's adbd over TCP.

adb_shell's own carrier waits 40 ms a command for want of TCP_NODELAY, spins on a connection that has ended, sends less
than it was given, has no overall deadline, takes whatever length a header announces, cannot be woken (all measured).
This one does none of that. Failures are NoAnswer, which passes through adb_shell untouched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adb_shell.transport.base_transport import BaseTransport

from pyworker.android.bounded_socket import BoundedSocket
from pyworker.android.no_answer import NoAnswer

if TYPE_CHECKING:
    from pyworker.call import Call

LARGEST_PACKET = 1024 * 1024  # what adb_shell tells the phone it takes; a header that announces more is a lie


class TcpTransport(BaseTransport):  # type: ignore[misc]  # the library carries no types
    """until: no wait goes beyond it; may be set anew before each operation. budget: bytes the phone may send in all."""

    def __init__(self, address: tuple[str, int], call: Call, until: float, budget: int) -> None:
        self.until = until
        self.budget = budget
        self._address = address
        self._call = call
        self._socket: BoundedSocket | None = None

    def connect(self, transport_timeout_s: float | None = None) -> None:
        """Raises OSError when nobody is there."""
        self._socket = BoundedSocket(self._address, self._call, self.until)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _open(self) -> BoundedSocket:
        if self._socket is None:
            raise NoAnswer("disconnected")
        return self._socket

    def bulk_read(self, numbytes: int, transport_timeout_s: float | None = None) -> bytes:
        """Exactly `numbytes`. Raises NoAnswer."""
        if numbytes > LARGEST_PACKET:
            raise NoAnswer("unreadable")
        self.budget -= numbytes
        if self.budget < 0:
            raise NoAnswer("truncated")
        return self._open().receive_exactly(numbytes, self.until)

    def bulk_write(self, data: bytes, transport_timeout_s: float | None = None) -> int:
        """All of `data`. Raises NoAnswer."""
        self._open().send(data, self.until)
        return len(data)
