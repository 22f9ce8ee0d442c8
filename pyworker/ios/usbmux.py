"""usbmuxd, the daemon that owns the cable: who is attached, the record of trust, and connections to a phone's ports.

The message formats are pymobiledevice3's (usbmux.py there, the one module of it that starts no process, binds no
socket and loads in a few milliseconds); the conversation is our own, because the library's opens a second connection
to ask for a BUID before every request, and believes every length it is told.

A connection takes any number of questions and at last one Connect, which turns it into a connection to the phone
(tried with usbmuxd 1.1.1; go-ios reads a record and connects like this on every system). An inspection therefore needs
one connection for its listing, the pair record and lockdownd together, and one a service.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import struct
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from bytestruct import BinaryDataError
from pymobiledevice3.usbmux import (
    UsbmuxdMessageType,
    UsbmuxdResult,
    UsbmuxdVersion,
    build_usbmuxd_request,
    parse_usbmuxd_response,
)

from pyworker.ios import gate, messages
from pyworker.ios.stream import Address, Stream
from pyworker.ios.stream import connect as connect_stream
from pyworker.ios.unanswered import Unanswered

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyworker.settings import Settings

# Where Apple's and the open usbmuxd listen. pymobiledevice3 would tell too, but to ask it loads a library that starts
# two processes to find libc.
SYSTEMS_OWN: Address = ("127.0.0.1", 27015) if sys.platform in ("win32", "cygwin") else "/var/run/usbmuxd"
# A listing of a hundred phones is 60 KiB, a pair record 10 KiB.
MAX_PACKET = 1024 * 1024
# More than any hub holds; a daemon that lists more is not believed.
MAX_DEVICES = 256

_LENGTH = struct.Struct("<I")
_HEADER_SIZE = 16
# 40 hexadecimal digits, or 8 and 16 with a dash between that usbmuxd may leave out; read generously.
_UDID = re.compile(r"[0-9A-Za-z-]{20,64}")


class Attached(NamedTuple):
    """One entry of the listing. serial: the UDID exactly as usbmuxd writes it, which is how it wants to be asked."""

    mux_id: int
    serial: str
    connection: str  # "usb" or "network"

    @property
    def udid(self) -> str:
        return canonical_udid(self.serial)


def canonical_udid(udid: str) -> str:
    """As Apple's tools write it: 40 digits in lower case, or 8 and 16 in upper case with a dash between."""
    digits = udid.replace("-", "")
    if len(digits) == 24:
        return f"{digits[:8]}-{digits[8:]}".upper()
    return digits.lower() if len(digits) == 40 else udid


def may_be_udid(device_id: str) -> bool:
    return _UDID.fullmatch(device_id) is not None


def same_udid(one: str, other: str) -> bool:
    return one.replace("-", "").lower() == other.replace("-", "").lower()


def address_of(settings: Settings) -> Address:
    """Where usbmuxd listens. May look a host name up, so it is not for the event loop. Raises OSError."""
    given = settings.usbmuxd
    if given is None:
        return SYSTEMS_OWN
    if isinstance(given, str):
        return given
    host, port = given
    try:
        ipaddress.ip_address(host)
    except ValueError:
        host = str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
    return host, port


def preferred(ways: Iterable[Attached], connection: str = "usb") -> Attached:
    """Of the ways in which one phone is attached: this one, else USB, which is faster than the network."""
    return min(ways, key=lambda phone: (phone.connection != connection, phone.connection != "usb"))


class Usbmux:
    """One connection to usbmuxd. Every method raises Unanswered."""

    __slots__ = ("_stream", "_tag")

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._tag = 0

    @property
    def alive(self) -> bool:
        return self._stream.alive

    async def attached(self) -> list[Attached]:
        answer = await self._ask({"MessageType": "ListDevices"})
        entries = answer.get("DeviceList")
        if not isinstance(entries, list) or len(entries) > MAX_DEVICES:
            raise self._unreadable()
        return [phone for phone in map(_attached, entries) if phone is not None]

    async def pair_record(self, serial: str) -> bytes:
        """The record of trust as it was saved, a property list. Unanswered("not_paired") when there is none."""
        answer = await self._ask({"MessageType": "ReadPairRecord", "PairRecordID": serial})
        record = answer.get("PairRecordData")
        if isinstance(record, bytes):
            return record
        if "Number" in answer:
            raise Unanswered("not_paired")
        raise self._unreadable()

    async def connect(self, mux_id: int, port: int) -> Stream:
        """The connection to the phone's port; this connection to usbmuxd becomes it.

        Unanswered("disconnected") when the phone is not there any more, ("refused") when nothing listens on the port.
        """
        # usbmuxd wants the port in network order inside a number of the host's.
        answer = await self._ask({"MessageType": "Connect", "DeviceID": mux_id, "PortNumber": socket.htons(port)})
        result = answer.get("Number")
        if result == UsbmuxdResult.OK:
            return self._stream
        self._stream.abort()
        if result in (UsbmuxdResult.CONNREFUSED, UsbmuxdResult.NOSUCHSERVICE):
            raise Unanswered("refused")
        raise Unanswered("disconnected" if result == UsbmuxdResult.BADDEV else "unreadable")

    def abort(self) -> None:
        self._stream.abort()

    async def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        message = {**gate.USBMUX_SIGNATURE, **message}
        gate.check_usbmux(message)
        self._tag += 1
        await self._stream.send(build_usbmuxd_request(
            UsbmuxdVersion.PLIST, UsbmuxdMessageType.PLIST, self._tag, messages.encode(message)))
        length = await self._stream.read(_LENGTH.size)
        size = _LENGTH.unpack(length)[0]
        if not _HEADER_SIZE <= size <= MAX_PACKET:
            raise self._unreadable()
        try:
            response = parse_usbmuxd_response(length + await self._stream.read(size - _LENGTH.size))
        except BinaryDataError:
            raise self._unreadable() from None
        if response.header.tag != self._tag or not isinstance(response.data, bytes):
            raise self._unreadable()
        try:
            return messages.decode(response.data)
        except Unanswered:
            raise self._unreadable() from None

    def _unreadable(self) -> Unanswered:
        self._stream.abort()
        return Unanswered("unreadable")


async def open_usbmux(address: Address) -> Usbmux:
    """Raises OSError when no daemon answers there."""
    return Usbmux(await connect_stream(address))


def _attached(entry: Any) -> Attached | None:
    """None for an entry that is no phone we could ask."""
    if not isinstance(entry, dict):
        return None
    properties = entry.get("Properties")
    if not isinstance(properties, dict):
        return None
    mux_id = entry.get("DeviceID", properties.get("DeviceID"))
    serial = properties.get("SerialNumber")
    if not isinstance(mux_id, int) or not isinstance(serial, str) or not may_be_udid(serial):
        return None
    return Attached(mux_id, serial, "network" if properties.get("ConnectionType") == "Network" else "usb")
