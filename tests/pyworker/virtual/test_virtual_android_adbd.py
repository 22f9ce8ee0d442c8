"""The virtual adbd held against the protocol, packet by packet."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from virtual_android_host import Host, frames, public_key, signature

from pyworker.virtual.android import Output, VirtualAdbd, VirtualAndroid


@pytest.fixture
def phone() -> VirtualAndroid:
    phone = VirtualAndroid.load("android-clean")
    phone.accepted_keys.append(public_key())
    return phone


@pytest.fixture
def daemon(phone: VirtualAndroid) -> Iterator[VirtualAdbd]:
    with VirtualAdbd(phone) as daemon:
        yield daemon


@pytest.fixture
def host(daemon: VirtualAdbd) -> Iterator[Host]:
    with Host(daemon.address) as host:
        assert host.log_in().command == b"CNXN"
        yield host


# -- who may talk to the phone

def test_a_host_that_is_not_known_gets_a_token_of_twenty_bytes(daemon: VirtualAdbd) -> None:
    with Host(daemon.address) as host:
        answer = host.connect()
        assert (answer.command, answer.arg0, len(answer.payload)) == (b"AUTH", 1, 20)


def test_a_signature_over_the_token_lets_the_host_in(phone: VirtualAndroid, daemon: VirtualAdbd) -> None:
    with Host(daemon.address) as host:
        answer = host.log_in()
        assert answer.command == b"CNXN"
        assert answer.payload.startswith(b"device::ro.product.name=panther;ro.product.model=Pixel 7;")
        assert b"features=shell_v2," in answer.payload
    assert [each.text for each in phone.record if each.kind == "auth"] == ["signature accepted"]


def test_each_refused_signature_brings_another_token(phone: VirtualAndroid, daemon: VirtualAdbd) -> None:
    with Host(daemon.address) as host:
        first = host.connect()
        for bad in (b"", b"x" * 256, signature(first.payload, which=1), signature(b"y" * 20)):
            host.send(b"AUTH", 2, 0, bad)
            again = host.receive()
            assert (again.command, again.arg0) == (b"AUTH", 1)
            assert again.payload != first.payload
        host.send(b"AUTH", 2, 0, signature(first.payload))
        assert host.receive().command == b"AUTH", "a token is good for one answer"
        host.send(b"AUTH", 2, 0, signature(bytes(20)))
        last = host.receive()
        host.send(b"AUTH", 2, 0, signature(last.payload))
        assert host.receive().command == b"CNXN"


def test_a_digest_of_the_token_is_not_what_adbd_wants(daemon: VirtualAdbd) -> None:
    """Signing SHA-1 or SHA-256 *of* the token is the usual mistake."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding
    from virtual_android_host import private_key

    with Host(daemon.address) as host:
        token = host.connect().payload
        for hashing in (hashes.SHA1(), hashes.SHA256()):
            host.send(b"AUTH", 2, 0, private_key().sign(token, padding.PKCS1v15(), hashing))
            answer = host.receive()
            assert answer.command == b"AUTH"
            token = answer.payload


def test_an_offered_key_waits_for_the_owner_and_is_recorded(phone: VirtualAndroid, daemon: VirtualAdbd) -> None:
    with Host(daemon.address) as host:
        host.connect()
        host.send(b"AUTH", 3, 0, public_key(1).encode() + b"\0")
        host.socket.settimeout(0.3)
        with pytest.raises(TimeoutError):
            host.receive()
        host.socket.settimeout(10)
        phone.press_allow(public_key(1))
        assert host.receive().command == b"CNXN"
    assert ("auth", f"public key {public_key(1)}") in phone.record


def test_an_unauthorized_phone_accepts_no_key_at_all(phone: VirtualAndroid, daemon: VirtualAdbd) -> None:
    phone.state = "unauthorized"
    with Host(daemon.address) as host:
        assert host.log_in().command == b"AUTH"


def test_a_phone_that_asks_for_nothing_lets_every_host_in(phone: VirtualAndroid) -> None:
    phone.description["authorization"] = False
    with VirtualAdbd(phone) as daemon, Host(daemon.address) as host:
        assert host.connect().command == b"CNXN"


