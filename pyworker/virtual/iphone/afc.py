"""Apple File Connection: the crash folder, the media folder and the figures of the file system, to read only.

A packet is a 40-byte little-endian header (magic, whole length, length of header and parameters, packet number, opcode)
and its body. Replies carry the number of their request, so a client may have many in flight. Directories list "." and
".." first; information comes as keys and values, each ended by NUL; times are nanoseconds.

A folder of the description is a dictionary of names; a name in it is taken as it is, however hostile ("../x", "a:b"),
because a phone may list anything. Opening for anything but reading and every opcode that changes something is written
down and refused.
"""

from __future__ import annotations

import base64
import datetime
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

from pyworker.virtual.iphone.faults import Framing
from pyworker.virtual.iphone.record import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyworker.virtual.iphone.link import Link
    from pyworker.virtual.iphone.phone import VirtualIphone

MAGIC = b"CFA6LPAA"
HEADER = struct.Struct("<8sQQQQ")
_U64 = struct.Struct("<Q")
_READ = struct.Struct("<QQ")
_SEEK = struct.Struct("<QQq")

# A read-only client sends paths and handles; the longest path iOS takes is 1024 bytes.
_MAX_REQUEST = 64 * 1024
# What one read gives at most; a client must cope with less than it asked for.
MAX_READ = 4 * 1024 * 1024
_BLOCK = 4096

STATUS = 0x01
DATA = 0x02
OPEN_RESULT = 0x0E
TELL_RESULT = 0x13

OPCODES = {
    0x01: "Status", 0x02: "Data", 0x03: "ReadDir", 0x04: "ReadFile", 0x05: "WriteFile", 0x06: "WritePart",
    0x07: "TruncateFile", 0x08: "RemovePath", 0x09: "MakeDir", 0x0A: "GetFileInfo", 0x0B: "GetDeviceInfo",
    0x0C: "WriteFileAtomic", 0x0D: "FileRefOpen", 0x0E: "FileRefOpenResult", 0x0F: "FileRefRead", 0x10: "FileRefWrite",
    0x11: "FileRefSeek", 0x12: "FileRefTell", 0x13: "FileRefTellResult", 0x14: "FileRefClose",
    0x15: "FileRefSetFileSize", 0x16: "GetConnectionInfo", 0x17: "SetConnectionOptions", 0x18: "RenamePath",
    0x19: "SetFSBlockSize", 0x1A: "SetSocketBlockSize", 0x1B: "FileRefLock", 0x1C: "MakeLink", 0x1D: "GetFileHash",
    0x1E: "SetModTime", 0x1F: "GetFileHashRange", 0x20: "FileRefSetImmutableHint", 0x21: "GetSizeOfPathContents",
    0x22: "RemovePathAndContents",
}
# Opcodes that name a path, for the record. Renames and links name two.
_WITH_PATH = frozenset((
    "ReadDir", "GetFileInfo", "RemovePath", "MakeDir", "RenamePath", "RemovePathAndContents", "GetSizeOfPathContents",
    "GetFileHash",
))
_READ_ONLY = 1

OK = 0
UNKNOWN_PACKET = 6
INVALID_ARGUMENT = 7
NOT_FOUND = 8
IS_DIRECTORY = 9
PERMISSION_DENIED = 10
NOT_SUPPORTED = 15


class Answer(NamedTuple):
    """opcode of the reply, its parameters (counted in the header's second length), and data after them."""

    opcode: int
    parameters: bytes = b""
    data: bytes = b""


class _OpenFile:
    __slots__ = ("_content", "position", "size")

    def __init__(self, file: dict[str, Any]) -> None:
        self.size = _size(file)
        # A file that is only a size may be larger than memory: its zeros are made as they are read.
        self._content = None if "size" in file else content(file)
        self.position = 0

    def read(self, size: int) -> bytes:
        end = min(self.size, self.position + size)
        size = max(0, end - self.position)
        data = bytes(size) if self._content is None else self._content[self.position:end]
        self.position += len(data)
        return data


def _status(code: int) -> Answer:
    return Answer(STATUS, _U64.pack(code))


