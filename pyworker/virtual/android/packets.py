"""The framing of adb: six little-endian words, then the payload (AOSP packages/modules/adb, protocol.txt).

command, arg0, arg1, payload length, payload checksum (the sum of its bytes), command inverted. From version
0x01000001 on the checksum is neither filled in nor looked at, once both sides have said that version.
Nothing here does I/O beyond the socket it is given; a broken header is `BadPacket`, an ended stream is EOFError.
"""

from __future__ import annotations

import socket
import struct
from typing import NamedTuple

SYNC, CNXN, AUTH, OPEN, OKAY, CLSE, WRTE, STLS = (
    int.from_bytes(name, "little") for name in (b"SYNC", b"CNXN", b"AUTH", b"OPEN", b"OKAY", b"CLSE", b"WRTE", b"STLS")
)
COMMANDS = frozenset((SYNC, CNXN, AUTH, OPEN, OKAY, CLSE, WRTE, STLS))

AUTH_TOKEN, AUTH_SIGNATURE, AUTH_RSAPUBLICKEY = 1, 2, 3
VERSION_CHECKSUMS = 0x01000000
VERSION_NO_CHECKSUMS = 0x01000001
STLS_VERSION = 0x01000000
MAX_PAYLOAD = 1024 * 1024

HEADER = struct.Struct("<6I")


class BadPacket(Exception):
    """The bytes are no adb packet; adbd drops the connection."""


class Packet(NamedTuple):
    command: int
    arg0: int
    arg1: int
    payload: bytes = b""


def checksum(payload: bytes) -> int:
    return sum(payload) & 0xFFFFFFFF


def header(packet: Packet, with_checksum: bool) -> bytes:
    return HEADER.pack(
        packet.command,
        packet.arg0,
        packet.arg1,
        len(packet.payload),
        checksum(packet.payload) if with_checksum else 0,
        packet.command ^ 0xFFFFFFFF,
    )


def receive(connection: socket.socket, longest: int, with_checksum: bool) -> Packet:
    """The next packet. Raises EOFError, OSError, BadPacket (wrong magic, unknown command, too long, wrong checksum)."""
    command, arg0, arg1, length, check, magic = HEADER.unpack(receive_exactly(connection, HEADER.size))
    if magic != command ^ 0xFFFFFFFF or command not in COMMANDS:
        raise BadPacket(f"command {command:#x}")
    if length > longest:
        raise BadPacket(f"payload of {length} bytes, at most {longest}")
    payload = receive_exactly(connection, length) if length else b""
    if with_checksum and check != checksum(payload):
        raise BadPacket("checksum")
    return Packet(command, arg0, arg1, payload)


def receive_exactly(connection: socket.socket, count: int) -> bytes:
    """Exactly `count` bytes. Raises EOFError when the peer closes before."""
    pieces: list[bytes] = []
    missing = count
    while missing:
        piece = connection.recv(min(missing, 1 << 20))
        if not piece:
            raise EOFError
        pieces.append(piece)
        missing -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