def test_services_are_not_opened_before_the_host_is_let_in(phone: VirtualAndroid, daemon: VirtualAdbd) -> None:
    with Host(daemon.address) as host:
        token = host.connect().payload
        host.send(b"OPEN", 1, 0, b"exec:getprop\0")
        host.send(b"AUTH", 2, 0, signature(token))
        assert host.receive().command == b"CNXN"
    assert not [each for each in phone.record if each.kind == "service"]


def test_an_offline_phone_does_not_answer(phone: VirtualAndroid, daemon: VirtualAdbd) -> None:
    phone.state = "offline"
    with Host(daemon.address) as host:
        host.socket.settimeout(0.3)
        with pytest.raises(TimeoutError):
            host.connect()


# -- versions, sizes, checksums

def test_checksums_are_kept_with_an_older_host_and_dropped_with_a_newer_one(daemon: VirtualAdbd) -> None:
    with Host(daemon.address, version=0x01000000) as host:
        assert host.log_in().command == b"CNXN"
        host.send(b"OPEN", 1, 0, b"exec:echo ab\0")
        packets = [host.receive(), host.receive()]
        assert packets[1].checksum == sum(b"ab\n")
    with Host(daemon.address) as host:
        host.log_in()
        host.send(b"OPEN", 1, 0, b"exec:echo ab\0")
        packets = [host.receive(), host.receive()]
        assert packets[1].checksum == 0


def test_a_wrong_checksum_of_an_older_host_ends_the_connection(phone: VirtualAndroid, daemon: VirtualAdbd) -> None:
    with Host(daemon.address, version=0x01000000) as host:
        host.log_in()
        host.socket.sendall(b"OPEN" + bytes.fromhex("01000000 00000000 02000000 ffffffff b0afbab1") + b"x\0")
        with pytest.raises((EOFError, ConnectionError)):
            host.receive()


def test_no_packet_is_longer_than_the_host_can_take(phone: VirtualAndroid, daemon: VirtualAdbd) -> None:
    phone.outputs["long"] = Output(b"z" * 100_000)
    with Host(daemon.address, max_payload=4096) as host:
        host.log_in()
        answer = host.open("exec:long")
        sizes = []
        while (packet := host.receive()).command == b"WRTE":
            sizes.append(len(packet.payload))
            host.send(b"OKAY", 1, answer.arg0)
        assert max(sizes) == 4096
        assert sum(sizes) == 100_000


@pytest.mark.parametrize("broken", [
    b"GET / HTTP/1.1\r\nHost: phone\r\n\r\n",
    b"OPEN" + bytes(16) + b"\0\0\0\0",
    b"OPEN" + bytes.fromhex("01000000 00000000 00000080 00000000 b0afbab1"),
])
def test_what_is_no_packet_ends_the_connection(host: Host, phone: VirtualAndroid, broken: bytes) -> None:
    host.socket.sendall(broken)
    with pytest.raises((EOFError, ConnectionError)):
        host.receive()
    assert any(each.kind == "died" for each in phone.record)


def test_a_service_longer_than_an_old_phones_packets_ends_the_connection() -> None:
    phone = VirtualAndroid.load("android-5")
    phone.accepted_keys.append(public_key())
    with VirtualAdbd(phone) as daemon, Host(daemon.address) as host:
        banner = host.log_in()
        assert (banner.arg0, banner.arg1) == (0x01000000, 4096)
        assert host.run("exec:echo " + "a" * 4000)
        host.send(b"OPEN", 2, 0, b"exec:" + b"a" * 4092)
        with pytest.raises((EOFError, ConnectionError)):
            host.receive()


# -- streams

def test_a_service_the_phone_does_not_have_is_closed_with_zero(host: Host) -> None:
    answer = host.open("nonsense:", 7)
    assert (answer.command, answer.arg0, answer.arg1) == (b"CLSE", 0, 7)


def test_an_old_phone_refuses_shell_v2() -> None:
    phone = VirtualAndroid.load("android-5")
    phone.accepted_keys.append(public_key())
    with VirtualAdbd(phone) as daemon, Host(daemon.address) as host:
        host.log_in()
        assert host.open("shell,v2,raw:echo x").command == b"CLSE"


