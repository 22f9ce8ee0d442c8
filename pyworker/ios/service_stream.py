"""A connection to one service of a phone, over which only what the gate lists can be sent.

Sessions hand these out and nothing else. What is read is whatever the service sends: property lists, packets, a stream.
Every method raises Unanswered; after a fatal one (a wait that was given up included) the connection is gone.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, NamedTuple

from pyworker.ios import gate, messages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyworker.ios.stream import Stream

AFC_MAGIC = b"CFA6LPAA"
# Magic, length of all, length of header and arguments, number, operation.
AFC_HEADER = struct.Struct("<8sQQQQ")


class AfcRequest(NamedTuple):
    """operation: one of gate.AFC_OPERATIONS. number: comes back with the answer. arguments: after the header."""

    operation: int
    number: int
    arguments: bytes


class ServiceStream:
    """name: the service's, as lockdownd calls it."""

    __slots__ = ("name", "_stream")

    def __init__(self, name: str, stream: Stream) -> None:
        self.name = name
        self._stream = stream

    async def send(self, request: dict[str, Any]) -> None:
        gate.check_request(self.name, request)
        await messages.send(self._stream, request)

    async def receive(self) -> dict[str, Any]:
        """The next property list behind a length of four bytes, big end first."""
        return await messages.receive(self._stream)

    async def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        await self.send(request)
        return await self.receive()

    async def send_afc(self, requests: Iterable[AfcRequest]) -> None:
        """In one write, so that they travel together."""
        packets = []
        for operation, number, arguments in requests:
            gate.check_afc(self.name, operation, arguments)
            length = AFC_HEADER.size + len(arguments)
            packets.append(AFC_HEADER.pack(AFC_MAGIC, length, length, number, operation) + arguments)
        await self._stream.send(b"".join(packets))

    async def read(self, size: int) -> bytes:
        """Exactly so many bytes."""
        return await self._stream.read(size)

    async def read_some(self, limit: int) -> bytes:
        """What is there, at least one byte and at most `limit`; b"" when the phone ended the connection."""
        return await self._stream.read_some(limit)

    def abort(self) -> None:
        """Gone, now. Idempotent; leaving the session does it too."""
        self._stream.abort()
