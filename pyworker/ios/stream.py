"""One connection to a phone as a stream of bytes: exact reads, TLS in place, and an end that takes no time.

The rules:
- A connection on which anything went wrong (a wait that was given up included) is never used again: every failing
  call aborts the stream first, so a late answer can never be taken for the next one.
- It is aborted, never closed politely: closing TLS waits for a peer that may be silent, and the phone sees the end
  of the connection either way.
- Nothing here waits by itself for a limited time; callers put `unanswered.by` around what they do.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl

from pyworker import dial
from pyworker.ios.unanswered import Unanswered

# How much may wait unread before the peer is held back. Larger than most answers, so that they come in one go.
READ_AHEAD = 256 * 1024
# A Unix socket whose daemon has a full queue refuses at once instead of waiting; ask again this often.
QUEUE_FULL_RETRY_S = 0.005

_UNDER_WAY = (errno.EINPROGRESS, errno.EWOULDBLOCK)

# The code of an Unanswered that means: the bytes came and went, but no secure connection came of them.
TLS_FAILED = "TLS"

Address = str | tuple[str, int]


class Stream:
    """An open connection. Belongs to the event loop that opened it."""

    __slots__ = ("_reader", "_writer", "_transport", "_alive")

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._transport = writer.transport  # the socket's own, also when TLS lies over it: aborting it ends both
        self._alive = True

    @property
    def alive(self) -> bool:
        return self._alive

    async def send(self, data: bytes) -> None:
        self._check()
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError:
            self.abort()
            raise Unanswered("disconnected") from None
        except BaseException:
            self.abort()
            raise

    async def read(self, size: int) -> bytes:
        """Exactly `size` bytes."""
        self._check()
        try:
            return await self._reader.readexactly(size)
        except (asyncio.IncompleteReadError, OSError):
            self.abort()
            raise Unanswered("disconnected") from None
        except BaseException:
            self.abort()
            raise

    async def read_some(self, limit: int) -> bytes:
        """What is there, at least one byte and at most `limit`; b"" when the phone ended the connection."""
        self._check()
        try:
            return await self._reader.read(limit)
        except OSError:
            self.abort()
            raise Unanswered("disconnected") from None
        except BaseException:
            self.abort()
            raise

    async def start_tls(self, context: ssl.SSLContext) -> None:
        self._check()
        try:
            # The empty name is asyncio's way to say that there is none to check or to send.
            await self._writer.start_tls(context, server_hostname="")
        except ssl.SSLError:
            self.abort()
            raise Unanswered("unreadable", TLS_FAILED) from None
        except (OSError, AttributeError):
            # AttributeError: start_tls of CPython 3.11 and 3.12 finds no transport when the connection ended meanwhile.
            self.abort()
            raise Unanswered("disconnected", TLS_FAILED) from None
        except BaseException:
            self.abort()
            raise

    @property
    def may_yet_be_refused(self) -> bool:
        """Whether TLS is over here before the peer has looked at our certificate, which is so from 1.3 on."""
        tls = self._writer.get_extra_info("ssl_object")
        return tls is not None and tls.version() == "TLSv1.3"

    def abort(self) -> None:
        """Gone, now. Idempotent."""
        self._alive = False
        self._transport.abort()

    def _check(self) -> None:
        if not self._alive:
            raise Unanswered("disconnected")


async def connect(address: Address) -> Stream:
    """A connection to a Unix socket's path or to (numeric host, port). Raises OSError as connect(2) has it."""
    loop = asyncio.get_running_loop()
    if not isinstance(address, str):
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    elif hasattr(socket, "AF_UNIX"):
        family = socket.AF_UNIX
    else:
        raise OSError("this system has no Unix sockets")
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        while (error := dial.begin(connection, address)) == errno.EAGAIN and isinstance(address, str):
            await asyncio.sleep(QUEUE_FULL_RETRY_S)
        if error in _UNDER_WAY:
            await _writable(loop, connection)
            error = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, os.strerror(error))
        reader, writer = await asyncio.open_connection(sock=connection, limit=READ_AHEAD)
    except BaseException:
        connection.close()
        raise
    return Stream(reader, writer)


async def _writable(loop: asyncio.AbstractEventLoop, connection: socket.socket) -> None:
    """Until the attempt to connect is over, one way or the other."""
    over: asyncio.Future[None] = loop.create_future()

    def ready() -> None:
        if not over.done():
            over.set_result(None)

    loop.add_writer(connection, ready)
    try:
        await over
    finally:
        loop.remove_writer(connection)
