"""A TCP listener on the loopback address: a thread a connection, and an end that leaves nothing behind."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import threading
from collections.abc import Callable

LINGER_ZERO = struct.pack("HH" if sys.platform == "win32" else "ii", 1, 0)
CLOSE_WAIT_S = 2.0  # how long leaving waits for the threads of its connections; they end when their socket is shut


class Listener:
    """Accepts connections and gives each to `serve` in its own thread; the socket is closed when `serve` returns."""

    __slots__ = ("address", "_serve", "_socket", "_connections", "_threads", "_lock", "_closed", "_acceptor")

    def __init__(self, serve: Callable[[socket.socket], None], port: int = 0) -> None:
        self._serve = serve
        self._socket = socket.create_server(("127.0.0.1", port), backlog=128)
        self.address: tuple[str, int] = self._socket.getsockname()[:2]
        self._connections: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._acceptor = threading.Thread(target=self._accept, daemon=True, name=f"virtual listener {self.address[1]}")
        self._acceptor.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = threading.Thread(
                target=self._run, args=(connection,), daemon=True, name=f"virtual connection {self.address[1]}"
            )
            with self._lock:
                if self._closed:
                    connection.close()
                    return
                self._connections.add(connection)
                self._threads.add(thread)
            thread.start()

    def _run(self, connection: socket.socket) -> None:
        try:
            self._serve(connection)
        except OSError:
            return  # the peer went away, or the listener is being closed
        finally:
            with self._lock:
                self._connections.discard(connection)
                self._threads.discard(threading.current_thread())
            shut(connection)  # close() alone tells the peer nothing while another thread still waits in recv()
            connection.close()

    def close(self, wait: bool = True) -> None:
        """Stops listening and shuts every connection. With `wait`, their threads are given CLOSE_WAIT_S to end."""
        with self._lock:
            self._closed = True
            connections, threads = list(self._connections), list(self._threads)
        with contextlib.suppress(
            OSError
        ):  # not every system lets a listening socket be shut; close() wakes accept() there
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in connections:
            shut(connection)
        if wait:
            for thread in [self._acceptor, *threads]:
                if thread is not threading.current_thread():
                    thread.join(CLOSE_WAIT_S)


def shut(connection: socket.socket) -> None:
    """Ends a connection both ways; whoever waits on it wakes up."""
    with contextlib.suppress(OSError):  # it may have ended already
        connection.shutdown(socket.SHUT_RDWR)


def reset(connection: socket.socket) -> None:
    """Ends a connection with a reset, as when a cable is pulled in the middle.

    The socket is taken from its owner first: a thread that wakes up and ends it in order would send an end, not a reset.
    """
    descriptor = connection.detach()
    if descriptor < 0:
        return
    with contextlib.suppress(OSError), socket.socket(fileno=descriptor) as taken:  # the peer may have ended it already
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
        taken.shutdown(socket.SHUT_RD)  # wakes a thread that waits in recv() and would hold the socket open
