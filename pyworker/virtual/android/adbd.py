"""The daemon on the phone, over TCP: CNXN, AUTH, several streams at once, flow control.

Rules (AOSP packages/modules/adb): a packet longer than what was agreed, or broken, ends the connection. Each stream has
at most one WRTE under way until the host's OKAY. A service that is refused is CLSE(0, id); a CLSE of the host is answered
with one. The version and the maximum payload are the smaller of both sides'; with both at 0x01000001 checksums are not
used. A host that is not yet authorised is sent a token, again after each signature that does not fit, and after its
public key it waits.

latency_s is one round trip: every packet of the host is acted on that much later than it came (packets under way at
the same time share it), and the first one twice, for the round trip of the TCP connection itself.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable

from pyworker.virtual.android import auth, packets
from pyworker.virtual.android.delay import Delay
from pyworker.virtual.android.faults import AT_A_BYTE, FLOOD_BLOCK, Fault
from pyworker.virtual.android.flow import Flow
from pyworker.virtual.android.listener import Listener, reset, shut
from pyworker.virtual.android.mksh import Hangup
from pyworker.virtual.android.packets import Packet
from pyworker.virtual.android.phone import VirtualAndroid
from pyworker.virtual.android.services import open_service


class VirtualAdbd:
    """One phone on a TCP port of 127.0.0.1. A context manager; `address` is ("127.0.0.1", port)."""

    def __init__(self, phone: VirtualAndroid, latency_s: float = 0.0, port: int = 0) -> None:
        self.phone = phone
        self.latency_s = latency_s
        self._port = port
        self._listener: Listener | None = None

    def __enter__(self) -> VirtualAdbd:
        self._listener = Listener(
            lambda connection: Connection(self.phone, connection, self.latency_s).serve(), self._port
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def address(self) -> tuple[str, int]:
        if self._listener is None:
            raise RuntimeError("not started: use it as a context manager")
        return self._listener.address

    def close(self) -> None:
        if self._listener is not None:
            self._listener.close()


class Stream:
    """One open service: its flow, the host's id, and whether the host has taken the last WRTE."""

    __slots__ = ("number", "remote", "flow", "fault", "taken")

    def __init__(self, number: int, remote: int, fault: Fault | None) -> None:
        self.number = number
        self.remote = remote
        self.flow = Flow()
        self.fault = fault
        self.taken = threading.Semaphore(0)


