"""com.apple.os_trace_relay: the process list, the structured log as a stream, the log archive.

A request is a framed property list. A reply is 0x01, a 32-bit big-endian length and a binary property list. After
StartActivity each entry is 0x02, a little-endian length and a record of 129 fixed bytes followed by texts, each ended
by NUL; after CreateArchive each piece of a tar is 0x03, a little-endian length and bytes, and then the connection ends.
Layouts as libimobiledevice's and pymobiledevice3's readers have them.

An entry of the description: {"pid", "process", "sender", "level", "message", "subsystem", "category", "thread",
"time" or "age_s"}. Entries of level Debug are only sent to a client that set the DEBUG bit (assumption).
"""

from __future__ import annotations

import io
import plistlib
import struct
import tarfile
import uuid
from typing import TYPE_CHECKING, Any

from pyworker.virtual.iphone import afc, property_list
from pyworker.virtual.iphone.faults import Framing
from pyworker.virtual.iphone.log_stream import moment, paced
from pyworker.virtual.iphone.record import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyworker.virtual.iphone.link import Link
    from pyworker.virtual.iphone.phone import VirtualIphone

LEVELS = {
    "Notice": 0x00, "Default": 0x00, "Info": 0x01, "Debug": 0x02, "UserAction": 0x03, "Error": 0x10, "Fault": 0x11,
}
DEBUG_FLAG = 0x20

# Step of the record and of faults for what follows the reply.
ENTRY = "entry"
CHUNK = "chunk"

_ALL_PROCESSES = -1
_ARCHIVE_PIECE = 64 * 1024
_TICKS_PER_SECOND = 24_000_000
_RECORD = struct.Struct("<9sIQ16s18sIIIBB6sQQ16sHHHIIII")


def _framing(mark: int, order: str) -> Framing:
    head = struct.Struct(f"{order}BI")
    return Framing(
        lambda body: head.pack(mark, len(body)) + body,
        lambda length: head.pack(mark, length & 0xFFFFFFFF),
        lambda value: property_list.dump({"Unexpected": 1} if value is None else value, plistlib.FMT_BINARY))


REPLY = _framing(0x01, ">")
_ENTRY = _framing(0x02, "<")
_PIECE = _framing(0x03, "<")


class OsTraceConversation:
    """One connection: one request, then its stream."""

    def __init__(self, link: Link, phone: VirtualIphone, service: str) -> None:
        self._link = link
        self._phone = phone
        self._service = service
        self._messages = property_list.Messages()

    def receive(self, data: bytes) -> None:
        try:
            for message in self._messages.feed(data):
                self._handle(message.body)
        except property_list.NotAPropertyList:
            self._link.close()

    def _handle(self, request: dict[str, Any]) -> None:
        verb = str(request.get("Request", ""))
        self._phone.record.append(
            Request(self._service, verb, {key: value for key, value in request.items() if key != "Request"}))
        if verb == "PidList":
            processes = {
                str(pid): {"ProcessName": name} for pid, name in self._phone.member("processes").items()}
            self._reply(verb, {"Status": "RequestSuccessful", "Payload": processes})
        elif verb == "StartActivity":
            self._reply(verb, {"Status": "RequestSuccessful"})
            self._stream_log(request)
        elif verb == "CreateArchive" and "log_archive" in self._phone.description:
            self._reply(verb, {"Status": "RequestSuccessful"})
            self._link.stream(self._archive(request), lambda piece: self._send(CHUNK, piece, _PIECE))
        else:
            self._reply(verb, {"Status": "RequestFailed"})

    def _reply(self, verb: str, answer: dict[str, Any]) -> None:
        self._send(verb, property_list.dump(answer, plistlib.FMT_BINARY), REPLY)

    def _send(self, step: str, body: bytes, framing: Framing) -> None:
        self._link.reply(self._phone.faults, self._service, step, body, framing)

    def _stream_log(self, request: dict[str, Any]) -> None:
        pid = request.get("Pid", _ALL_PROCESSES)
        flags = request.get("StreamFlags", 0)
        debug = isinstance(flags, int) and bool(flags & DEBUG_FLAG)

        def wanted(entry: dict[str, Any]) -> bytes | None:
            if pid not in (_ALL_PROCESSES, 0xFFFFFFFF, entry.get("pid")):
                return None
            return record(entry) if debug or entry.get("level") != "Debug" else None

        self._link.stream(
            paced(self._phone.description.get("log"), wanted), lambda entry: self._send(ENTRY, entry, _ENTRY))

    def _archive(self, request: dict[str, Any]) -> Iterator[bytes | float]:
        whole = archive(self._phone.member("log_archive"))
        limit = request.get("SizeLimit")
        if isinstance(limit, int) and len(whole) > limit > 0:
            # The device drops the oldest files until it fits; the virtual one has none it could drop but all.
            whole = archive({})
        for start in range(0, len(whole), _ARCHIVE_PIECE):
            yield whole[start:start + _ARCHIVE_PIECE]
        self._link.close()


def record(entry: dict[str, Any]) -> bytes:
    """One log entry as os_trace_relay sends it."""
    seconds, fraction = divmod(moment(entry), 1)
    pid = int(entry.get("pid", 0))
    process = str(entry.get("process", "")).encode() + b"\0"
    sender = str(entry.get("sender", entry.get("process", ""))).encode() + b"\0"
    message = str(entry.get("message", "")).encode() + b"\0"
    subsystem, category = (_optional(entry.get(name)) for name in ("subsystem", "category"))
    head = _RECORD.pack(
        b"\2" + bytes(8), pid, pid, _image(process), bytes(18), int(seconds), 0, int(fraction * 1_000_000), 0,
        LEVELS[str(entry.get("level", "Notice"))], bytes(6), int(seconds * _TICKS_PER_SECOND) & 0xFFFFFFFFFFFFFFFF,
        int(entry.get("thread", pid * 16 + 1)), _image(sender), len(sender), len(message), 0,
        int(entry.get("offset", 4096)), len(subsystem), len(category), 0)
    return head + process + sender + message + subsystem + category


def _optional(text: Any) -> bytes:
    return str(text).encode() + b"\0" if text else b""


def _image(path: bytes) -> bytes:
    return uuid.uuid5(uuid.NAMESPACE_OID, path.decode(errors="replace")).bytes


def archive(files: dict[str, Any]) -> bytes:
    """A PAX tar of a folder of the description."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, file in files.items():
            data = afc.content(file)
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return out.getvalue()
