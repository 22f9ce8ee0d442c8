"""A bare client of usbmuxd, lockdownd and AFC: every byte by hand, so that tests see what is really on the wire.

Written against the protocols, not against the virtual phone: nothing of pyworker is imported here.
"""

from __future__ import annotations

import os
import plistlib
import socket
import ssl
import struct
import tempfile
from typing import Any, Self

LIMIT_S = 10.0
LOCKDOWN_PORT = 62078
AFC_MAGIC = b"CFA6LPAA"
AFC_HEADER = struct.Struct("<8sQQQQ")


class Ended(Exception):
    """The peer closed the connection where a message was due."""


class Channel:
    """A socket with exact reads."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock

    def read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            piece = self.sock.recv(size - len(data))
            if not piece:
                raise Ended(f"{len(data)} of {size} bytes")
            data += piece
        return data

    def close(self) -> None:
        self.sock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Usbmux(Channel):
    """One connection to usbmuxd."""

    def __init__(self, address: str | tuple[str, int]) -> None:
        sock = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
        sock.settimeout(LIMIT_S)
        sock.connect(address)
        super().__init__(sock)

    def send(self, message: dict[str, Any], tag: int = 1) -> None:
        self.sock.sendall(usbmux_message(message, tag))

    def receive(self) -> dict[str, Any]:
        length, _, _, self.tag = struct.unpack("<IIII", self.read(16))
        answer = plistlib.loads(self.read(length - 16))
        assert isinstance(answer, dict)
        return answer

    def ask(self, message: dict[str, Any], tag: int = 1) -> dict[str, Any]:
        self.send(message, tag)
        return self.receive()

    def devices(self) -> list[dict[str, Any]]:
        listed = self.ask({"MessageType": "ListDevices"})["DeviceList"]
        assert isinstance(listed, list)
        return listed

    def device_id(self, udid: str) -> int:
        return next(int(d["DeviceID"]) for d in self.devices() if d["Properties"]["SerialNumber"] == udid)


def usbmux_message(message: dict[str, Any], tag: int = 1) -> bytes:
    body = plistlib.dumps(message)
    return struct.pack("<IIII", 16 + len(body), 1, 8, tag) + body


def pair_record(address: str | tuple[str, int], udid: str) -> dict[str, Any] | None:
    with Usbmux(address) as mux:
        answer = mux.ask({"MessageType": "ReadPairRecord", "PairRecordID": udid})
    return plistlib.loads(answer["PairRecordData"]) if "PairRecordData" in answer else None


def connect(address: str | tuple[str, int], udid: str, port: int) -> socket.socket:
    """A connection through to a port of the phone. Raises ConnectionError with usbmuxd's number."""
    mux = Usbmux(address)
    answer = mux.ask({"MessageType": "Connect", "DeviceID": mux.device_id(udid), "PortNumber": socket.htons(port)})
    if answer["Number"]:
        mux.close()
        raise ConnectionError(answer["Number"])
    return mux.sock


class PropertyLists(Channel):
    """A connection that exchanges framed property lists."""

    def send(self, message: Any, format: plistlib.PlistFormat = plistlib.FMT_XML) -> None:
        body = plistlib.dumps(message, fmt=format)
        self.sock.sendall(struct.pack(">I", len(body)) + body)

    def receive(self) -> Any:
        (length,) = struct.unpack(">I", self.read(4))
        return plistlib.loads(self.read(length))

    def ask(self, message: Any, format: plistlib.PlistFormat = plistlib.FMT_XML) -> Any:
        self.send(message, format)
        return self.receive()

    def start_tls(self, record: dict[str, Any]) -> None:
        self.sock = tls_context(record).wrap_socket(self.sock)


def tls_context(record: dict[str, Any] | None) -> ssl.SSLContext:
    """TLS as a host speaks it: shows the pair record's certificate, checks nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if record is not None:
        descriptor, path = tempfile.mkstemp()
        try:
            os.write(descriptor, record["HostCertificate"] + b"\n" + record["HostPrivateKey"])
            os.close(descriptor)
            context.load_cert_chain(path)
        finally:
            os.unlink(path)
    return context


class Lockdown(PropertyLists):
    """lockdownd on a fresh connection, without a session until `start_session`."""

    def __init__(self, address: str | tuple[str, int], udid: str) -> None:
        super().__init__(connect(address, udid, LOCKDOWN_PORT))
        self.address = address
        self.udid = udid
        self.record: dict[str, Any] | None = None
        self.session = ""

    def request(self, verb: str, **members: Any) -> dict[str, Any]:
        answer = self.ask({"Label": "test", "Request": verb, **members})
        assert isinstance(answer, dict)
        return answer

    def start_session(self) -> dict[str, Any]:
        """The phone's answer; TLS is on afterwards when it said yes."""
        self.record = pair_record(self.address, self.udid)
        host = (self.record or {}).get("HostID", "00000000-0000-0000-0000-000000000000")
        answer = self.request("StartSession", HostID=host, SystemBUID="x")
        if "Error" not in answer:
            assert self.record is not None
            self.session = answer["SessionID"]
            self.start_tls(self.record)
        return answer

    def start_service(self, name: str, **members: Any) -> socket.socket:
        """Raises PermissionError with lockdown's error word."""
        answer = self.request("StartService", Service=name, **members)
        if "Error" in answer:
            raise PermissionError(answer["Error"])
        sock = connect(self.address, self.udid, answer["Port"])
        return tls_context(self.record).wrap_socket(sock) if answer.get("EnableServiceSSL") else sock


def with_session(address: str | tuple[str, int], udid: str) -> Lockdown:
    lockdown = Lockdown(address, udid)
    answer = lockdown.start_session()
    assert "Error" not in answer, answer
    return lockdown


class Afc(Channel):
    """One AFC connection; requests may be sent ahead of their replies."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock)
        self.number = 0

    def send(self, opcode: int, body: bytes = b"") -> int:
        self.number += 1
        self.sock.sendall(AFC_HEADER.pack(AFC_MAGIC, 40 + len(body), 40 + len(body), self.number, opcode) + body)
        return self.number

    def receive(self) -> tuple[int, int, bytes]:
        """Packet number, opcode, body."""
        magic, whole, _, number, opcode = AFC_HEADER.unpack(self.read(AFC_HEADER.size))
        assert magic == AFC_MAGIC
        return number, opcode, self.read(whole - AFC_HEADER.size)

    def ask(self, opcode: int, body: bytes = b"") -> tuple[int, bytes]:
        number = self.send(opcode, body)
        answered, kind, answer = self.receive()
        assert answered == number
        return kind, answer