def test_one_write_is_under_way_until_the_host_takes_it(host: Host, phone: VirtualAndroid) -> None:
    phone.outputs["twice"] = Output(lambda: [b"x" * (1 << 20), b"y" * 10])
    answer = host.open("exec:twice")
    first = host.receive()
    assert len(first.payload) == 1 << 20
    host.socket.settimeout(0.3)
    with pytest.raises(TimeoutError):
        host.receive()
    host.socket.settimeout(10)
    host.send(b"OKAY", 1, answer.arg0)
    assert host.receive().payload == b"y" * 10


def test_a_phone_that_is_not_read_does_not_run_ahead(host: Host, phone: VirtualAndroid) -> None:
    made: list[int] = []

    def pieces() -> Iterator[bytes]:
        for number in range(1000):
            made.append(number)
            yield b"." * 65536

    phone.outputs["flowing"] = Output(pieces)
    host.open("exec:flowing")
    host.receive()
    time.sleep(0.3)
    assert len(made) < 60, "a megabyte on the wire, a megabyte waiting, and no more"


def test_streams_do_not_wait_for_each_other(host: Host, phone: VirtualAndroid) -> None:
    phone.outputs["slow"] = Output(b"late\n", delay_s=30)
    slow = host.open("exec:slow", 1)
    assert host.run("exec:echo quick", 2) == b"quick\n"
    host.send(b"CLSE", 1, slow.arg0)
    assert host.run("exec:echo again", 3) == b"again\n"


def test_many_streams_at_once_each_get_their_own_output(host: Host) -> None:
    for number in range(1, 21):
        host.send(b"OPEN", number, 0, f"exec:for i in 1 2 3; do echo {number}.$i; done\0".encode())
    out: dict[int, bytes] = {number: b"" for number in range(1, 21)}
    left = set(out)
    while left:
        packet = host.receive()
        if packet.command == b"WRTE":
            out[packet.arg1] += packet.payload
            host.send(b"OKAY", packet.arg1, packet.arg0)
        elif packet.command == b"CLSE":
            left.discard(packet.arg1)
    assert out == {number: f"{number}.1\n{number}.2\n{number}.3\n".encode() for number in range(1, 21)}


def test_closing_a_stream_is_answered_and_ends_what_runs_in_it(host: Host, phone: VirtualAndroid) -> None:
    before = threading.active_count()
    answer = host.open("exec:while :; do sleep 1; done")
    host.send(b"CLSE", 1, answer.arg0)
    closed = host.receive()
    assert (closed.command, closed.arg0, closed.arg1) == (b"CLSE", answer.arg0, 1)
    host.send(b"CLSE", 1, answer.arg0)
    host.send(b"OKAY", 1, answer.arg0)
    _until(lambda: threading.active_count() <= before)


def test_leaving_ends_what_runs(daemon: VirtualAdbd, phone: VirtualAndroid) -> None:
    phone.outputs["endless"] = Output(lambda: iter(lambda: b"x" * 65536, b""))
    before = threading.active_count()
    with Host(daemon.address) as host:
        host.log_in()
        host.open("exec:endless", 1)
        host.open("exec:endless >/dev/null", 2)
    _until(lambda: threading.active_count() <= before)


def test_input_reaches_a_command_and_is_acknowledged(host: Host) -> None:
    answer = host.open("shell,v2,raw:cat")
    host.send(b"WRTE", 1, answer.arg0, b"\0\3\0\0\0abc" + b"\4\0\0\0\0")
    kinds = [host.receive() for _ in range(2)]
    assert {each.command for each in kinds} == {b"OKAY", b"WRTE"}
    [written] = [each for each in kinds if each.command == b"WRTE"]
    assert written.payload.startswith(b"\1\3\0\0\0abc")


def test_a_host_that_connects_anew_is_asked_anew(host: Host) -> None:
    assert host.connect().command == b"AUTH"


