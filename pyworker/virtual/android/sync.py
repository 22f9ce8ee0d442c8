"""The `sync:` service (adb push, pull, ls) on the virtual phone's files: AOSP's SYNC.TXT, with the v2 forms of stat and ls.

It is here so that a client that writes is seen to write: SEND alters the file tree and is recorded as a change.
"""

from __future__ import annotations

import errno
import struct
from typing import TYPE_CHECKING

from pyworker.virtual.android.flow import Flow

if TYPE_CHECKING:
    from pyworker.virtual.android.phone import VirtualAndroid

REQUEST = struct.Struct("<4sI")
STAT_V2 = struct.Struct("<IQQIIIIQqqq")  # error, dev, ino, mode, nlink, uid, gid, size, atime, mtime, ctime
MODIFIED = 1230768000  # the day every file of a system image was changed last: 2009-01-01
MAX_PATH = 1024
BLOCK = 65536
FILE_MODE = 0o100644
FOLDER_MODE = 0o040755
SHELL_UID = 2000


class _Input:
    """Exactly as many bytes as asked for; EOFError when the host closes before."""

    __slots__ = ("flow", "buffer")

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.buffer = b""

    def take(self, count: int) -> bytes:
        while len(self.buffer) < count:
            data = self.flow.read(1 << 20, self.flow.signals)
            if not data:
                raise EOFError
            self.buffer += data
        piece, self.buffer = self.buffer[:count], self.buffer[count:]
        return piece


def serve(phone: VirtualAndroid, flow: Flow) -> None:
    given = _Input(flow)
    try:
        while True:
            kind, length = REQUEST.unpack(given.take(REQUEST.size))
            if kind == b"QUIT":
                return
            if length > MAX_PATH:
                _fail(flow, "path too long")
                return
            path = given.take(length).decode("utf-8", "replace")
            phone.asked("command", f"sync {kind.decode('ascii', 'replace')} {path}")
            if kind == b"STAT":
                flow.write(struct.pack("<4sIII", b"STAT", *_stat(phone, path)[1:]), flow.signals)
            elif kind in (b"STA2", b"LST2"):
                flow.write(kind + _stat_v2(phone, path), flow.signals)
            elif kind in (b"LIST", b"LIS2"):
                _list(phone, path, kind == b"LIS2", flow)
            elif kind == b"RECV":
                _send_file(phone, path, flow)
            elif kind == b"SEND":
                _take_file(phone, path.rpartition(",")[0] or path, given, flow)
            else:
                _fail(flow, f"unknown command {kind.hex()}")
                return
    except EOFError:
        return


def _stat(phone: VirtualAndroid, path: str) -> tuple[int, int, int, int]:
    """(error number, mode, size, time); version 1 sends zeros where version 2 sends the error."""
    if phone.files.is_denied(path, SHELL_UID):
        return errno.EACCES, 0, 0, 0
    if not phone.files.exists(path):
        return errno.ENOENT, 0, 0, 0
    if phone.files.is_folder(path):
        return 0, FOLDER_MODE, 4096, MODIFIED
    return 0, FILE_MODE, len(phone.files.contents.get(path, b"")), MODIFIED


def _stat_v2(phone: VirtualAndroid, path: str) -> bytes:
    error, mode, size, modified = _stat(phone, path)
    return STAT_V2.pack(error, 0, 0, mode, 0 if error else 1, 0, 0, size, modified, modified, modified)


def _list(phone: VirtualAndroid, path: str, is_v2: bool, flow: Flow) -> None:
    try:
        names = [".", "..", *phone.files.listed(path, SHELL_UID)]
    except OSError:
        names = []  # adbd answers a folder it cannot open like an empty one
    for name in names:
        text = name.encode()
        place = phone.files.absolute(name, path)
        if is_v2:
            entry = b"DNT2" + _stat_v2(phone, place) + struct.pack("<I", len(text))
        else:
            entry = struct.pack("<4sIIII", b"DENT", *_stat(phone, place)[1:], len(text))
        flow.write(entry + text, flow.signals)
    end = b"DONE" + bytes(STAT_V2.size + 4) if is_v2 else struct.pack("<4sIIII", b"DONE", 0, 0, 0, 0)
    flow.write(end, flow.signals)


def _send_file(phone: VirtualAndroid, path: str, flow: Flow) -> None:
    try:
        data = phone.files.read(path, SHELL_UID)
    except OSError as fault:
        _fail(flow, f"open failed: {fault.strerror}")
        return
    for at in range(0, len(data), BLOCK):
        piece = data[at : at + BLOCK]
        flow.write(REQUEST.pack(b"DATA", len(piece)) + piece, flow.signals)
    flow.write(REQUEST.pack(b"DONE", 0), flow.signals)


def _take_file(phone: VirtualAndroid, path: str, given: _Input, flow: Flow) -> None:
    pieces: list[bytes] = []
    while True:
        kind, length = REQUEST.unpack(given.take(REQUEST.size))
        if kind == b"DONE":
            break
        pieces.append(given.take(length))
    phone.asked("change", f"write {path}")
    try:
        phone.files.open_for_writing(path, True, SHELL_UID)
    except OSError as fault:
        _fail(flow, f"couldn't create file: {fault.strerror}")
        return
    phone.files.append(path, b"".join(pieces))
    flow.write(REQUEST.pack(b"OKAY", 0), flow.signals)


def _fail(flow: Flow, reason: str) -> None:
    text = reason.encode()
    flow.write(REQUEST.pack(b"FAIL", len(text)) + text, flow.signals)
