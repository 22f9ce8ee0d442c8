"""Way (b): adb_shell's greeting and our streams over our own TCP carrier, against a virtual adbd."""

from __future__ import annotations

import base64
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, thread_time

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from protocol.errors import RpcError
from pyworker.android import attached, reads, session
from pyworker.android.adb_key import AdbKey
from pyworker.android.no_answer import NoAnswer
from pyworker.android.output import Output
from pyworker.android.tcp_transport import LARGEST_PACKET, TcpTransport
from pyworker.call import Call
from pyworker.findings import Unread
from pyworker.platforms import Device
from pyworker.settings import Settings

BUDGET = 1 << 20


@pytest.fixture
def pair() -> Iterator[tuple[TcpTransport, socket.socket, Call]]:
    """A connected carrier, the phone's end of it, and the call."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        call = Call({}, Settings(), monotonic() + 10)
        carrier = TcpTransport(listener.getsockname(), call, monotonic() + 10, BUDGET)
        carrier.connect()
        phone, _ = listener.accept()
        yield carrier, phone, call
        carrier.close()
        phone.close()


def test_small_messages_are_not_held_back(pair) -> None:
    carrier, _, _ = pair
    assert carrier._socket._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_read_waits_until_it_has_all_it_was_asked_for(pair) -> None:
    carrier, phone, _ = pair
    later = threading.Timer(0.1, phone.sendall, [b"def"])
    phone.sendall(b"abc")
    later.start()
    assert carrier.bulk_read(6) == b"abcdef"
    later.join()


def test_the_end_of_the_stream_is_noticed_at_once_and_costs_nothing(pair) -> None:
    carrier, phone, _ = pair
    phone.close()
    began, used = monotonic(), thread_time()
    with pytest.raises(NoAnswer, match="disconnected"):
        carrier.bulk_read(24)
    assert monotonic() - began < 0.5
    assert thread_time() - used < 0.1


def test_a_reset_is_a_disconnection(pair) -> None:
    carrier, phone, _ = pair
    phone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    phone.close()
    with pytest.raises(NoAnswer, match="disconnected"):
        carrier.bulk_read(24)
    with pytest.raises(NoAnswer, match="disconnected"):
        for _ in range(3):  # the first may still fall into the system's buffer
            carrier.bulk_write(b"x" * 100)


def test_waiting_ends_at_the_deadline_and_leaves_the_processor_idle(pair) -> None:
    carrier, phone, _ = pair
    phone.sendall(b"abc")
    began, used = monotonic(), thread_time()
    carrier.until = began + 1.2
    with pytest.raises(NoAnswer, match="timeout"):
        carrier.bulk_read(24)
    assert 1.1 < monotonic() - began < 1.7
    assert thread_time() - used < 0.1


def test_a_write_is_whole_however_slowly_the_phone_takes_it(pair) -> None:
    carrier, phone, _ = pair
    sent = bytes(range(256)) * 65536  # more than the system's buffers hold
    received = bytearray()

    def take() -> None:
        while len(received) < len(sent):
            received.extend(phone.recv(65536))

    taker = threading.Timer(0.3, take)
    taker.start()
    assert carrier.bulk_write(sent) == len(sent)
    taker.join(10)
    assert received == sent


def test_a_write_the_phone_never_takes_ends_at_the_deadline(pair) -> None:
    carrier, _, _ = pair
    began = monotonic()
    carrier.until = began + 0.5
    with pytest.raises(NoAnswer, match="timeout"):
        carrier.bulk_write(b"x" * (64 << 20))
    assert monotonic() - began < 1.5


def test_stopping_the_call_wakes_a_reader(pair, stopped_after) -> None:
    carrier, _, call = pair
    began = monotonic()
    stopped_after(call, 0.2)
    with pytest.raises(NoAnswer):
        carrier.bulk_read(24)
    assert monotonic() - began < 1.0


def test_a_length_nobody_agreed_to_is_refused_before_anything_is_kept(pair) -> None:
    carrier, _, _ = pair
    with pytest.raises(NoAnswer, match="unreadable"):
        carrier.bulk_read(1 << 31)
    with pytest.raises(NoAnswer, match="unreadable"):
        carrier.bulk_read(LARGEST_PACKET + 1)


def test_more_than_the_budget_is_not_read(pair) -> None:
    carrier, phone, _ = pair
    phone.sendall(b"x" * 2000)
    carrier.budget = 1500
    assert len(carrier.bulk_read(1000)) == 1000
    with pytest.raises(NoAnswer, match="truncated"):
        carrier.bulk_read(1000)


def test_nobody_there_is_an_error_of_the_system(pair) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        address = gone.getsockname()
    carrier = TcpTransport(address, Call({}, Settings(), monotonic() + 5), monotonic() + 5, BUDGET)
    with pytest.raises(OSError, match="refused"):
        carrier.connect()


# -- keys

def adbkey_pub(key: rsa.RSAPrivateKey) -> str:
    """The line of an adbkey.pub file: Android's own structure of a public key, in base64."""
    numbers = key.public_key().public_numbers()
    blob = struct.pack("<II", 64, (-pow(numbers.n, -1, 1 << 32)) % (1 << 32))
    blob += numbers.n.to_bytes(256, "little") + pow(1 << 2048, 2, numbers.n).to_bytes(256, "little")
    return base64.b64encode(blob + struct.pack("<I", numbers.e)).decode() + " bench@example"


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes | None = None) -> bytes:
    how = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def key_file(tmp_path: Path, key: rsa.RSAPrivateKey) -> Path:
    path = tmp_path / "adbkey"
    path.write_bytes(pem(key))
    return path