def test_reboot_is_recorded_and_takes_the_phone_away(host: Host, phone: VirtualAndroid) -> None:
    before = phone.snapshot()
    host.send(b"OPEN", 1, 0, b"reboot:recovery\0")
    with pytest.raises((EOFError, ConnectionError)):
        while True:
            host.receive()
    assert phone.state == "offline"
    assert phone.snapshot() != before
    assert ("service", "reboot:recovery") in phone.record


@pytest.mark.parametrize("service", ["root:", "remount:", "tcpip:5555", "usb:"])
def test_services_that_would_alter_the_phone_are_seen_as_changes(host: Host, phone: VirtualAndroid, service: str) -> None:
    before = phone.snapshot()
    assert host.run(service)
    assert phone.snapshot() != before


# -- round trips

def test_a_round_trip_is_counted_for_each_exchange(phone: VirtualAndroid) -> None:
    """TCP, CNXN and the signature are three; a command is two: OPEN and the end."""
    latency = 0.05
    with VirtualAdbd(phone, latency) as daemon:
        begun = time.monotonic()
        with Host(daemon.address) as host:
            host.log_in()
            in_after = time.monotonic() - begun
            host.run("exec:dumpsys battery")
            done_after = time.monotonic() - begun - in_after
    assert 3 * latency <= in_after < 5 * latency
    assert 2 * latency <= done_after < 4 * latency


def test_packets_under_way_at_once_share_a_round_trip(phone: VirtualAndroid) -> None:
    latency = 0.1
    with VirtualAdbd(phone, latency) as daemon, Host(daemon.address) as host:
        host.log_in()
        begun = time.monotonic()
        for number in range(1, 11):
            host.send(b"OPEN", number, 0, b"exec:true\0")
        closed = 0
        while closed < 10:
            closed += host.receive().command == b"CLSE"
        assert time.monotonic() - begun < 3 * latency


# -- faults

FAULTS = [
    ("drop", {"after": 5}, EOFError), ("reset", {"after": 5}, (ConnectionError, EOFError)), ("stall", {"after": 5}, TimeoutError),
    ("stall", {}, TimeoutError), ("oversized_header", {}, TimeoutError),
]


@pytest.mark.parametrize(("kind", "how", "ending"), FAULTS)
def test_a_fault_strikes_and_the_next_connection_is_sound(
    phone: VirtualAndroid, daemon: VirtualAdbd, kind: str, how: dict[str, int], ending: type[Exception] | tuple[type[Exception], ...]
) -> None:
    phone.faults.add("exec:", kind, times=1, **how)
    with Host(daemon.address) as host:
        host.log_in()
        host.socket.settimeout(0.5)
        with pytest.raises(ending):
            host.run("exec:dumpsys battery")
    with Host(daemon.address) as host:
        host.log_in()
        assert host.run("exec:dumpsys battery").startswith(b"Current Battery")
    assert ("fault", kind) in phone.record


def test_a_drop_cuts_a_packet_in_the_middle(phone: VirtualAndroid, daemon: VirtualAdbd) -> None:
    phone.faults.add("exec:", "drop", after=7)
    with Host(daemon.address) as host:
        host.log_in()
        host.open("exec:dumpsys battery")
        with pytest.raises(EOFError) as cut:
            host.receive()
        assert cut.value.args == (b"Current",)


def test_a_wrong_checksum_and_a_wrong_magic_word_are_on_the_wire(phone: VirtualAndroid, daemon: VirtualAdbd) -> None:
    phone.faults.add("exec:", "wrong_checksum", times=1)
    phone.faults.add("exec:", "wrong_magic", times=1)
    with Host(daemon.address, version=0x01000000) as host:
        host.log_in()
        host.open("exec:echo a", 1)
        broken = host.receive()
        assert broken.checksum != sum(broken.payload)
        host.open("exec:echo a", 2)
        with pytest.raises(AssertionError):
            host.receive()


def test_a_refused_service_and_a_missing_end(phone: VirtualAndroid, host: Host) -> None:
    phone.faults.add("exec:refused", "refused_open")
    phone.faults.add("service", "no_end")
    assert host.open("exec:refused").command == b"CLSE"
    host.socket.settimeout(0.5)
    host.send(b"OPEN", 2, 0, b"exec:echo all\0")
    okay, written = host.receive(), host.receive()
    assert written.payload == b"all\n"
    host.send(b"OKAY", 2, okay.arg0)
    with pytest.raises(TimeoutError):
        host.receive()


