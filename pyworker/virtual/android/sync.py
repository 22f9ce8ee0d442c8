"""The `sync:` service (adb push, pull, ls): STAT, LIST, RECV, SEND, QUIT of AOSP's SYNC.TXT, on the virtual phone's files.

It is here so that a client that writes is seen to write: SEND alters the file tree and is recorded as a change.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from pyworker.virtual.android.flow import Flow

if TYPE_CHECKING:
    from pyworker.virtual.android.phone import VirtualAndroid

REQUEST = struct.Struct("<4sI")
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
            phone.note("command", f"sync {kind.decode('ascii', 'replace')} {path}")
            if kind == b"STAT":
                flow.write(struct.pack("<4sIII", b"STAT", *_stat(phone, path)), flow.signals)
            elif kind == b"LIST":
                _list(phone, path, flow)
            elif kind == b"RECV":
                _send_file(phone, path, flow)
            elif kind == b"SEND":
                _take_file(phone, path.rpartition(",")[0] or path, given, flow)
            else:
                _fail(flow, f"unknown command {kind.hex()}")
                return
    except EOFError:
        return


def _stat(phone: VirtualAndroid, path: str) -> tuple[int, int, int]:
    if phone.files.is_denied(path, SHELL_UID) or not phone.files.exists(path):
        return 0, 0, 0
    if phone.files.is_folder(path):
        return FOLDER_MODE, 4096, 0
    return FILE_MODE, len(phone.files.contents.get(path, b"")), 0


def _list(phone: VirtualAndroid, path: str, flow: Flow) -> None:
    try:
        names = phone.files.listed(path, SHELL_UID)
    except OSError:
        names = []  # adbd answers a folder it cannot open like an empty one
    for name in names:
        text = name.encode()
        entry = struct.pack("<4sIIII", b"DENT", *_stat(phone, f"{path.rstrip('/')}/{name}"), len(text))
        flow.write(entry + text, flow.signals)
    flow.write(struct.pack("<4sIIII", b"DONE", 0, 0, 0, 0), flow.signals)


def _send_file(phone: VirtualAndroid, path: str, flow: Flow) -> None:
    try:
        data = phone.files.read(path, SHELL_UID)
    except OSError as fault:
        _fail(flow, f"open failed: {fault.strerror}")
        return
    for at in range(0, len(data), BLOCK):
        piece = data[at:at + BLOCK]
        flow.write(REQUEST.pack(b"DATA", len(piece)) + piece, flow.signals)
    flow.write(REQUEST.pack(b"DONE", 0), flow.signals)


def _take_file(phone: VirtualAndroid, path: str, given: _Input, flow: Flow) -> None:
    pieces: list[bytes] = []
    while True:
        kind, length = REQUEST.unpack(given.take(REQUEST.size))
        if kind == b"DONE":
            break
        pieces.append(given.take(length))
    phone.note("change", f"write {path}")
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