class Connection:
    """One host's connection, served in the calling thread until it ends."""

    def __init__(self, phone: VirtualAndroid, connection: socket.socket, latency_s: float) -> None:
        self.phone = phone
        self.socket = connection
        self.latency_s = latency_s
        self.version = packets.VERSION_CHECKSUMS
        self.max_payload = phone.max_payload
        self.streams: dict[int, Stream] = {}
        self.online = False
        self.token = b""
        self.waiting_key = ""  # the key of a host that waits for the owner to press Allow
        self.next_number = 1
        self._sending = threading.Lock()
        self._streams_lock = threading.Lock()

    def serve(self) -> None:
        self.phone.watch(self._phone_changed)
        act: Callable[[Packet | None], None]
        if self.latency_s:
            delay = Delay(self._act, self.latency_s)
            act = delay.put
        else:
            act = self._act
        try:
            while True:
                packet = packets.receive(self.socket, self.max_payload, self.version < packets.VERSION_NO_CHECKSUMS)
                act(packet)
        except (EOFError, OSError):
            pass  # the host went away
        except packets.BadPacket as bad:
            self.phone.asked("died", f"bad packet: {bad}")
        finally:
            if self.latency_s:
                act(None)
            self.phone.unwatch(self._phone_changed)
            self._forget_host()
            shut(self.socket)

    def _forget_host(self) -> None:
        """The host went away or begins anew: it is authorised again from the start, and its streams end."""
        self.online = False
        self.token = b""
        self.waiting_key = ""
        with self._streams_lock:
            streams, self.streams = list(self.streams.values()), {}
        for stream in streams:
            stream.flow.hang_up()
            stream.taken.release()

    def send(self, packet: Packet) -> None:
        head = packets.header(packet, self.version < packets.VERSION_NO_CHECKSUMS)
        with self._sending:
            self.socket.sendall(head + packet.payload if len(packet.payload) < 65536 else head)
            if len(packet.payload) >= 65536:
                self.socket.sendall(packet.payload)

    # -- what the host sends

    def _act(self, packet: Packet | None) -> None:
        if packet is None:
            return
        if packet.command == packets.CNXN:
            self._connect(packet)
        elif packet.command == packets.AUTH:
            self._authorize(packet)
        elif not self.online:
            return  # adbd ignores everything else until the host is authorised
        elif packet.command == packets.OPEN:
            self._open(packet)
        else:
            self._on_stream(packet)

    def _connect(self, packet: Packet) -> None:
        self.phone.asked("connect", packet.payload.rstrip(b"\0").decode("utf-8", "replace"))
        self._forget_host()
        self.version = min(packet.arg0, self.phone.protocol_version)
        self.max_payload = min(packet.arg1, self.phone.max_payload)
        fault = self.phone.faults.strike("connect", False)
        if self.phone.state == "offline" or (fault is not None and self._misbehave_on_connect(fault)):
            return
        if not self.phone.wants_authorization and self.phone.state != "unauthorized":
            self._go_online()
        else:
            self._send_token()

    def _go_online(self) -> None:
        self.online = True
        self.waiting_key = ""
        # The banner tells this side's version; it is sent with a checksum whatever is agreed on, for older hosts.
        packet = Packet(packets.CNXN, self.phone.protocol_version, self.phone.max_payload, self.phone.banner())
        with self._sending:
            self.socket.sendall(packets.header(packet, True) + packet.payload)

    def _send_token(self) -> None:
        self.token = os.urandom(auth.TOKEN_SIZE)
        packet = Packet(packets.AUTH, packets.AUTH_TOKEN, 0, self.token)
        with self._sending:
            self.socket.sendall(packets.header(packet, True) + packet.payload)

    def _authorize(self, packet: Packet) -> None:
        if self.online:
            return
        if packet.arg0 == packets.AUTH_SIGNATURE and self.token:
            accepted = self.phone.state != "unauthorized" and any(
                auth.is_signed_by(key, self.token, packet.payload) for key in list(self.phone.accepted_keys)
            )
            self.phone.asked("auth", "signature accepted" if accepted else "signature refused")
            fault = self.phone.faults.strike("auth", False)
            if fault is not None and self._misbehave_on_connect(fault):
                return
            if accepted:
                self._go_online()
            else:
                self._send_token()
        elif packet.arg0 == packets.AUTH_RSAPUBLICKEY:
            self.waiting_key = packet.payload.rstrip(b"\0").decode("utf-8", "replace")
            self.phone.asked("auth", f"public key {self.waiting_key}")
            self._phone_changed()

    def _phone_changed(self) -> None:
        """The owner may have pressed Allow, or the phone went away."""
        if self.waiting_key and self.phone.state == "device":
            waiting = auth.numbers(self.waiting_key)
            if waiting is not None and any(auth.numbers(key) == waiting for key in list(self.phone.accepted_keys)):
                self._go_online()
        elif self.online and self.phone.state == "offline":
            shut(self.socket)

    def _open(self, packet: Packet) -> None:
        if packet.arg0 == 0:
            return  # no stream has the number 0; adbd ignores such an OPEN
        service = packet.payload.rstrip(b"\0").decode("utf-8", "surrogateescape")
        fault = self.phone.faults.strike(service, True)
        if fault is not None:
            self.phone.asked("fault", fault.kind)
            if fault.kind == "delay":
                time.sleep(fault.seconds)
        with self._streams_lock:
            number = self.next_number
            self.next_number += 1
            stream = Stream(number, packet.arg0, fault)
            self.streams[number] = stream
        if fault is not None and fault.kind == "stall" and fault.after == 0:
            self.phone.asked("service", service)
            return  # not even the OPEN is answered
        if not open_service(self.phone, service, stream.flow, fault):
            with self._streams_lock:
                self.streams.pop(number, None)
            self.send(Packet(packets.CLSE, 0, packet.arg0))
            return
        self.send(Packet(packets.OKAY, number, packet.arg0))
        threading.Thread(target=self._pump, args=(stream,), daemon=True, name="virtual adbd stream").start()

    def _on_stream(self, packet: Packet) -> None:
        with self._streams_lock:
            stream = self.streams.get(packet.arg1)
            if packet.command == packets.CLSE and stream is not None:
                del self.streams[packet.arg1]
        if stream is None:
            if packet.command == packets.WRTE:
                self.send(Packet(packets.CLSE, 0, packet.arg0))
            return
        if packet.command == packets.OKAY:
            stream.taken.release()
        elif packet.command == packets.WRTE:
            stream.flow.give(packet.payload)
            self.send(Packet(packets.OKAY, stream.number, stream.remote))
        elif packet.command == packets.CLSE:
            stream.flow.hang_up()
            stream.taken.release()
            self.send(Packet(packets.CLSE, stream.number, stream.remote))

    # -- what the phone sends

    def _pump(self, stream: Stream) -> None:
        """Sends a service's output, one WRTE at a time, until it ends or a planned fault strikes."""
        try:
            if self._pour(stream):
                with self._streams_lock:
                    known = self.streams.pop(stream.number, None)
                if known is not None:
                    self.send(Packet(packets.CLSE, stream.number, stream.remote))
        except (OSError, Hangup):
            return  # the host went away

    def _pour(self, stream: Stream) -> bool:
        """True when the output ended and the stream is to be closed."""
        fault = stream.fault
        sent = 0
        limit = self.max_payload
        while True:
            if fault is not None and fault.kind == "trickle":
                limit = fault.chunk
                stream.flow.signals.wait(fault.every)
            data = stream.flow.take(limit)
            if fault is not None and fault.kind in AT_A_BYTE and (sent + len(data) >= fault.after or not data):
                self._strike(stream, fault, data, max(0, fault.after - sent))
                return False
            if not data:
                return not (fault is not None and fault.kind == "no_end")
            self.send(Packet(packets.WRTE, stream.number, stream.remote, data))
            sent += len(data)
            stream.taken.acquire()
            if stream.flow.ended.is_set():
                return False

    def _strike(self, stream: Stream, fault: Fault, data: bytes, good: int) -> None:
        """The fault that was due after `good` more bytes."""
        packet = Packet(packets.WRTE, stream.number, stream.remote, data)
        with_checksum = self.version < packets.VERSION_NO_CHECKSUMS
        if fault.kind in ("drop", "reset"):
            with self._sending:
                self.socket.sendall(packets.header(packet, with_checksum) + data[:good])
            if fault.kind == "reset":
                reset(self.socket)
            else:
                shut(self.socket)
            return
        if good:
            self.send(packet._replace(payload=data[:good]))
            stream.taken.acquire()
        rest = packet._replace(payload=data[good:])
        self._break(fault, rest)

    def _break(self, fault: Fault, rest: Packet) -> None:
        """Sends the broken thing itself. (Stall: nothing.)"""
        head = bytearray(packets.header(rest, True))
        with self._sending:
            if fault.kind == "wrong_checksum":
                head[16:20] = ((packets.checksum(rest.payload) + 1) & 0xFFFFFFFF).to_bytes(4, "little")
                self.socket.sendall(bytes(head) + rest.payload)
            elif fault.kind == "wrong_magic":
                head[20] ^= 0xFF
                self.socket.sendall(bytes(head) + rest.payload)
            elif fault.kind == "garbage":
                self.socket.sendall(os.urandom(fault.size or 64))
            elif fault.kind in ("oversized_header", "flood"):
                head[12:16] = (fault.length & 0xFFFFFFFF).to_bytes(4, "little")
                self.socket.sendall(bytes(head))
                left = fault.length if fault.kind == "flood" else 0
                while left > 0:
                    self.socket.sendall(FLOOD_BLOCK[:left])
                    left -= len(FLOOD_BLOCK)

    def _misbehave_on_connect(self, fault: Fault) -> bool:
        """A fault instead of the answer to CNXN or AUTH; False when the answer is only late."""
        self.phone.asked("fault", fault.kind)
        if fault.kind == "delay":
            time.sleep(fault.seconds)
            return False
        if fault.kind == "tls":
            self.send(Packet(packets.STLS, packets.STLS_VERSION, 0))
        elif fault.kind == "drop":
            shut(self.socket)
        elif fault.kind == "reset":
            reset(self.socket)
        elif fault.kind == "trickle":
            banner = Packet(packets.CNXN, self.phone.protocol_version, self.phone.max_payload, self.phone.banner())
            for byte in packets.header(banner, True) + banner.payload:
                self.socket.sendall(bytes((byte,)))
                time.sleep(fault.every)
            self.online = True
        elif fault.kind != "stall":
            self._break(
                fault, Packet(packets.CNXN, self.phone.protocol_version, self.phone.max_payload, self.phone.banner())
            )
        return True
