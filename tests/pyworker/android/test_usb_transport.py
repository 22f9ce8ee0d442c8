"""Way (c): our USB carrier over libusb's interface, with a virtual phone's adbd behind a virtual bus.

No test machine has a phone on its bus, so the bus is replaced where libusb begins; the errors are libusb's own classes.
The virtual phone insists on the rule the carrier must obey: after a transfer that fills its last packet, an empty one
is due, and a phone that does not get it takes nothing more.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from time import monotonic, thread_time

import pytest

from protocol.errors import RpcError
from pyworker import libusb
from pyworker.android import attached, reads, script, session
from pyworker.android.no_answer import NoAnswer
from pyworker.android.output import Output
from pyworker.android.usb_transport import UsbTransport
from pyworker.call import Call
from pyworker.findings import Unread
from pyworker.settings import Settings

usb1 = pytest.importorskip("usb1", exc_type=OSError, reason="libusb is not installed on this system")
PACKET = 512


class Endpoint:
    def __init__(self, address: int) -> None:
        self.address = address

    def getAddress(self) -> int:
        return self.address

    def getMaxPacketSize(self) -> int:
        return PACKET


class Setting:
    def __init__(self, kind: tuple[int, int, int]) -> None:
        self.kind = kind

    def getClass(self) -> int:
        return self.kind[0]

    def getSubClass(self) -> int:
        return self.kind[1]

    def getProtocol(self) -> int:
        return self.kind[2]

    def getNumber(self) -> int:
        return 3

    def iterEndpoints(self) -> Iterator[Endpoint]:
        return iter((Endpoint(0x81), Endpoint(0x02)))


class Plugged:
    """A device on the virtual bus. adbd: where its phone listens. …_error: what opening or claiming it raises."""

    def __init__(
        self, serial: str, port: tuple[int, ...], adbd: tuple[str, int] | None = None, adb: bool = True,
    ) -> None:
        self.serial = serial
        self.port = port
        self.adbd = adbd
        self.kinds = [(6, 1, 1), (0xFF, 0x42, 0x01)] if adb else [(3, 1, 2)]
        self.open_error: type[Exception] | None = None
        self.claim_error: type[Exception] | None = None
        self.stale = b""
        self.opened = 0
        self.claimed: list[int] = []

    def iterSettings(self) -> Iterator[Setting]:
        return map(Setting, self.kinds)

    def getBusNumber(self) -> int:
        return self.port[0]

    def getPortNumberList(self) -> list[int]:
        return list(self.port[1:])

    def open(self) -> Handle:
        if self.open_error is not None:
            raise self.open_error()
        self.opened += 1
        return Handle(self)


class Handle:
    def __init__(self, device: Plugged) -> None:
        self.device = device
        self.wire: socket.socket | None = None
        self.owed = False
        self.stuck = False

    def getSerialNumber(self) -> str:
        return self.device.serial

    def claimInterface(self, number: int) -> None:
        if self.device.claim_error is not None:
            raise self.device.claim_error()
        self.device.claimed.append(number)
        self.wire = socket.create_connection(self.device.adbd)

    def releaseInterface(self, number: int) -> None:
        if number not in self.device.claimed:
            raise usb1.USBErrorNotFound
        self.device.claimed.remove(number)

    def close(self) -> None:
        self.device.opened -= 1
        if self.wire is not None:
            self.wire.close()

    def bulkWrite(self, endpoint: int, data: bytes, timeout: int) -> int:
        assert endpoint == 0x02
        assert 0 < timeout <= 1000
        if data and self.owed:
            self.stuck = True
        self.owed = bool(data) and len(data) % PACKET == 0
        if self.stuck:
            error = usb1.USBErrorTimeout()
            error.transferred = 0
            raise error
        self.wire.sendall(data)
        return len(data)

    def bulkRead(self, endpoint: int, length: int, timeout: int) -> bytes:
        assert endpoint == 0x81
        assert 0 < timeout <= 1000
        if self.device.stale:
            stale, self.device.stale = self.device.stale, b""
            return stale
        self.wire.settimeout(timeout / 1000)
        try:
            data = self.wire.recv(length)
        except TimeoutError:
            error = usb1.USBErrorTimeout()
            error.received = b""
            raise error from None
        except OSError:
            raise usb1.USBErrorIO from None
        if not data:
            raise usb1.USBErrorNoDevice
        return data


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Plugged]]:
    devices: list[Plugged] = []
    contexts: list[Context] = []

    class Context:
        def __init__(self) -> None:
            self.is_open = False

        def open(self) -> Context:
            self.is_open = True
            contexts.append(self)
            return self

        __enter__ = open

        def __exit__(self, *_: object) -> None:
            self.close()

        def close(self) -> None:
            self.is_open = False

        def getDeviceIterator(self, skip_on_error: bool = False) -> Iterator[Plugged]:
            return iter(devices)

    libusb.library()  # which keeps a context of its own open
    monkeypatch.setattr(usb1, "USBContext", Context)
    monkeypatch.setattr("pyworker.android.usb_transport._SERIAL_FOLDER", "/nowhere")
    yield devices
    assert not any(context.is_open for context in contexts)
    assert not any(device.opened or device.claimed for device in devices)


@pytest.fixture
def plug(bench, bus) -> Callable[..., Plugged]:
    def put(serial: str = "USB1", port: tuple[int, ...] = (1, 2), **description: object) -> Plugged:
        phone = bench.phone(serial, **description)
        host, _, number = bench.daemon(phone).rpartition(":")
        bus.append(Plugged(serial, port, (host, int(number))))
        return bus[-1]

    return put


def test_phones_on_the_bus_are_listed_and_nothing_else_is_opened(bench, bus, plug) -> None:
    plug("USB1", (1, 2, 4))
    keyboard = Plugged("KEYS", (1, 3), adb=False)
    keyboard.open_error = AssertionError
    bus.append(keyboard)
    [device] = attached.attached(bench.call())
    assert (device.device_id, device.connection, device.state) == ("USB1", "adb-usb", "ready")


@pytest.mark.parametrize(("error", "state", "device_id"), [
    ("USBErrorAccess", "no_permissions", "usb:1-2"), ("USBErrorBusy", "offline", "usb:1-2"),
    ("USBErrorNoDevice", "offline", "usb:1-2"),
])
def test_a_phone_that_may_not_be_opened_is_a_state(bench, bus, error: str, state: str, device_id: str) -> None:
    bus.append(Plugged("USB1", (1, 2)))
    bus[0].open_error = getattr(usb1, error)
    [device] = attached.attached(bench.call())
    assert (device.device_id, device.state) == (device_id, state)
    assert attached.find(bench.call(), device_id) == device


def test_the_serial_is_the_systems_where_the_phone_cannot_be_opened(bench, bus, tmp_path, monkeypatch) -> None:
    (tmp_path / "1-2").mkdir()
    (tmp_path / "1-2" / "serial").write_text("R58SYSTEM\n")
    monkeypatch.setattr("pyworker.android.usb_transport._SERIAL_FOLDER", str(tmp_path))
    bus.append(Plugged("", (1, 2)))
    bus[0].open_error = usb1.USBErrorAccess
    [device] = attached.attached(bench.call())
    assert (device.device_id, device.state, bool(device.hint)) == ("R58SYSTEM", "no_permissions", True)


def test_a_phone_the_server_holds_is_listed_once(bench, bus, plug) -> None:
    plug("BOTH")
    bench.server(*bench.phones)
    [device] = attached.attached(bench.call())
    assert device.connection == "adb-server"
    assert attached.find(bench.call(hints={"connection": "adb-usb"}), "BOTH").connection == "adb-usb"


def test_a_machine_without_a_bus_has_no_phones(bench, monkeypatch) -> None:
    class Broken:
        def __enter__(self) -> None:
            raise usb1.USBErrorOther

        def __exit__(self, *_: object) -> None:
            raise AssertionError

    monkeypatch.setattr(usb1, "USBContext", Broken)
    assert attached.attached(bench.call()) == []


def inspect(bench, device_id: str = "USB1", seconds: float = 10.0):
    call = bench.call(seconds, hints={"connection": "adb-usb"})
    device = attached.find(call, device_id)
    return session.observe(call, device, (reads.GETPROP, reads.BATTERY))


def test_a_phone_is_read_and_let_go_again(bench, plug) -> None:
    plug()
    for _ in range(2):
        observed = inspect(bench)
        assert observed.connection == "adb-usb"
        assert observed.answers[reads.BATTERY] == Output(b"  level: 80\n", 0, False)


def test_what_an_earlier_owner_left_in_the_queue_is_dropped(bench, plug) -> None:
    plug().stale = b"WRTE of an older session"
    assert inspect(bench).answers[reads.BATTERY] == Output(b"  level: 80\n", 0, False)


@pytest.mark.parametrize("padding", range(0, PACKET, 37))
def test_no_length_of_a_script_makes_the_phone_wait_for_more(bench, plug, allow, padding: int) -> None:
    from pyworker.probes import Read

    plug()
    filled = "#" * padding
    short = len("exec:" + script.build(["echo done"], script.new_nonce(), 2)) + 1
    exact = "#" * ((PACKET - short - 1) % PACKET)  # makes the payload fill its last packet
    commands = [f"echo done{filled and ' ' + filled}", f"echo done {exact}"]
    allow(*commands)
    call = bench.call(10, hints={"connection": "adb-usb"})
    device = attached.find(call, "USB1")
    for command in commands:
        read = Read("shell", command)
        assert session.observe(call, device, (read,)).answers[read] == Output(b"done\n", 0, False)


def test_the_empty_packet_is_sent_exactly_when_it_is_due(bench, plug, monkeypatch) -> None:
    plug()
    writes: list[int] = []
    monkeypatch.setattr(Handle, "bulkWrite", lambda self, endpoint, data, timeout: writes.append(len(data)))
    carrier = UsbTransport("USB1", bench.call(), monotonic() + 5, 1 << 20)
    carrier.connect()
    for length in (511, 512, 513, 1024, 24):
        carrier.bulk_write(b"x" * length)
    carrier.close()
    assert writes == [511, 512, 0, 513, 1024, 0, 24]


@pytest.mark.parametrize(("error", "state", "word"), [
    ("USBErrorBusy", "offline", "server"), ("USBErrorAccess", "no_permissions", "udev"),
])
def test_a_claim_that_is_refused_is_a_state_with_a_hint(bench, plug, error: str, state: str, word: str) -> None:
    plug().claim_error = getattr(usb1, error)
    observed = inspect(bench)
    assert observed.state == state
    assert word in observed.hint
    assert all(isinstance(answer, Unread) for answer in observed.answers.values())


def test_a_phone_that_was_pulled_out_is_gone(bench, bus, plug) -> None:
    plug()
    device = attached.find(bench.call(), "USB1")
    bus.clear()
    with pytest.raises(RpcError) as caught:
        session.observe(bench.call(), device, (reads.GETPROP,))
    assert caught.value.kind == "device_disconnected"


def test_waiting_for_a_silent_phone_ends_and_costs_no_processor_time(bench, plug) -> None:
    plug()
    bench.phones[0].faults.add("service", "stall")
    carrier_began, used = monotonic(), thread_time()
    with pytest.raises(RpcError) as caught:
        inspect(bench, seconds=3)
    assert caught.value.kind == "timeout"
    assert monotonic() - carrier_began < 4
    assert thread_time() - used < 1.0


def test_stopping_the_call_wakes_a_reader(bench, plug, stopped_after) -> None:
    plug()
    call = Call({}, Settings(), monotonic() + 10)
    carrier = UsbTransport("USB1", call, monotonic() + 10, 1 << 20)
    carrier.connect()
    stopped_after(call, 0.2)
    began = monotonic()
    with pytest.raises(NoAnswer):
        carrier.bulk_read(24)
    assert monotonic() - began < 1.0
    carrier.close()


def test_lengths_and_the_budget_are_bounded(bench, plug) -> None:
    plug()
    carrier = UsbTransport("USB1", bench.call(), monotonic() + 10, 100)
    carrier.connect()
    with pytest.raises(NoAnswer, match="unreadable"):
        carrier.bulk_read(1 << 31)
    with pytest.raises(NoAnswer, match="truncated"):
        carrier.bulk_read(101)
    carrier.close()
    carrier.budget = 100
    with pytest.raises(NoAnswer, match="disconnected"):
        carrier.bulk_read(1)
