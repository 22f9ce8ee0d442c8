"""One connection to the virtual usbmuxd, as long as it talks to usbmuxd itself and not through it to a phone.

usbmux messages have a 16-byte little-endian header (length including itself, version 1, type 8 for a property list, a
tag that comes back) and a property list. A connection lists, listens, reads pair records, or connects to a port of a
phone, after which it is that port. Results are numbers: 0 done, 1 bad command, 2 no such device or record, 3 refused.

Saving and deleting pair records is refused: this usbmuxd's records belong to the phones.
"""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

from pyworker.virtual.iphone import lockdown, pairing, property_list
from pyworker.virtual.iphone.faults import Faults, Framing
from pyworker.virtual.iphone.phone import HAS_PAIR_RECORD
from pyworker.virtual.iphone.record import Request
from pyworker.virtual.iphone.services import SERVICES

if TYPE_CHECKING:
    from pyworker.virtual.iphone.link import Link
    from pyworker.virtual.iphone.phone import VirtualIphone
    from pyworker.virtual.iphone.usbmux import VirtualUsbmuxd

SERVICE = "usbmuxd"

_HEADER = struct.Struct("<IIII")
_PLIST_VERSION = 1
_PLIST_MESSAGE = 8
_MAX_REQUEST = 1024 * 1024

OK = 0
BAD_COMMAND = 1
BAD_DEVICE = 2
CONNECTION_REFUSED = 3
BAD_VERSION = 6

# Results are these for a record that is not there, too: usbmuxd answers with ENOENT.
NO_RECORD = 2


class Attached(NamedTuple):
    device_id: int
    phone: VirtualIphone

    def event(self) -> dict[str, Any]:
        """What listeners are told of it, and what stands in the list."""
        properties = {
            "ConnectionSpeed": 480000000, "ConnectionType": "USB", "LocationID": 0x14100000 + self.device_id,
            "ProductID": 0x12A8, **self.phone.member("usb"),
            "DeviceID": self.device_id, "SerialNumber": self.phone.udid,
        }
        return {"MessageType": "Attached", "DeviceID": self.device_id, "Properties": properties}


class UsbmuxConversation:
    """One connection as long as it talks to usbmuxd itself."""

    def __init__(self, usbmuxd: VirtualUsbmuxd, link: Link) -> None:
        self._usbmuxd = usbmuxd
        self._link = link
        self._buffer = bytearray()

    def receive(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= _HEADER.size:
            length, version, kind, tag = _HEADER.unpack_from(self._buffer)
            if not _HEADER.size <= length <= _MAX_REQUEST:
                self._link.close()
                return
            if len(self._buffer) < length:
                return
            body = bytes(self._buffer[_HEADER.size:length])
            del self._buffer[:length]
            if version != _PLIST_VERSION or kind != _PLIST_MESSAGE:
                # The binary protocol of 2008; no client of today begins with it.
                self._link.send(_HEADER.pack(_HEADER.size + 4, 0, 1, tag) + struct.pack("<I", BAD_VERSION))
                continue
            try:
                request = property_list.parse(body).body
            except property_list.NotAPropertyList:
                self._link.close()
                return
            if self._handle(request, tag):
                return

    def _handle(self, request: dict[str, Any], tag: int) -> bool:
        """Answer one request. Returns whether the connection now belongs to a phone."""
        verb = str(request.get("MessageType", ""))
        usbmuxd = self._usbmuxd
        if verb == "ListDevices":
            self._reply(usbmuxd.faults, verb, tag, {"DeviceList": usbmuxd.device_list()})
        elif verb == "Listen":
            self._reply(usbmuxd.faults, verb, tag, _result(OK))
            usbmuxd.listeners.add(self._link)
            for event in usbmuxd.device_list():
                self._link.send(message(event, 0))
        elif verb == "ReadBUID":
            self._reply(usbmuxd.faults, verb, tag, {"BUID": pairing.SYSTEM_BUID})
        elif verb == "Connect":
            return self._connect(request, tag)
        elif verb in ("ReadPairRecord", "SavePairRecord", "DeletePairRecord"):
            self._pair_record(verb, request, tag)
        else:
            self._reply(usbmuxd.faults, verb, tag, _result(BAD_COMMAND))
        return False

    def _pair_record(self, verb: str, request: dict[str, Any], tag: int) -> None:
        attached = self._usbmuxd.find(udid=request.get("PairRecordID"))
        if attached is None:
            self._reply(self._usbmuxd.faults, verb, tag, _result(NO_RECORD))
            return
        phone = attached.phone
        self._witness(phone, verb, request)
        self._link.on_unplug = lambda: self._usbmuxd.detach(phone.udid)
        if verb != "ReadPairRecord":
            self._reply(phone.faults, verb, tag, _result(BAD_COMMAND))
        elif phone.state not in HAS_PAIR_RECORD:
            self._reply(phone.faults, verb, tag, _result(NO_RECORD))
        else:
            wifi = str(phone.member("lockdown")["values"].get("WiFiAddress", ""))
            record = pairing.pair_record(phone.udid, wifi, stale=phone.state == "stale_record")
            self._reply(phone.faults, verb, tag, {"PairRecordData": record})

    def _connect(self, request: dict[str, Any], tag: int) -> bool:
        attached = self._usbmuxd.find(device_id=request.get("DeviceID"))
        if attached is None:
            self._reply(self._usbmuxd.faults, "Connect", tag, _result(BAD_DEVICE))
            return False
        phone = attached.phone
        self._witness(phone, "Connect", request)
        self._link.latency = self._usbmuxd.latency_s
        self._link.on_unplug = lambda: self._usbmuxd.detach(phone.udid)
        # The port number is in network byte order inside a host order integer.
        port = socket.ntohs(int(request.get("PortNumber", 0)) & 0xFFFF)
        service = lockdown.SERVICE if port == lockdown.PORT else phone.take_port(port)
        begin = SERVICES.get(service or "")
        if service is None or (service != lockdown.SERVICE and begin is None):
            self._reply(phone.faults, "Connect", tag, _result(CONNECTION_REFUSED))
            return False
        self._usbmuxd.belongs(self._link, phone)
        self._reply(phone.faults, "Connect", tag, _result(OK))
        rest = bytes(self._buffer)
        if begin is None:
            self._link.hand_over(lockdown.LockdownConversation(self._link, phone, self._usbmuxd.count_service), rest)
        else:
            if lockdown.uses_tls(phone, service):
                self._link.start_tls(phone.faults, service, pairing.server_context())
            self._link.hand_over(begin(self._link, phone, service), rest)
        return True

    def _witness(self, phone: VirtualIphone, verb: str, request: dict[str, Any]) -> None:
        detail = {key: value for key, value in request.items() if key != "MessageType"}
        phone.record.append(Request(SERVICE, verb, detail))

    def _reply(self, faults: Faults, verb: str, tag: int, body: dict[str, Any]) -> None:
        self._link.reply(faults, SERVICE, verb, property_list.dump(body), _framing(tag))


def _result(number: int) -> dict[str, Any]:
    return {"MessageType": "Result", "Number": number}


def message(body: dict[str, Any], tag: int) -> bytes:
    return _framing(tag).wrap(property_list.dump(body))


def _framing(tag: int) -> Framing:
    def header(length: int) -> bytes:
        return _HEADER.pack(_HEADER.size + length & 0xFFFFFFFF, _PLIST_VERSION, _PLIST_MESSAGE, tag)

    return Framing(lambda body: header(len(body)) + body, header, property_list.strange)