class AfcConversation:
    """One AFC connection. `folder` names the member of the description that is its root."""

    def __init__(self, link: Link, phone: VirtualIphone, service: str, folder: str) -> None:
        self._link = link
        self._phone = phone
        self._service = service
        self._folder = folder
        self._buffer = bytearray()
        self._files: dict[int, _OpenFile] = {}
        self._next_handle = 1
        self._answers: dict[str, Callable[[bytes], Answer]] = {
            "ReadDir": self._read_dir, "GetFileInfo": self._file_info, "GetDeviceInfo": self._device_info,
            "FileRefOpen": self._open, "FileRefRead": self._read, "FileRefSeek": self._seek, "FileRefTell": self._tell,
            "FileRefClose": self._close, "GetConnectionInfo": self._connection_info,
        }

    def receive(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= HEADER.size:
            magic, whole, _, number, opcode = HEADER.unpack_from(self._buffer)
            if magic != MAGIC or not HEADER.size <= whole <= _MAX_REQUEST:
                self._link.close()
                return
            if len(self._buffer) < whole:
                return
            body = bytes(self._buffer[HEADER.size:whole])
            del self._buffer[:whole]
            self._handle(number, opcode, body)

    def _handle(self, number: int, opcode: int, body: bytes) -> None:
        name = OPCODES.get(opcode, f"0x{opcode:02X}")
        self._phone.record.append(Request(self._service, name, _detail(name, body)))
        answer = self._answers.get(name)
        if answer is not None:
            try:
                reply = answer(body)
            except (struct.error, UnicodeDecodeError):
                reply = _status(INVALID_ARGUMENT)
        elif opcode in OPCODES:
            reply = _status(NOT_SUPPORTED if name == "ReadFile" else PERMISSION_DENIED)
        else:
            reply = _status(UNKNOWN_PACKET)
        framing = _framing(number, reply)
        self._link.reply(self._phone.faults, self._service, name, reply.parameters + reply.data, framing)

    # -- the tree -------------------------------------------------------------------------------------------------

    def _find(self, path: str) -> Any:
        """What lies at the path: a folder's or a file's description, or None."""
        here: Any = {"files": self._phone.member(self._folder)}
        parents: list[Any] = []
        rest = path.lstrip("/")
        while rest:
            names = here.get("files")
            if not isinstance(names, dict):
                return None
            # A hostile name may hold slashes; it is one entry all the same.
            name, rest = (rest, "") if rest in names else _first_step(rest)
            if name in names:
                parents.append(here)
                here = names[name]
            elif name == "..":
                here = parents.pop() if parents else here
            elif name not in ("", "."):
                return None
        return here

    def _read_dir(self, body: bytes) -> Answer:
        found = self._find(_text(body))
        if found is None:
            return _status(NOT_FOUND)
        names = found.get("files")
        if not isinstance(names, dict):
            return _status(INVALID_ARGUMENT)
        return Answer(DATA, data=_list((".", "..", *names)))

    def _file_info(self, body: bytes) -> Answer:
        found = self._find(_text(body))
        if found is None:
            return _status(NOT_FOUND)
        folder = isinstance(found.get("files"), dict)
        link = found.get("link")
        size = (2 + len(found["files"])) * 32 if folder else _size(found)
        modified = _nanoseconds(found.get("mtime"))
        pairs = [
            "st_size", str(size), "st_blocks", str(-(-size // 512)),
            "st_nlink", str(len(found["files"]) + 2 if folder else 1),
            "st_ifmt", "S_IFDIR" if folder else "S_IFLNK" if link else "S_IFREG",
            "st_mtime", str(modified), "st_birthtime", str(_nanoseconds(found.get("birthtime")) or modified),
        ]
        if link:
            pairs += ["LinkTarget", str(link)]
        return Answer(DATA, data=_list(pairs))

    def _device_info(self, body: bytes) -> Answer:
        pairs: list[str] = []
        for key, value in self._phone.member("device_info").items():
            pairs += [key, str(value)]
        return Answer(DATA, data=_list(pairs))

    def _connection_info(self, body: bytes) -> Answer:
        return Answer(DATA, data=_list(("Version", "1")))

    # -- files ----------------------------------------------------------------------------------------------------

    def _open(self, body: bytes) -> Answer:
        (mode,) = _U64.unpack_from(body)
        found = self._find(_text(body[_U64.size:]))
        if mode != _READ_ONLY:
            return _status(PERMISSION_DENIED)
        if found is None:
            return _status(NOT_FOUND)
        if "files" in found:
            return _status(IS_DIRECTORY)
        handle = self._next_handle
        self._next_handle += 1
        self._files[handle] = _OpenFile(found)
        return Answer(OPEN_RESULT, _U64.pack(handle))

    def _read(self, body: bytes) -> Answer:
        handle, size = _READ.unpack_from(body)
        file = self._files.get(handle)
        if file is None:
            return _status(INVALID_ARGUMENT)
        return Answer(DATA, data=file.read(min(size, MAX_READ)))

    def _seek(self, body: bytes) -> Answer:
        handle, whence, offset = _SEEK.unpack_from(body)
        file = self._files.get(handle)
        if file is None or whence > 2:
            return _status(INVALID_ARGUMENT)
        position = offset + (0, file.position, file.size)[whence]
        if position < 0:
            return _status(INVALID_ARGUMENT)
        file.position = position
        return _status(OK)

    def _tell(self, body: bytes) -> Answer:
        file = self._files.get(_U64.unpack_from(body)[0])
        return _status(INVALID_ARGUMENT) if file is None else Answer(TELL_RESULT, _U64.pack(file.position))

    def _close(self, body: bytes) -> Answer:
        file = self._files.pop(_U64.unpack_from(body)[0], None)
        return _status(INVALID_ARGUMENT if file is None else OK)


def content(file: dict[str, Any]) -> bytes:
    """A file's bytes: "text", "base64", "data" (bytes), or zeros as many as "size" says."""
    if "text" in file:
        return str(file["text"]).encode()
    if "base64" in file:
        return base64.b64decode(file["base64"])
    if "data" in file:
        return bytes(file["data"])
    return bytes(int(file.get("size", 0)))


def _size(file: dict[str, Any]) -> int:
    return int(file["size"]) if "size" in file else len(content(file))


def _first_step(path: str) -> tuple[str, str]:
    name, _, rest = path.partition("/")
    return name, rest.lstrip("/")


def _nanoseconds(moment: Any) -> int:
    if moment is None:
        return 0
    return int(datetime.datetime.fromisoformat(str(moment)).timestamp() * 1_000_000) * 1000


def _text(body: bytes) -> str:
    return body.split(b"\0", 1)[0].decode()


def _list(texts: tuple[str, ...] | list[str]) -> bytes:
    return b"".join(text.encode() + b"\0" for text in texts)


def _detail(name: str, body: bytes) -> dict[str, Any]:
    """The request's members, for the record; what does not parse is kept as bytes."""
    try:
        if name == "FileRefOpen":
            return {"mode": _U64.unpack_from(body)[0], "path": _text(body[_U64.size:])}
        if name in _WITH_PATH:
            return {"path": _text(body)}
        if name == "FileRefRead":
            handle, size = _READ.unpack_from(body)
            return {"handle": handle, "size": size}
        if name == "FileRefSeek":
            handle, whence, offset = _SEEK.unpack_from(body)
            return {"handle": handle, "whence": whence, "offset": offset}
        if name in ("FileRefTell", "FileRefClose"):
            return {"handle": _U64.unpack_from(body)[0]}
    except (struct.error, UnicodeDecodeError):
        return {"body": body}
    return {"body": body} if body else {}


def _framing(number: int, reply: Answer) -> Framing:
    def wrap(body: bytes) -> bytes:
        parameters = min(len(reply.parameters), len(body))
        return HEADER.pack(MAGIC, HEADER.size + len(body), HEADER.size + parameters, number, reply.opcode) + body

    def claim(length: int) -> bytes:
        return HEADER.pack(MAGIC, HEADER.size + length, HEADER.size, number, DATA)

    def strange(value: Any) -> bytes:
        return _list(["Unexpected"]) if value is None else bytes(value)

    return Framing(wrap, claim, strange)
