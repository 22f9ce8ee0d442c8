"""The smallest host that can talk to a virtual Android phone: packets to adbd, requests to an adb server."""

from __future__ import annotations

import socket
import struct
from functools import cache
from typing import NamedTuple

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils

from pyworker.virtual.android.auth import public_key_text

PATIENCE_S = 10.0
HEADER = struct.Struct("<4sIIIII")
BANNER = b"host::features=shell_v2,cmd\0"


class Received(NamedTuple):
    command: bytes
    arg0: int
    arg1: int
    payload: bytes
    checksum: int


@cache
def private_key(which: int = 0) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_key(which: int = 0) -> str:
    pem = private_key(which).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return public_key_text(pem, "technician@bench")


def signature(token: bytes, which: int = 0) -> bytes:
    return private_key(which).sign(token, padding.PKCS1v15(), utils.Prehashed(hashes.SHA1()))


def exactly(connection: socket.socket, count: int) -> bytes:
    """So many bytes; EOFError with what came when the peer closes before."""
    data = bytearray()
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise EOFError(bytes(data))
        data += piece
    return bytes(data)


class Host:
    """One connection to adbd, packet by packet."""

    def __init__(self, address: tuple[str, int], version: int = 0x01000001, max_payload: int = 1 << 20) -> None:
        self.socket = socket.create_connection(address, PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.version = version
        self.max_payload = max_payload

    def __enter__(self) -> Host:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, command: bytes, arg0: int, arg1: int, payload: bytes = b"") -> None:
        magic = int.from_bytes(command, "little") ^ 0xFFFFFFFF
        self.socket.sendall(HEADER.pack(command, arg0, arg1, len(payload), sum(payload), magic) + payload)

    def receive(self) -> Received:
        command, arg0, arg1, length, checksum, magic = HEADER.unpack(self.exactly(HEADER.size))
        assert magic == int.from_bytes(command, "little") ^ 0xFFFFFFFF
        return Received(command, arg0, arg1, self.exactly(length), checksum)

    def exactly(self, count: int) -> bytes:
        return exactly(self.socket, count)

    def connect(self) -> Received:
        self.send(b"CNXN", self.version, self.max_payload, BANNER)
        return self.receive()

    def log_in(self, which: int = 0) -> Received:
        """CNXN, and a signature where one is wanted; returns the phone's CNXN (or its next AUTH)."""
        answer = self.connect()
        if answer.command == b"AUTH":
            self.send(b"AUTH", 2, 0, signature(answer.payload, which))
            answer = self.receive()
        return answer

    def next_of(self, number: int) -> Received:
        """The next packet of this stream; those of other streams are dropped."""
        while (packet := self.receive()).arg1 != number:
            pass
        return packet

    def open(self, service: str, number: int = 1) -> Received:
        self.send(b"OPEN", number, 0, service.encode() + b"\0")
        return self.next_of(number)

    def run(self, service: str, number: int = 1) -> bytes:
        """All output of a service."""
        answer = self.open(service, number)
        assert answer.command == b"OKAY", answer
        remote = answer.arg0
        out = b""
        while True:
            packet = self.next_of(number)
            if packet.command == b"CLSE":
                self.send(b"CLSE", number, remote)
                return out
            assert packet.command == b"WRTE", packet
            out += packet.payload
            self.send(b"OKAY", number, remote)


def ask(address: tuple[str, int], *requests: str, until_closed: bool = True) -> bytes:
    """Sends requests to an adb server, each after the OKAY of the one before; returns everything after the last one."""
    with connected(address, *requests) as connection:
        data = b""
        while piece := connection.recv(1 << 16):
            data += piece
            if not until_closed:
                break
        return data


def connected(address: tuple[str, int], *requests: str) -> socket.socket:
    connection = socket.create_connection(address, PATIENCE_S)
    for index, request in enumerate(requests):
        data = request.encode()
        connection.sendall(f"{len(data):04x}".encode() + data)
        if index < len(requests) - 1:
            answer = connection.recv(4)
            assert answer == b"OKAY", answer + connection.recv(200)
    return connection


def frames(data: bytes) -> tuple[bytes, bytes, int | None]:
    """shell_v2 packets: stdout, stderr, and the exit status (None when there is none)."""
    out, err, status, at = b"", b"", None, 0
    while at < len(data):
        kind, length = struct.unpack_from("<BI", data, at)
        body = data[at + 5:at + 5 + length]
        assert len(body) == length, "a frame is cut"
        at += 5 + length
        if kind == 1:
            out += body
        elif kind == 2:
            err += body
        elif kind == 3:
            status = body[0]
    return out, err, status
