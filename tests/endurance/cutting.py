"""A cable that breaks: between the worker and a virtual usbmuxd or adb server, at any byte, in any way.

Every connection to the relay is one to the peer behind it. `arm` counts what the phone's side sends from then on, over
all connections; when the count is reached, the connection that carries that byte is struck:

    fin       it ends as if the daemon had closed it
    reset     it ends with RST
    stall     nothing comes any more; it stays open
    garbage   noise comes instead of what was sent, then its end
    dribble   one byte a second from there on
    all       every connection of the relay ends with RST, and new ones are refused, until `mend`
"""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import threading

KINDS = ("fin", "reset", "stall", "garbage", "dribble", "all")
_NOISE = random.Random(5).randbytes(256)
# SO_LINGER with no time: closing sends RST.
_ABORTIVE = struct.pack("ii", 1, 0)


class Relay:
    """address: where the worker is sent to. behind: a path, or (host, port).

    struck: whether the armed cut happened. ends: after how many bytes each message of the phone's side ended, since `arm`
    (as far as its writes are its messages).
    """

    def __init__(self, behind: str | tuple[str, int]) -> None:
        self.struck = False
        self.ends: list[int] = []
        self._behind = behind
        self._lock = threading.Lock()
        self._kind = ""
        self._left = 0
        self._mended = threading.Event()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._listener.getsockname()

    def __enter__(self) -> Relay:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.mend()
        self._listener.close()

    def arm(self, kind: str, after: int) -> None:
        with self._lock:
            self.struck = False
            self.ends = []
            self._kind, self._left = kind, after
            self._mended.clear()

    def mend(self) -> None:
        """From here on everything passes; connections that were struck, and all others, are gone."""
        with self._lock:
            self._kind = ""
            self._mended.set()
            pairs = list(self._pairs)
        for pair in pairs:
            _end(*pair, abortively=True)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return  # closed
            if self._kind == "all" and self.struck:
                near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORTIVE)
                near.close()
                continue
            far = socket.socket(socket.AF_UNIX if isinstance(self._behind, str) else socket.AF_INET)
            far.connect(self._behind)
            for each in (near, far):
                if each.family == socket.AF_INET:
                    each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pair = (near, far)
            with self._lock:
                self._pairs.add(pair)
            threading.Thread(target=self._to_phone, args=pair, daemon=True).start()
            threading.Thread(target=self._from_phone, args=pair, daemon=True).start()

    def _to_phone(self, near: socket.socket, far: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := near.recv(65536):
                far.sendall(data)
            far.shutdown(socket.SHUT_WR)

    def _from_phone(self, near: socket.socket, far: socket.socket) -> None:
        try:
            while data := far.recv(65536):
                whole, kind = self._until_the_cut(data)
                near.sendall(data[:whole])
                if kind:
                    self._strike(kind, near, data[whole:])
                    return
        except OSError:
            return
        finally:
            with self._lock:
                self._pairs.discard((near, far))
            _end(near, far)

    def _until_the_cut(self, data: bytes) -> tuple[int, str]:
        """How much of it passes, and what happens then."""
        with self._lock:
            self.ends.append((self.ends[-1] if self.ends else 0) + len(data))
            if not self._kind or self.struck:
                return len(data), ""
            if len(data) <= self._left:
                self._left -= len(data)
                return len(data), ""
            self.struck = True
            return self._left, self._kind

    def _strike(self, kind: str, near: socket.socket, rest: bytes) -> None:
        if kind == "reset":
            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORTIVE)
        elif kind == "garbage":
            near.sendall(_NOISE)
        elif kind == "stall":
            self._mended.wait()
        elif kind == "dribble":
            for at in range(len(rest)):
                near.sendall(rest[at : at + 1])
                if self._mended.wait(1.0):
                    break
        elif kind == "all":
            with self._lock:
                pairs = list(self._pairs)
            for pair in pairs:
                _end(*pair, abortively=True)


def _end(*ends: socket.socket, abortively: bool = False) -> None:
    for each in ends:
        with contextlib.suppress(OSError):
            if abortively:
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORTIVE)
            each.shutdown(socket.SHUT_RDWR)
        each.close()