def inspect(bench, device_id: str, seconds: float = 10.0):
    call = bench.call(seconds, hints={"connection": "adb-tcp"})
    device = attached.find(call, device_id)
    assert device is not None
    return session.observe(call, device, (reads.GETPROP, reads.BATTERY))


def test_a_phone_that_asks_for_no_key_is_read(bench) -> None:
    device_id = bench.daemon(bench.phone())
    observed = inspect(bench, device_id)
    assert observed.connection == "adb-tcp"
    assert observed.answers[reads.BATTERY] == Output(b"  level: 80\n", 0, False)


def test_an_old_phone_is_read(bench) -> None:
    observed = inspect(bench, bench.daemon(bench.old_phone()))
    assert observed.answers[reads.BATTERY] == Output(b"  level: 80\n", 0, False)


def test_an_accepted_key_opens_the_phone_without_its_public_file(bench, key, key_file) -> None:
    bench.settings.adb_key = str(key_file)
    phone = bench.phone(authorization=True, accepted_keys=[adbkey_pub(key)])
    assert inspect(bench, bench.daemon(phone)).state == "ready"
    assert [r.text for r in phone.record if r.kind == "auth"] == ["signature accepted"]
    assert sorted(file.name for file in key_file.parent.iterdir()) == ["adbkey"]


def test_an_unknown_key_is_a_state_and_is_never_offered(bench, key_file) -> None:
    bench.settings.adb_key = str(key_file)
    phone = bench.phone(authorization=True)
    began = monotonic()
    observed = inspect(bench, bench.daemon(phone))
    assert monotonic() - began < 2
    assert (observed.state, bool(observed.hint)) == ("unauthorized", True)
    assert set(observed.answers.values()) == {Unread("unauthorized")}
    assert [r.text for r in phone.record if r.kind == "auth"] == ["signature refused"]


def test_without_a_key_an_asking_phone_is_unauthorized(bench) -> None:
    phone = bench.phone(authorization=True)
    observed = inspect(bench, bench.daemon(phone))
    assert observed.state == "unauthorized"
    assert "--adb-key" in observed.hint
    assert not [r for r in phone.record if r.kind == "auth"]


@pytest.mark.parametrize("kind", ["missing", "empty", "no key", "password", "curve", "folder"])
def test_a_key_file_that_cannot_be_used_says_so(bench, tmp_path, key, kind: str) -> None:
    path = tmp_path / "adbkey"
    if kind == "folder":
        path.mkdir()
    elif kind != "missing":
        path.write_bytes({"empty": b"", "no key": b"hello\n" * 9, "password": pem(key, b"secret"),
                          "curve": pem(ec.generate_private_key(ec.SECP256R1()))}[kind])
    bench.settings.adb_key = str(path)
    observed = inspect(bench, bench.daemon(bench.phone(authorization=True)))
    assert observed.state == "unauthorized"
    assert "--adb-key" in observed.hint


def test_a_token_of_another_length_is_unreadable(key_file) -> None:
    with pytest.raises(NoAnswer, match="unreadable"):
        AdbKey(str(key_file)).Sign(b"short")


# -- which addresses are phones

def test_only_loopback_and_allowed_addresses_are_looked_at(bench) -> None:
    bench.settings.allow_devices = (("192.0.2.7", 5555),)
    call = bench.call()
    for device_id, found in {
        "127.0.0.1:5555": True, "127.9.9.9:1": True, "[::1]:5555": True, "localhost:5555": True, "192.0.2.7:5555": True,
        "192.0.2.7:5556": False, "192.0.2.8:5555": False, "phone.example:5555": False, "127.0.0.1": False,
        "127.0.0.1:0": False, "127.0.0.1:65536": False, "127.0.0.1:x": False, ":5555": False, "::1:5555": False,
    }.items():
        device = attached.find(call, device_id)
        assert (device is not None) == found, device_id
        assert device is None or (device.connection, device.device_id) == ("adb-tcp", device_id)


def test_nobody_at_the_address_is_no_device(bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        device_id = "{}:{}".format(*gone.getsockname())
    with pytest.raises(RpcError) as caught:
        inspect(bench, device_id)
    assert caught.value.kind == "device_not_found"


def test_the_session_asks_again_whether_an_address_is_allowed(bench) -> None:
    device = Device("192.0.2.9:5555", "android", "adb-tcp", "ready")
    with pytest.raises(RpcError) as caught:
        session.observe(bench.call(), device, (reads.GETPROP,))
    assert caught.value.kind == "device_disconnected"


def test_wireless_debugging_is_a_state_with_a_hint(bench) -> None:
    phone = bench.phone()
    phone.faults.add("connect", "tls")
    observed = inspect(bench, bench.daemon(phone))
    assert observed.state == "offline"
    assert "adb server" in observed.hint


def test_this_computers_name_is_not_sent(bench, no_names) -> None:
    phone = bench.phone()
    inspect(bench, bench.daemon(phone))
    assert [r.text for r in phone.record if r.kind == "connect"] == ["host::pyworker"]
