"""A virtual adb server: the smart-socket protocol of port 5037, with phones behind it. No adb binary is involved.

As AOSP client/adb.cpp and OVERVIEW.TXT have it: four hex digits of length and a text; the answer is OKAY or FAIL + hex4 +
text. A connection carries one host request, or a transport request and then one service. A service longer than the
phone's maximum payload - 1 brings the real server down; this one closes everything and says so in its record.
Requests that alter the server or its phones (host:kill, connect, forward, reconnect …) are recorded and refused.

latency_s is one round trip to a phone: an OPEN costs one, each further packet of output one, the end one. The server's
own answers cost none. A fault on the phone's side (a bad packet, a reset) is for the client what it is with the real
server: the socket simply closes.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterable, Iterator

from pyworker.virtual.android import shell, transports
from pyworker.virtual.android.faults import AT_A_BYTE, FLOOD_BLOCK, Fault, Faults
from pyworker.virtual.android.flow import Flow
from pyworker.virtual.android.listener import Listener, reset, shut
from pyworker.virtual.android.mksh import Hangup
from pyworker.virtual.android.packets import MAX_PAYLOAD, receive_exactly
from pyworker.virtual.android.phone import VirtualAndroid
from pyworker.virtual.android.record import Request
from pyworker.virtual.android.services import open_service
from pyworker.virtual.android.transports import Refusal, Transport

ADB_VERSION = 41
HOST_FEATURES = (
    "shell_v2", "cmd", "stat_v2", "ls_v2", "fixed_push_mkdir", "apex", "abb", "fixed_push_symlink_timestamp", "abb_exec",
    "remount_shell", "track_app",
)
ALTERING = (
    "kill", "connect", "disconnect", "forward", "killforward", "killforward-all", "reverse", "reconnect",
    "reconnect-offline", "attach", "detach", "emulator", "pair", "tcpip", "mdns",
)
HOST_PREFIXES = ("host:", "host-serial:", "host-transport-id:", "host-usb:", "host-local:")
PREFIX_BY_TRANSPORT = {
    "transport": "host-serial",
    "transport-id": "host-transport-id",
    "transport-any": "host",
    "transport-usb": "host",
    "transport-local": "host",
}


class Died(Exception):
    """The request was one that brings the server down."""


class VirtualAdbServer:
    """A context manager; `address` is ("127.0.0.1", port). Phones come and go with `attach` and `detach`.

    record: what it was asked (kind "host"); what reaches a phone is in the phone's own record. faults: for host requests.
    """

    def __init__(
        self, phones: Iterable[VirtualAndroid], latency_s: float = 0.0, version: int = ADB_VERSION, port: int = 0
    ) -> None:
        self.latency_s = latency_s
        self.version = version
        self.record: list[Request] = []
        self.faults = Faults()
        self.died = False
        self._phones: list[Transport] = []
        self._next_id = 1
        self._changed = threading.Condition()
        self._changes = 0
        self._services: dict[Flow, tuple[VirtualAndroid, socket.socket]] = {}
        self._port = port
        self._listener: Listener | None = None
        for phone in phones:
            self.attach(phone)

    def __enter__(self) -> VirtualAdbServer:
        self._listener = Listener(self._serve, self._port)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for _, phone in list(self._phones):
            phone.unwatch(self._phone_changed)
        if self._listener is not None:
            self._listener.close()
        self._phone_changed()

    @property
    def address(self) -> tuple[str, int]:
        if self._listener is None:
            raise RuntimeError("not started: use it as a context manager")
        return self._listener.address

    def attach(self, phone: VirtualAndroid) -> None:
        """Plugs a phone in."""
        with self._changed:
            self._phones = [*self._phones, Transport(self._next_id, phone)]
            self._next_id += 1
        phone.watch(self._phone_changed)
        self._phone_changed()

    def detach(self, phone: VirtualAndroid) -> None:
        """Pulls its cable."""
        with self._changed:
            self._phones = [each for each in self._phones if each.phone is not phone]
        phone.unwatch(self._phone_changed)
        self._phone_changed()

    def _phone_changed(self) -> None:
        """Wakes the trackers, and ends the services of phones that are gone."""
        with self._changed:
            self._changes += 1
            self._changed.notify_all()
            attached = {id(phone) for _, phone in self._phones if phone.state == "device"}
            lost = [(flow, at[1]) for flow, at in self._services.items() if id(at[0]) not in attached]
        for flow, connection in lost:
            flow.hang_up()
            shut(connection)

    # -- one connection

    def _serve(self, connection: socket.socket) -> None:
        chosen: Transport | None = None
        try:
            while True:
                text = _received(connection)
                if text is None:
                    return
                if text.startswith(HOST_PREFIXES):
                    chosen = self._host_request(connection, text)
                    if chosen is None:
                        return
                elif chosen is None:
                    raise Refusal("unknown host service")
                else:
                    self._device_service(connection, chosen.phone, text)
                    return
        except Refusal as refusal:
            connection.sendall(b"FAIL" + _counted(str(refusal)))
        except EOFError:
            return
        except Died:
            self._die()

    def _die(self) -> None:
        self.died = True
        self.record.append(Request("died", "service string too long"))
        if self._listener is not None:
            self._listener.close(wait=False)

    def _host_request(self, connection: socket.socket, text: str) -> Transport | None:
        """Answers a request to the server itself. Returns the phone when the connection goes on with one."""
        self.record.append(Request("host", text))
        fault = self.faults.strike(text, False)
        if fault is not None:
            self.record.append(Request("fault", fault.kind))
            if not self._misbehave(connection, fault, text):
                return None
        chosen, answer = self._answer(connection, text)
        if answer is not None:
            connection.sendall(answer)
        return chosen

    def _answer(self, connection: socket.socket, text: str) -> tuple[Transport | None, bytes | None]:
        prefix, wanted, name = transports.addressed(text)
        if name.startswith(("transport", "tport")):
            return self._transport(name)
        if name == "version":
            return None, b"OKAY" + _counted(f"{self.version:04x}")
        if name == "devices":
            return None, b"OKAY" + _counted(transports.listed(self._phones, long=False))
        if name == "devices-l":
            return None, b"OKAY" + _counted(transports.listed(self._phones, long=True))
        if name in ("track-devices", "track-devices-l"):
            self._track(connection, name.endswith("-l"))
            return None, None
        if name.startswith("wait-for-"):
            self._wait_for(connection, prefix, wanted, name.rpartition("-")[2])
            return None, None
        if name == "host-features":
            return None, b"OKAY" + _counted(",".join(HOST_FEATURES))
        if name.partition(":")[0] in ALTERING:
            raise Refusal(f"virtual adb server: {name} is refused")
        if name in ("features", "get-state", "get-serialno", "get-devpath"):
            number, phone = transports.find(self._phones, prefix, wanted)
            if name == "get-serialno":
                return None, b"OKAY" + _counted(phone.serial)
            if name == "get-devpath":
                return None, b"OKAY" + _counted(f"usb:{phone.description.get('usb', f'1-{number}')}")
            transports.demand_online(phone)
            return None, b"OKAY" + _counted("device" if name == "get-state" else ",".join(phone.features))
        raise Refusal("unknown host service")

    def _transport(self, name: str) -> tuple[Transport, bytes]:
        """`transport…` and `tport…`: the connection goes on with a phone; `tport` answers with its number, too."""
        kind, _, rest = name.partition(":")
        if kind == "tport":
            how, _, rest = rest.partition(":")
            prefix = "host-serial" if how == "serial" else "host"
        elif kind in PREFIX_BY_TRANSPORT:
            prefix = PREFIX_BY_TRANSPORT[kind]
        else:
            raise Refusal("unknown host service")
        found = transports.find(self._phones, prefix, rest)
        transports.demand_online(found.phone)
        return found, b"OKAY" + (found.number.to_bytes(8, "little") if kind == "tport" else b"")

    def _each_change(self, connection: socket.socket) -> Iterator[None]:
        """Once now and once after every change of the phones, until the client goes."""
        gone = threading.Event()

        def until_closed() -> None:
            with contextlib.suppress(OSError):  # closed here or there: both mean the same
                while connection.recv(4096):
                    pass
            gone.set()
            self._phone_changed()

        threading.Thread(target=until_closed, daemon=True, name="virtual tracker").start()
        seen = -1
        while True:
            with self._changed:
                while self._changes == seen and not gone.is_set():
                    self._changed.wait()
                seen = self._changes
            if gone.is_set():
                return
            yield

    def _track(self, connection: socket.socket, long: bool) -> None:
        """Sends the list now and whenever it has changed."""
        connection.sendall(b"OKAY")
        last: str | None = None
        for _ in self._each_change(connection):
            listed = transports.listed(self._phones, long)
            if listed != last:
                connection.sendall(_counted(listed))
            last = listed

    def _wait_for(self, connection: socket.socket, prefix: str, wanted: str, state: str) -> None:
        """A second OKAY once the phone is in the state (`disconnect`: gone)."""
        connection.sendall(b"OKAY")
        for _ in self._each_change(connection):
            fitting = [
                phone.state
                for number, phone in self._phones
                if prefix == "host" or str(number) == wanted or transports.is_called(phone, wanted)
            ]
            if state in fitting or (state == "any" and fitting) or (state == "disconnect" and not fitting):
                connection.sendall(b"OKAY")
                return

    # -- one service on a phone

    def _device_service(self, connection: socket.socket, phone: VirtualAndroid, service: str) -> None:
        if len(service.encode("utf-8", "surrogateescape")) > min(MAX_PAYLOAD, phone.max_payload) - 1:
            phone.asked("service", service)
            raise Died
        transports.demand_online(phone)
        fault = phone.faults.strike(service, True)
        if fault is not None:
            phone.asked("fault", fault.kind)
            if fault.kind == "delay":
                time.sleep(fault.seconds)
        flow = Flow()
        if fault is not None and fault.kind == "stall" and fault.after == 0:
            phone.asked("service", service)
            _read_until_closed(connection)
            return
        self._cost()
        if not open_service(phone, service, flow, fault):
            raise Refusal("closed")
        connection.sendall(b"OKAY")
        threading.Thread(target=_feed, args=(connection, flow), daemon=True, name="virtual service input").start()

        with self._changed:
            self._services[flow] = (phone, connection)
        try:
            self._pour(connection, phone, flow, fault, service)
        except Hangup:
            return
        finally:
            with self._changed:
                del self._services[flow]
            flow.hang_up()

    def _cost(self) -> None:
        if self.latency_s:
            time.sleep(self.latency_s)

    def _pour(
        self, connection: socket.socket, phone: VirtualAndroid, flow: Flow, fault: Fault | None, service: str
    ) -> None:
        sent = 0
        limit = min(MAX_PAYLOAD, phone.max_payload)
        first = True
        while True:
            if fault is not None and fault.kind == "trickle":
                limit = fault.chunk
                flow.signals.wait(fault.every)
            data = flow.take(limit)
            if not first:
                self._cost()
            first = False
            if fault is not None and fault.kind in AT_A_BYTE and (sent + len(data) >= fault.after or not data):
                connection.sendall(data[: max(0, fault.after - sent)])
                _break(connection, flow, fault, service)
                return
            if not data:
                break
            connection.sendall(data)
            sent += len(data)
        if fault is not None and fault.kind == "no_end":
            flow.signals.wait_for_end()

    def _misbehave(self, connection: socket.socket, fault: Fault, text: str) -> bool:
        """A fault of the server itself; True when the right answer follows all the same (late)."""
        if fault.kind == "delay":
            time.sleep(fault.seconds)
            return True
        if fault.kind == "refused_open":
            raise Refusal("closed")
        answer = self._answer(connection, text)[1] or b""
        if fault.kind == "trickle":
            for at in range(0, len(answer), fault.chunk):
                connection.sendall(answer[at : at + fault.chunk])
                time.sleep(fault.every)
        elif fault.kind in ("stall", "no_end"):
            connection.sendall(answer if fault.kind == "no_end" else answer[: fault.after])
            _read_until_closed(connection)
        elif fault.kind in ("drop", "reset"):
            connection.sendall(answer[: fault.after])
            if fault.kind == "reset":
                reset(connection)
        elif fault.kind in ("garbage", "wrong_magic", "wrong_checksum"):
            connection.sendall(os.urandom(fault.size or 64))
        else:  # the longest length four digits can say, then too little or too much
            connection.sendall(b"OKAYffff")
            while fault.kind != "oversized_header":
                connection.sendall(FLOOD_BLOCK)
            _read_until_closed(connection)
        return False


def _received(connection: socket.socket) -> str | None:
    """The next request; None when its length is no number (the real server closes then)."""
    digits = receive_exactly(connection, 4)
    try:
        length = int(digits, 16)
    except ValueError:
        return None
    return receive_exactly(connection, length).decode("utf-8", "surrogateescape") if length else ""


def _counted(text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    return f"{len(data):04x}".encode() + data


def _read_until_closed(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def _feed(connection: socket.socket, flow: Flow) -> None:
    """What the client sends goes to the service; a client that closes (even one way only) ends it."""
    try:
        while data := connection.recv(65536):
            flow.give(data)
    except OSError:
        pass  # closed: the same as its end
    flow.hang_up()


def _break(connection: socket.socket, flow: Flow, fault: Fault, service: str) -> None:
    if fault.kind == "stall":
        flow.ended.wait()
    elif fault.kind == "reset":
        reset(connection)
    elif fault.kind in ("oversized_header", "flood"):
        is_v2 = service.startswith("shell,") and "v2" in service.partition(":")[0].split(",")
        if is_v2:
            connection.sendall(shell.FRAME.pack(shell.STDOUT, fault.length & 0xFFFFFFFF))
        left = fault.length if fault.kind == "flood" else 0
        while left > 0:
            connection.sendall(FLOOD_BLOCK[:left])
            left -= len(FLOOD_BLOCK)
        if fault.kind == "oversized_header" and is_v2:
            flow.ended.wait()
