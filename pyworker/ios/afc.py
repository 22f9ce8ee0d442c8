"""Apple File Connection, reading only: many questions in flight, each answer matched by its number.

A packet is a header of 40 bytes, little end first (magic, length of all, length of header and arguments, number,
operation), the arguments, and data. Operations and statuses as libimobiledevice and pymobiledevice3 have them.

Over a cable time is round trips: three hundred files are asked about in ten of them, not in three hundred.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from pyworker.findings import Unread
from pyworker.ios import gate
from pyworker.ios.service_stream import AFC_HEADER, AFC_MAGIC, AfcRequest
from pyworker.ios.unanswered import Unanswered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyworker.ios.service_stream import ServiceStream

FILE_SYSTEM = "com.apple.afc"

_U64 = struct.Struct("<Q")

_STATUS = 0x01
_SUCCESS = 0
_END_OF_DATA = 14
_REASONS = {8: "key_missing", 15: "unsupported"}  # object not found, operation not supported; the rest are refusals

# A folder of ten thousand reports lists its names in less; one read asks for a quarter of it.
MAX_PACKET = 1024 * 1024
READ_SIZE = 256 * 1024
# As many questions as one phone is made to hold at a time.
IN_FLIGHT = 32
# Files of one batch are open together; the phone's own daemon has few descriptors.
OPEN_TOGETHER = 32


class Question(NamedTuple):
    operation: int
    arguments: bytes = b""


class File(NamedTuple):
    """data: from the beginning. truncated: the file goes on."""

    data: bytes
    truncated: bool


class Afc:
    """One connection to a service that speaks AFC. Raises Unanswered when the connection is of no more use."""

    __slots__ = ("_stream", "_open", "_number")

    def __init__(self, stream: ServiceStream) -> None:
        self._stream = stream
        self._open: list[bytes] = []
        self._number = 0

    async def ask(self, questions: Sequence[Question]) -> list[bytes | Unread]:
        """An answer each, in the order of the questions. One that the phone refuses costs only itself."""
        answers: dict[int, bytes | Unread] = {}
        waiting: dict[int, int] = {}
        asked = 0
        while asked < len(questions) or waiting:
            requests = []
            while asked < len(questions) and len(waiting) < IN_FLIGHT:
                self._number += 1
                waiting[self._number] = asked
                requests.append(AfcRequest(questions[asked].operation, self._number, questions[asked].arguments))
                asked += 1
            if requests:
                await self._stream.send_afc(requests)
            number, answer = await self._receive()
            if number not in waiting:
                raise self._unreadable()
            answers[waiting.pop(number)] = answer
        return [answers[index] for index in range(len(questions))]

    async def device_info(self) -> dict[str, str]:
        answer = pairs((await self.ask([Question(gate.GET_DEVICE_INFO)]))[0])
        if isinstance(answer, Unread):
            raise Unanswered(answer.reason)
        return answer

    async def folders(self, paths: Sequence[str]) -> list[list[str] | Unread]:
        """The names in each folder, without those of the folder itself and its parent."""
        return [names(answer) for answer in await self.ask([Question(gate.READ_DIR, _text(path)) for path in paths])]

    async def facts(self, paths: Sequence[str]) -> list[dict[str, str] | Unread]:
        """st_size, st_mtime (nanoseconds since 1970), st_ifmt and more of each path."""
        answers = await self.ask([Question(gate.GET_FILE_INFO, _text(path)) for path in paths])
        return [pairs(answer) for answer in answers]

    async def files(self, sizes: Mapping[str, int], limit: int) -> list[File | Unread]:
        """The first `limit` bytes of each; sizes: path -> size as its facts had it."""
        wanted = list(sizes.items())
        contents: list[File | Unread] = []
        for start in range(0, len(wanted), OPEN_TOGETHER):
            contents += await self._batch(wanted[start:start + OPEN_TOGETHER], limit)
        return contents

    async def _batch(self, wanted: Sequence[tuple[str, int]], limit: int) -> list[File | Unread]:
        opened = await self._opened([path for path, _ in wanted])
        handles = {index: handle for index, handle in enumerate(opened) if isinstance(handle, bytes)}
        contents = await self._contents(handles, {index: min(wanted[index][1], limit) for index in handles})
        contents.update((index, answer) for index, answer in enumerate(opened) if isinstance(answer, Unread))
        return [
            content if isinstance(content := contents[index], Unread) else File(content, size > limit)
            for index, (_, size) in enumerate(wanted)
        ]

    async def _opened(self, paths: Sequence[str]) -> list[bytes | Unread]:
        """A handle of each. Those of the batch before are closed on the way; the last ones end with the connection."""
        closing = [Question(gate.FILE_CLOSE, handle) for handle in self._open]
        mode = _U64.pack(gate.OPEN_FOR_READING)
        opening = [Question(gate.FILE_OPEN, mode + _text(path)) for path in paths]
        answers = (await self.ask([*closing, *opening]))[len(closing):]
        if any(isinstance(answer, bytes) and len(answer) < _U64.size for answer in answers):
            raise self._unreadable()
        opened = [answer if isinstance(answer, Unread) else answer[:_U64.size] for answer in answers]
        self._open = [handle for handle in opened if isinstance(handle, bytes)]
        return opened

    async def _contents(self, handles: Mapping[int, bytes], sizes: Mapping[int, int]) -> dict[int, bytes | Unread]:
        """The first bytes of each open file. A phone may give less than was asked for: until there is enough, or no
        more."""
        held = dict.fromkeys(handles, b"")
        refused: dict[int, Unread] = {}
        unfinished = [index for index in handles if sizes[index]]
        while unfinished:
            answers = await self.ask([
                Question(gate.FILE_READ, handles[index] + _U64.pack(min(READ_SIZE, sizes[index] - len(held[index]))))
                for index in unfinished
            ])
            for index, answer in zip(tuple(unfinished), answers, strict=True):
                if isinstance(answer, Unread):
                    refused[index] = answer
                else:
                    held[index] += answer[:sizes[index] - len(held[index])]
                if index in refused or not answer or len(held[index]) == sizes[index]:
                    unfinished.remove(index)
        return {**held, **refused}

    async def _receive(self) -> tuple[int, bytes | Unread]:
        header = await self._stream.read(AFC_HEADER.size)
        magic, whole, _with_arguments, number, operation = AFC_HEADER.unpack(header)
        if magic != AFC_MAGIC or not AFC_HEADER.size <= whole <= AFC_HEADER.size + MAX_PACKET:
            raise self._unreadable()
        body = await self._stream.read(whole - AFC_HEADER.size) if whole > AFC_HEADER.size else b""
        if operation != _STATUS:
            return number, body
        if len(body) < _U64.size:
            raise self._unreadable()
        status = _U64.unpack_from(body)[0]
        if status in (_SUCCESS, _END_OF_DATA):
            return number, b""
        return number, Unread(_REASONS.get(status, "refused"))

    def _unreadable(self) -> Unanswered:
        self._stream.abort()
        return Unanswered("unreadable")


def names(answer: bytes | Unread) -> list[str] | Unread:
    """Names, each ended by a NUL. One that is no UTF-8, or not a name at all, could not be asked for."""
    if isinstance(answer, Unread):
        return answer
    if answer and not answer.endswith(b"\0"):
        return Unread("unreadable")
    found = []
    for piece in answer.split(b"\0"):
        try:
            name = piece.decode("utf-8")
        except UnicodeDecodeError:
            continue
        if name not in ("", ".", "..") and "/" not in name:
            found.append(name)
    return found


def pairs(answer: bytes | Unread) -> dict[str, str] | Unread:
    """Keys and values in turn, each ended by a NUL."""
    if isinstance(answer, Unread):
        return answer
    pieces = [piece.decode("utf-8", "replace") for piece in answer.split(b"\0")]
    if pieces.pop() or len(pieces) % 2:
        return Unread("unreadable")
    return dict(zip(pieces[::2], pieces[1::2], strict=True))


def _text(path: str) -> bytes:
    return path.encode("utf-8", "surrogatepass") + b"\0"

