"""The virtual usbmuxd: the host's side of the cable, on a socket of its own.

usbmux messages have a 16-byte little-endian header (length including itself, version 1, type 8 for a property list, a
tag that comes back) and a property list. A connection lists, listens, reads pair records, or connects to a port of a
phone, after which it is that port. Results are numbers: 0 done, 1 bad command, 2 no such device or record, 3 refused.

Saving and deleting pair records is refused: this usbmuxd's records belong to the phones.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
import tempfile
import threading
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from pyworker.virtual.iphone import lockdown, pairing, property_list
from pyworker.virtual.iphone.faults import Faults, Framing
from pyworker.virtual.iphone.link import Link
from pyworker.virtual.iphone.phone import HAS_PAIR_RECORD
from pyworker.virtual.iphone.record import Request
from pyworker.virtual.iphone.services import SERVICES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from pyworker.virtual.iphone.phone import VirtualIphone

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

_CLOSE_LIMIT_S = 5.0
_BACKLOG = 256


class _Attached(NamedTuple):
    device_id: int
    phone: VirtualIphone


class _UsbmuxConversation:
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


class VirtualUsbmuxd:
    """A usbmuxd with virtual phones on its bus; `with VirtualUsbmuxd([phone]) as usbmuxd: ...`

    phones: those plugged in from the start. latency_s: one round trip over the cable; usbmuxd itself answers at once.
    address: a path for a Unix socket or (host, port); None for a private one. Raises OSError when it is taken.
    """

    def __init__(
        self, phones: Sequence[VirtualIphone] = (), latency_s: float = 0.0,
        address: str | tuple[str, int] | None = None,
    ) -> None:
        self.latency_s = latency_s
        self.faults = Faults()
        self.listeners: set[Link] = set()
        self.connections = 0
        self.services_started = 0
        self._wanted_address = address
        self._attached: dict[str, _Attached] = {}
        self._next_device_id = 1
        self._links: dict[Link, VirtualIphone | None] = {}
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self.address: str | tuple[str, int] = ""
        for phone in phones:
            self._attach(phone)

    # -- from any thread -------------------------------------------------------------------------------------------

    @property
    def libusbmuxd_address(self) -> str:
        """As libusbmuxd takes it in USBMUXD_SOCKET_ADDRESS."""
        return f"UNIX:{self.address}" if isinstance(self.address, str) else "{}:{}".format(*self.address)

    def start(self) -> Self:
        if self._thread is not None:
            return self
        # Making the keys takes a moment; better here than inside somebody's first handshake.
        pairing.server_context()
        self._listener = self._bind()
        # Readers and writers of plain sockets: on Windows only the selector loop has them.
        self._loop = asyncio.SelectorEventLoop()
        self._loop.add_reader(self._listener, self._accept)
        self._thread = threading.Thread(target=self._run, name="virtual-usbmuxd", daemon=True)
        self._thread.start()
        return self

    def close(self) -> None:
        """Every connection ends, the thread is gone, the socket is removed."""
        thread, loop = self._thread, self._loop
        if thread is None or loop is None:
            return
        self._thread = None
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_CLOSE_LIMIT_S)
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
        elif isinstance(self.address, str):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.address)

    def plug(self, phone: VirtualIphone) -> None:
        """Attach the phone; listeners are told. A phone that is attached already stays as it is."""
        self._call(lambda: self._attach(phone))

    def unplug(self, udid: str) -> None:
        """Take the phone off: its connections end, listeners are told. Without effect when it is not attached."""
        self._call(lambda: self.detach(udid))

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- in the loop's thread --------------------------------------------------------------------------------------

    def device_list(self) -> list[dict[str, Any]]:
        return [_attached_event(attached) for attached in self._attached.values()]

    def find(self, udid: Any = None, device_id: Any = None) -> _Attached | None:
        if udid is not None:
            return self._attached.get(udid)
        return next((attached for attached in self._attached.values() if attached.device_id == device_id), None)

    def belongs(self, link: Link, phone: VirtualIphone) -> None:
        """This connection goes through to the phone, and ends with its cable."""
        self._links[link] = phone

    def count_service(self) -> None:
        self.services_started += 1

    def detach(self, udid: str) -> None:
        attached = self._attached.pop(udid, None)
        if attached is None:
            return
        for link in [link for link, phone in self._links.items() if phone is attached.phone]:
            link.abort()
        self._tell({"MessageType": "Detached", "DeviceID": attached.device_id})

    def _attach(self, phone: VirtualIphone) -> None:
        if phone.udid in self._attached:
            return
        attached = self._attached[phone.udid] = _Attached(self._next_device_id, phone)
        self._next_device_id += 1
        self._tell(_attached_event(attached))

    def _tell(self, event: dict[str, Any]) -> None:
        for link in tuple(self.listeners):
            link.send(message(event, 0))

    def _call(self, change: Callable[[], None]) -> None:
        """Make a change in the loop's thread and wait for it, so that what the caller does next sees it."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None or thread is threading.current_thread():
            change()
            return
        done = threading.Event()

        def make() -> None:
            change()
            done.set()

        loop.call_soon_threadsafe(make)
        done.wait(_CLOSE_LIMIT_S)

    def _bind(self) -> socket.socket:
        address = self._wanted_address
        if address is None:
            if hasattr(socket, "AF_UNIX"):
                self._folder = tempfile.TemporaryDirectory(prefix="usbmuxd-")
                address = os.path.join(self._folder.name, "usbmuxd")
            else:
                address = ("127.0.0.1", 0)
        listener = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
        try:
            if not isinstance(address, str):
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(_BACKLOG)
            listener.setblocking(False)
        except OSError:
            listener.close()
            raise
        self.address = address if isinstance(address, str) else listener.getsockname()[:2]
        return listener

    def _run(self) -> None:
        loop, listener = self._loop, self._listener
        assert loop is not None and listener is not None
        try:
            loop.run_forever()
        finally:
            loop.remove_reader(listener)
            listener.close()
            for link in tuple(self._links):
                link.abort()
            loop.close()
            self._loop = None

    def _accept(self) -> None:
        assert self._listener is not None and self._loop is not None
        try:
            sock, _ = self._listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return
        if sock.family == socket.AF_INET:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connections += 1
        link = Link(self._loop, sock, self._forget)
        self._links[link] = None
        link.begin(_UsbmuxConversation(self, link))

    def _forget(self, link: Link) -> None:
        self._links.pop(link, None)
        self.listeners.discard(link)


def _attached_event(attached: _Attached) -> dict[str, Any]:
    properties = {
        "ConnectionSpeed": 480000000, "ConnectionType": "USB", "LocationID": 0x14100000 + attached.device_id,
        "ProductID": 0x12A8, **attached.phone.member("usb"),
        "DeviceID": attached.device_id, "SerialNumber": attached.phone.udid,
    }
    return {"MessageType": "Attached", "DeviceID": attached.device_id, "Properties": properties}
