"""Way (a): the adb server's socket protocol, against the virtual server and against servers that misbehave."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from time import monotonic, thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyworker.android import adb_server, attached, reads, session
from pyworker.android.adb_server import Listed, failure_of, parse_list
from pyworker.android.bounded_socket import BoundedSocket, literal
from pyworker.android.no_answer import NoAnswer
from pyworker.android.shell_protocol import ShellPackets
from pyworker.call import Call
from pyworker.settings import Settings

Answer = Callable[[socket.socket], None]


@pytest.fixture
def scripted() -> Iterator[Callable[[Answer], Call]]:
    """A server that treats each connection as it is told; gives a call that is pointed at it."""
    listeners: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(answer: Answer) -> Call:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    try:
                        answer(connection)
                    except OSError:
                        continue

        threads.append(threading.Thread(target=serve, daemon=True))
        threads[-1].start()
        settings = Settings()
        settings.adb_server = listener.getsockname()
        return Call({}, settings, monotonic() + 10)

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join(5)


def saying(data: bytes) -> Answer:
    def answer(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(data)

    return answer


def silent(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


# -- the list

def test_the_list_is_read_as_the_server_writes_it() -> None:
    text = (
        "R58M12ABCDE            device usb:1-2 product:shiba model:Pixel_8 device:shiba transport_id:7\n"
        "emulator-5554          offline transport_id:2\n"
        "0123456789ABCDEF       unauthorized usb:1-1.4 transport_id:3\n"
        "????????????           no permissions (user in plugdev group; are your udev rules wrong?); see"
        " [http://developer.android.com/tools/device.html] usb:3-1 transport_id:4\n"
        "(no serial number)     no permissions usb:3-2 transport_id:5\n"
        "adb-R5C-x1 (2)._adb-tls-connect._tcp recovery product:a model:b device:c transport_id:6\n"
        "192.168.1.20:5555      device product:x model:y device:z\n")
    assert parse_list(text) == [
        Listed("R58M12ABCDE", "device", "1-2", "shiba", "Pixel_8", "shiba"),
        Listed("emulator-5554", "offline", "", "", "", ""),
        Listed("0123456789ABCDEF", "unauthorized", "1-1.4", "", "", ""),
        Listed("????????????", "no permissions", "3-1", "", "", ""),
        Listed("(no serial number)", "no permissions", "3-2", "", "", ""),
        Listed("adb-R5C-x1 (2)._adb-tls-connect._tcp", "recovery", "", "a", "b", "c"),
        Listed("192.168.1.20:5555", "device", "", "x", "y", "z"),
    ]


@given(st.text(max_size=300))
def test_no_list_makes_the_reader_fail_or_a_name_unbounded(text: str) -> None:
    for phone in parse_list(text + "\nX device model:" + "m" * 500):
        assert len(phone.model) <= 64


@pytest.mark.parametrize(("word", "state"), [
    ("device", "ready"), ("unauthorized", "unauthorized"), ("offline", "offline"), ("authorizing", "offline"),
    ("connecting", "offline"), ("no permissions (x)", "no_permissions"), ("recovery", "offline"),
    ("sideload", "offline"), ("bootloader", "offline"), ("rescue", "offline"), ("host", "offline"),
])
def test_each_state_of_the_server_is_a_state_with_a_hint(scripted, word: str, state: str) -> None:
    line = f"SERIAL                 {word} transport_id:1\n".encode()
    call = scripted(saying(b"OKAY%04x%s" % (len(line), line)))
    [device] = attached.attached(call)
    assert (device.device_id, device.connection, device.state) == ("SERIAL", "adb-server", state)
    assert bool(device.hint) == (state != "ready")


@pytest.mark.parametrize("serial", ["evil:kill", "x" * 200, "a:b:5555"])
def test_a_phone_whose_serial_the_gate_refuses_is_listed_but_not_ready(bench, serial: str) -> None:
    bench.server(bench.phone(serial))
    [device] = attached.attached(bench.call())
    assert (device.device_id, device.state, bool(device.hint)) == (serial, "offline", True)


def test_a_phone_is_listed_with_its_names(bench) -> None:
    bench.server(bench.phone())
    [device] = attached.attached(bench.call())
    assert (device.model, device.name, device.state) == ("Pixel_8", "shiba", "ready")
    assert attached.find(bench.call(), "R58M12ABCDE") == device
    assert attached.find(bench.call(), "another") is None


def test_a_server_that_is_not_there_is_an_empty_bench(bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        bench.settings.adb_server = gone.getsockname()
    assert attached.attached(bench.call()) == []
    bench.settings.adb_server = None
    assert attached.attached(bench.call()) == []


def test_no_host_name_is_ever_resolved(bench, no_names) -> None:
    bench.settings.adb_server = ("adb.example", 5037)
    assert attached.attached(bench.call()) == []
    assert attached.find(bench.call(hints={"connection": "adb-tcp"}), "phone.example:5555") is None
    bench.server(bench.phone())
    bench.settings.adb_server = ("localhost", bench.settings.adb_server[1])
    assert len(attached.attached(bench.call())) == 1


@pytest.mark.parametrize(("host", "address"), [
    ("127.0.0.1", "127.0.0.1"), ("localhost", "127.0.0.1"), ("::1", "::1"), ("[::1]", "::1"),
    ("adb.example", None), ("", None), ("127.1", None), ("0x7f.1", None), ("127.0.0.1.", None),
])
def test_only_literal_addresses_are_addresses(host: str, address: str | None) -> None:
    assert literal(host) == address


# -- what the server refuses

@pytest.mark.parametrize(("text", "reason", "state"), [
    ("device 'X' not found", "disconnected", ""),
    ("no devices/emulators found", "disconnected", ""),
    ("no device with transport id '999'", "disconnected", ""),
    ("more than one device/emulator", "refused", "offline"),
    ("more than one device with serial X", "refused", "offline"),
    ("device offline", "disconnected", "offline"),
    ("device unauthorized.\nThis adb server's $ADB_VENDOR_KEYS is not set\nTry 'adb kill-server'", "unauthorized",
     "unauthorized"),
    ("device still connecting", "disconnected", "offline"),
    ("device still authorizing", "unauthorized", "unauthorized"),
    ("insufficient permissions for device: user in plugdev group; are your udev rules wrong?", "permission_denied",
     "no_permissions"),
    ("closed", "refused", ""),
    ("unknown host service", "refused", ""),
    ("", "refused", ""),
])
def test_each_refusal_has_its_meaning(text: str, reason: str, state: str) -> None:
    trouble = failure_of(text)
    assert (trouble.reason, trouble.state) == (reason, state)
    assert bool(trouble.hint) == (bool(state) or text == "unknown host service")  # that one is the server's own


@pytest.mark.parametrize("data", [
    b"", b"OK", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"OKAY", b"OKAYzzzz", b"OKAY00", b"OKAY0010abc", b"FAIL",
    b"FAIL00", b"FAILzzzz", b"\0" * 64, b"OKAYffff" + b"x" * 100, b"FAILffff" + b"x" * 100,
])
def test_a_server_that_talks_nonsense_is_no_answer(scripted, data: bytes) -> None:
    call = scripted(saying(data))
    with pytest.raises(NoAnswer) as caught:
        adb_server.list_devices(call.settings.adb_server, call, monotonic() + 5)
    assert caught.value.reason in ("disconnected", "unreadable")
    assert attached.attached(call) == []


def test_waiting_for_a_silent_server_ends_and_costs_no_processor_time(scripted) -> None:
    call = scripted(silent)
    began, used = monotonic(), thread_time()
    with pytest.raises(NoAnswer, match="timeout"):
        adb_server.list_devices(call.settings.adb_server, call, began + 1.0)
    assert 0.9 < monotonic() - began < 1.6
    assert thread_time() - used < 0.1


def test_stopping_the_call_wakes_whoever_waits_for_the_server(scripted, stopped_after) -> None:
    call = scripted(silent)
    began = monotonic()
    stopped_after(call, 0.2)
    with pytest.raises(NoAnswer):
        adb_server.list_devices(call.settings.adb_server, call, began + 10)
    assert monotonic() - began < 1.0


def test_a_connection_nobody_accepts_is_given_up(stopped_after) -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    fillers = []
    try:
        for _ in range(4):  # the system accepts some on the listener's behalf
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
            fillers.append(filler)
        call = Call({}, Settings(), monotonic() + 10)
        began = monotonic()
        with pytest.raises(NoAnswer, match="timeout"):
            BoundedSocket(listener.getsockname(), call, began + 0.6)
        assert monotonic() - began < 1.2
        stopped_after(call, 0.2)
        began = monotonic()
        with pytest.raises((NoAnswer, OSError)):
            BoundedSocket(listener.getsockname(), call, began + 10)
        assert monotonic() - began < 1.2
    finally:
        for each in (*fillers, listener):
            each.close()


# -- the shell protocol's packets

PACKETS = st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=60)), max_size=8)


@given(packets=PACKETS, status=st.integers(0, 255), size=st.integers(1, 30))
def test_packets_give_the_same_output_however_they_arrive(packets, status: int, size: int) -> None:
    sent = b"".join(bytes([kind]) + len(data).to_bytes(4, "little") + data for kind, data in packets)
    sent += b"\x03\x01\0\0\0" + bytes([status])
    reader, output = ShellPackets(), b""
    for start in range(0, len(sent), size):
        assert reader.status is None
        output += b"".join(reader.feed(memoryview(sent)[start:start + size]))
    assert (output, reader.status) == (b"".join(data for _, data in packets), status)


@given(data=st.binary(max_size=200), size=st.integers(1, 50))
def test_bytes_that_are_no_packets_are_unreadable_and_nothing_worse(data: bytes, size: int) -> None:
    reader = ShellPackets()
    try:
        for start in range(0, len(data), size):
            reader.feed(memoryview(data)[start:start + size])
    except NoAnswer as trouble:
        assert trouble.reason == "unreadable"


def test_a_packet_that_announces_two_gib_is_handed_on_piece_by_piece() -> None:
    reader = ShellPackets()
    assert reader.feed(memoryview(b"\x01\0\0\0\x80")) == []
    assert [bytes(piece) for piece in reader.feed(memoryview(b"abc"))] == [b"abc"]


# -- a whole inspection

def test_a_server_that_does_not_know_of_features_has_the_old_shell(scripted) -> None:
    call = scripted(saying(b"FAIL0014unknown host service"))
    assert adb_server.features(call.settings.adb_server, "OLD1", call, monotonic() + 5) == frozenset()


def test_features_decide_between_the_shells(bench) -> None:
    modern, old = bench.phone("MODERN1"), bench.old_phone("OLD1")
    bench.server(modern, old)
    for serial in ("MODERN1", "OLD1"):
        device = attached.find(bench.call(), serial)
        observed = session.observe(bench.call(), device, (reads.GETPROP, reads.BATTERY))
        assert observed.answers[reads.GETPROP].data == b"[ro.product.model]: [Pixel 8]\n"
        assert observed.connection == "adb-server"
    assert [r.text.partition(":")[0] for r in modern.record if r.kind == "service"] == ["shell,v2,raw"]
    assert [r.text.partition(":")[0] for r in old.record if r.kind == "service"] == ["exec"]