def test_a_flood_announces_two_gibibytes_and_keeps_sending(phone: VirtualAndroid, host: Host) -> None:
    phone.faults.add("service", "flood")
    host.send(b"OPEN", 1, 0, b"exec:getprop\0")
    host.receive()
    header = host.exactly(24)
    assert int.from_bytes(header[12:16], "little") == 1 << 31
    assert len(host.exactly(10 << 20)) == 10 << 20


def test_a_trickle_gives_a_byte_at_a_time(phone: VirtualAndroid, host: Host) -> None:
    phone.faults.add("service", "trickle", chunk=2, every=0.01)
    assert host.run("exec:echo trickled") == b"trickled\n"
    answer = host.open("exec:echo abc", 2)
    assert host.receive().payload == b"ab"
    host.send(b"OKAY", 2, answer.arg0)
    assert host.receive().payload == b"c\n"


def test_a_huge_answer_has_the_size_it_was_given(phone: VirtualAndroid, host: Host) -> None:
    phone.faults.add("service", "huge", size=5_000_001, text=b"level: 1\n")
    out = host.run("exec:getprop")
    assert len(out) == 5_000_001
    assert out.startswith(b"level: 1\nlevel: 1\n")


@pytest.mark.parametrize("kind", ["stall", "drop", "reset", "garbage", "tls", "oversized_header", "trickle"])
def test_faults_can_strike_before_the_banner(phone: VirtualAndroid, daemon: VirtualAdbd, kind: str) -> None:
    phone.faults.add("connect", kind, every=0.01, times=1)
    with Host(daemon.address) as host:
        host.socket.settimeout(0.5)
        if kind == "tls":
            assert host.connect().command == b"STLS"
        elif kind == "trickle":
            host.socket.settimeout(10)
            assert host.connect().command == b"CNXN"
        else:
            with pytest.raises((TimeoutError, EOFError, ConnectionError, AssertionError)):
                host.connect()
    with Host(daemon.address) as host:
        assert host.log_in().command == b"CNXN"


def test_a_fault_that_does_not_exist_is_no_fault_that_never_strikes(phone: VirtualAndroid) -> None:
    with pytest.raises(ValueError, match="no such fault"):
        phone.faults.add("service", "explode")


# -- many at once, much at once

def test_sixty_four_phones_answer_at_once() -> None:
    phones = [VirtualAndroid.load("android-clean") for _ in range(64)]
    for number, phone in enumerate(phones):
        phone.description["authorization"] = False
        phone.outputs["number"] = Output(f"{number}\n".encode())
    daemons = [VirtualAdbd(phone) for phone in phones]
    hosts: list[Host] = []
    try:
        for daemon in daemons:
            daemon.__enter__()
            hosts.append(Host(daemon.address))
        for host in hosts:
            host.send(b"CNXN", 0x01000001, 1 << 20, b"host::\0")
        for host in hosts:
            assert host.receive().command == b"CNXN"
        assert [host.run("exec:number") for host in hosts] == [f"{number}\n".encode() for number in range(64)]
    finally:
        for host in hosts:
            host.socket.close()
        for daemon in daemons:
            daemon.close()


def test_a_large_log_arrives_whole_in_both_shells(phone: VirtualAndroid, host: Host) -> None:
    from pyworker.virtual.android import logcat

    size = 20 << 20
    phone.outputs["logcat -d"] = Output(lambda: logcat.lines(size, seed=3))
    whole = b"".join(logcat.lines(size, seed=3))
    assert size - 300 < len(whole) <= size
    assert host.run("exec:logcat -d | cat", 1) == whole
    out, err, status = frames(host.run("shell,v2,raw:logcat -d", 2))
    assert (out == whole, err, status) == (True, b"", 0)


def _until(condition: object) -> None:
    assert callable(condition)
    limit = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < limit, "still not so after 5 s"
        time.sleep(0.02)
