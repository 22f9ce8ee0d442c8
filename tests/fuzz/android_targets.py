"""What a phone's adbd, an adb server and a phone's shell send. NoAnswer is the one exception that reading may raise."""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

sys.path[:0] = [str(Path(__file__).parents[1])]

import android_dumps
from adb_shell.transport.base_transport import BaseTransport

from pyworker.android import adb_server, gate, reads, script
from pyworker.android.adb_server import ServerStream
from pyworker.android.device_stream import DeviceConnection, DeviceStream
from pyworker.android.frames import Frames
from pyworker.android.no_answer import NoAnswer
from pyworker.android.output import Output
from pyworker.android.shell_protocol import ShellPackets
from pyworker.android.tcp_transport import LARGEST_PACKET
from pyworker.call import Call
from pyworker.probes import Read
from pyworker.settings import Settings
from tests.fuzz.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable

_CALL = Call({}, Settings(), float("inf"))
_FOR_EVER = float("inf")


def _service(prefix: str) -> str:
    """A service the gate lets through: a script with one command."""
    return prefix + script.build([reads.CLOCK.request], "@" + "0" * 24, 1)


class Said(BaseTransport):  # type: ignore[misc]  # the library carries no types
    """A phone or a server that has said `data` and left: a carrier for adb_shell, and a BoundedSocket."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self.until = 0.0

    def __call__(self, *_: object) -> Said:
        """In the place of the class BoundedSocket: the connection."""
        return self

    def connect(self, *_: object) -> None:
        self.until = monotonic() + 60

    def close(self) -> None:
        return

    def send(self, data: bytes, _: float) -> None:
        return

    def bulk_write(self, data: bytes, *_: object) -> int:
        return len(data)

    def bulk_read(self, count: int, *_: object) -> bytes:
        if count > LARGEST_PACKET:
            raise NoAnswer("unreadable")
        return self.receive_exactly(count, 0.0)

    def receive_exactly(self, count: int, _: float) -> bytes:
        if count > len(self._data) - self._at:
            raise NoAnswer("disconnected")
        self._at += count
        return self._data[self._at - count : self._at]

    def receive_into(self, buffer: memoryview, _: float) -> int:
        piece = self._data[self._at : self._at + min(len(buffer), 97)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


# --- adbd ---------------------------------------------------------------------------------------------------------------


def packet(command: bytes, one: int, two: int, payload: bytes) -> bytes:
    word = int.from_bytes(command, "little")
    return struct.pack("<6I", word, one, two, len(payload), sum(payload) & 0xFFFFFFFF, word ^ 0xFFFFFFFF) + payload


_GREETING = packet(b"CNXN", 0x01000001, 1 << 20, b"device::ro.product.name=x;features=shell_v2,cmd\0")
_ADB_PACKETS = [
    _GREETING
    + packet(b"OKAY", 5, 1, b"")
    + packet(b"WRTE", 5, 1, b"hello")
    + packet(b"WRTE", 5, 1, b"")
    + packet(b"CLSE", 5, 1, b""),
    packet(b"AUTH", 1, 0, bytes(range(20))) + packet(b"AUTH", 1, 0, bytes(range(20))),
    _GREETING + packet(b"CLSE", 0, 1, b""),
    packet(b"STLS", 0x01000000, 0, b""),
]


def adb_packets(data: bytes) -> object:
    """Greeting, a service, its output, as a way over TCP or USB reads them."""
    carrier: Any = Said(data)
    try:
        stream = DeviceStream(DeviceConnection(carrier, None), _EXEC, _FOR_EVER)
        pieces = []
        while piece := stream.read(_FOR_EVER):
            pieces.append(piece)
        return pieces
    except NoAnswer as end:
        return end.reason


_EXEC = _service(adb_server.EXEC)
_CONVERSATIONS = [bytes((0, 5, 1, 0, 1, 5, 1, 3)) + b"abc" + bytes((0, 5, 2, 0, 1, 5, 1, 0, 2, 5, 1, 0)), bytes(range(64))]
_COMMANDS = (b"OKAY", b"WRTE", b"CLSE", b"CNXN", b"AUTH", b"OPEN", b"SYNC", b"STLS")


def adb_conversations(data: bytes) -> object:
    """Well-formed packets in any order: after the greeting, command, ids and payload are what `data` says."""
    packets = [_GREETING]
    at = 0
    while at + 4 <= len(data):
        command, remote, local, size = data[at : at + 4]
        payload = data[at + 4 : at + 4 + size]
        packets.append(packet(_COMMANDS[command % len(_COMMANDS)], remote % 8, local % 4, payload))
        at += 4 + size
    return adb_packets(b"".join(packets))


# --- an adb server ------------------------------------------------------------------------------------------------------

_LIST = (
    b"SERIAL1                device usb:1-2 product:p model:Pixel_7 device:d transport_id:1\n"
    b"127.0.0.1:5555         unauthorized transport_id:2\n????  no permissions (x); see [http://x]\n"
)
_SHELL = b"\x01\x04\0\0\0out\n\x02\x04\0\0\0err\n\x03\x01\0\0\0\x05"
_SERVER_REPLIES = [
    b"OKAY%04x%s" % (len(_LIST), _LIST),
    b"OKAY0010shell_v2,cmd,abb",
    b"FAIL0013device unauthorized",
    b"OKAYOKAY" + _SHELL,
    b"OKAYFAIL0006closed",
    b"OKAYOKAY@000000000000000000000000:0:B\n1\n",
]


def _with_server(data: bytes, ask: Callable[[], object]) -> object:
    real = adb_server.BoundedSocket
    adb_server.BoundedSocket = Said(data)  # type: ignore[misc, assignment]
    try:
        return ask()
    except NoAnswer as end:
        return end.reason
    finally:
        adb_server.BoundedSocket = real  # type: ignore[misc]


def _drained(prefix: str) -> object:
    stream = ServerStream(("127.0.0.1", 5037), "SERIAL1", _service(prefix), _CALL, _FOR_EVER)
    pieces = []
    while piece := stream.read(_FOR_EVER):
        pieces.append(piece)
    return pieces


_QUESTIONS: tuple[Callable[[], object], ...] = (
    lambda: adb_server.list_devices(("127.0.0.1", 5037), _CALL, _FOR_EVER),
    lambda: adb_server.features(("127.0.0.1", 5037), "SERIAL1", _CALL, _FOR_EVER),
    lambda: _drained(adb_server.SHELL_V2),
    lambda: _drained(adb_server.EXEC),
)


def adb_server_replies(data: bytes) -> object:
    return [_with_server(data, question) for question in _QUESTIONS]


def shell_packets(data: bytes) -> object:
    packets = ShellPackets()
    try:
        return [packets.feed(memoryview(data[at : at + 7])) for at in range(0, len(data), 7)]
    except NoAnswer:
        return None


_NONCE = "@0123456789abcdef01234567"
_FRAMES = [
    b"WARNING: linker\n%s:0:B\nout\n%s:0:E:0\n%s:1:B\nno end%s:1:E:137\r\n%s:END\n" % ((_NONCE.encode(),) * 5),
]


def frames(data: bytes) -> object:
    """In pieces or whole, the same events."""
    cut, whole = Frames(_NONCE), Frames(_NONCE)
    pieces = [event for at in range(0, len(data), 5) for event in cut.feed(data[at : at + 5])]
    at_once = whole.feed(data)
    assert (cut.begun, cut.running, cut.complete) == (whole.begun, whole.running, whole.complete)
    return pieces, at_once


# --- what the shell prints ----------------------------------------------------------------------------------------------

_BY_NAME = {name.lower(): read for name, read in vars(reads).items() if isinstance(read, Read)}
_PHONES = Path(gate.__file__).parents[1] / "virtual" / "phones"
_MORE = {
    "battery": [android_dumps.SAMSUNG_BATTERY.encode()],
    "device_policy": [android_dumps.policy(android_dumps.device_owner(era=era), era=era).encode() for era in (2, 9, 11, 14)],
    "imei": [android_dumps.imei_parcel("490154203237518").encode()],
    "owner_list": [b"1 owner:\nUser  0: admin=com.example.dpc/.AdminReceiver,DeviceOwner\n"],
    "battery_files": [b"/sys/class/power_supply/battery/cycle_count:312\n/sys/class/power_supply/bms/charge_full:4000000\n"],
}
_SHIPPED = {  # the files of the virtual phones, by the read they answer
    "getprop": "getprop.txt", "account": "account.txt", "battery": "battery.txt", "batterystats": "batterystats.txt",
    "device_policy": "device_policy.txt", "diskstats": "diskstats.txt", "display": "display.txt", "dropbox": "dropbox.txt",
    "sensors": "sensorservice.txt", "thermalservice": "thermalservice.txt", "trust": "trust.txt",
    "keyguard": "window-policy.txt", "cameras": "media.camera.txt", "health_hal": "health.txt",
    "persistent_data_block": "persistent_data_block.txt",
}  # fmt: skip


def _seeds(name: str, read: Read) -> list[bytes]:
    shipped = sorted(_PHONES.glob(f"*/{_SHIPPED[name]}")) if name in _SHIPPED else []
    return [android_dumps.CLEAN[read].encode(), *_MORE.get(name, ()), *(path.read_bytes()[:16_000] for path in shipped)]


def _parser(read: Read) -> Callable[[bytes], object]:
    def feed(data: bytes) -> object:
        assert read.parse is not None
        # The first byte also says whether the phone finished.
        return read.parse(Output(data, 0, bool(data) and data[0] % 2 == 0))

    return feed


_PARSERS = {f"android_{name}": Target(_seeds(name, read), _parser(read)) for name, read in _BY_NAME.items()}


def android_strangers(data: bytes) -> object:
    """Every parser of the catalogue reads every dump: most are not its own."""
    return [read.parse(Output(data, 0, False)) for read in reads.ALL if read.parse is not None]


TARGETS = {
    "adb_packets": Target(_ADB_PACKETS, adb_packets),
    "adb_conversations": Target(_CONVERSATIONS, adb_conversations),
    "adb_server_replies": Target(_SERVER_REPLIES, adb_server_replies),
    "shell_packets": Target([_SHELL, b"\x01\0\0\0\0"], shell_packets),
    "frames": Target(_FRAMES, frames),
    **_PARSERS,
    "android_strangers": Target(
        [text.encode() for text in android_dumps.CLEAN.values()], android_strangers, is_heavy=True),
}
