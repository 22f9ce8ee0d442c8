"""The virtual adb server held against the smart-socket protocol, request by request."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from virtual_android_host import ask, connected, exactly, frames

from pyworker.virtual.android import Output, VirtualAdbServer, VirtualAndroid

CLEAN, OLD = "host:transport:VP14CLEAN0001", "host:transport:VP05LEGACY001"


@pytest.fixture
def clean() -> VirtualAndroid:
    return VirtualAndroid.load("android-clean")


@pytest.fixture
def old() -> VirtualAndroid:
    return VirtualAndroid.load("android-5")


@pytest.fixture
def server(clean: VirtualAndroid, old: VirtualAndroid) -> Iterator[VirtualAdbServer]:
    with VirtualAdbServer([clean, old]) as server:
        yield server


# -- the server's own answers

def test_it_says_its_version(server: VirtualAdbServer) -> None:
    assert ask(server.address, "host:version") == b"OKAY00040029"


def test_it_lists_its_phones_short_and_long(server: VirtualAdbServer, old: VirtualAndroid) -> None:
    old.state = "unauthorized"
    assert ask(server.address, "host:devices") == b"OKAY0030VP14CLEAN0001\tdevice\nVP05LEGACY001\tunauthorized\n"
    listed = ask(server.address, "host:devices-l")[8:].decode().splitlines()
    assert listed == [
        "VP14CLEAN0001          device usb:1-1 product:panther model:Pixel_7 device:panther transport_id:1",
        "VP05LEGACY001          unauthorized usb:1-3 transport_id:2",
    ]


def test_without_phones_the_list_is_empty() -> None:
    with VirtualAdbServer([]) as server:
        assert ask(server.address, "host:devices") == b"OKAY0000"
        assert ask(server.address, "host:transport-any") == b"FAIL001ano devices/emulators found"


@pytest.mark.parametrize(("request_text", "reason"), [
    ("host:transport:NOBODY", "device 'NOBODY' not found"),
    ("host:transport-id:99", "no device with transport id '99'"),
    ("host:transport-any", "more than one device/emulator"),
    ("host:nonsense", "unknown host service"),
    ("shell:echo", "unknown host service"),
    ("host-serial:NOBODY:features", "device 'NOBODY' not found"),
])
def test_what_it_cannot_do_is_said_in_the_real_servers_words(server: VirtualAdbServer, request_text: str, reason: str) -> None:
    assert ask(server.address, request_text) == f"FAIL{len(reason):04x}{reason}".encode()


@pytest.mark.parametrize(("state", "reason"), [("offline", b"device offline"), ("unauthorized", b"device unauthorized.\nThis adb")])
def test_a_phone_that_is_not_ready_is_refused(server: VirtualAdbServer, clean: VirtualAndroid, state: str, reason: bytes) -> None:
    clean.state = state
    for request in (CLEAN, "host-serial:VP14CLEAN0001:features", "host-serial:VP14CLEAN0001:get-state"):
        answer = ask(server.address, request)
        assert answer[:4] == b"FAIL"
        assert reason in answer


def test_it_knows_each_phones_features(server: VirtualAdbServer) -> None:
    assert b"shell_v2" in ask(server.address, "host-serial:VP14CLEAN0001:features")
    assert ask(server.address, "host-serial:VP05LEGACY001:features") == b"OKAY0000"
    assert ask(server.address, "host-transport-id:1:get-serialno") == b"OKAY000dVP14CLEAN0001"


def test_serials_may_hold_colons() -> None:
    phone = VirtualAndroid.load("android-clean")
    phone.serial = "127.0.0.1:41931"
    with VirtualAdbServer([phone]) as server:
        assert b"shell_v2" in ask(server.address, "host-serial:127.0.0.1:41931:features")
        assert ask(server.address, "host:transport:127.0.0.1:41931", "exec:echo x") == b"OKAYx\n"


def test_a_transport_can_be_asked_for_in_several_ways(server: VirtualAdbServer) -> None:
    for request in ("host:transport:VP14CLEAN0001", "host:transport-id:1", "host:transport:model:Pixel_7"):
        assert ask(server.address, request, "exec:echo x") == b"OKAYx\n"
    with connected(server.address, "host:tport:serial:VP05LEGACY001") as connection:
        assert exactly(connection, 12) == b"OKAY\2\0\0\0\0\0\0\0"
        connection.sendall(b"000bexec:echo x")
        assert exactly(connection, 6) == b"OKAYx\n"


def test_trackers_hear_of_every_change(server: VirtualAdbServer, clean: VirtualAndroid, old: VirtualAndroid) -> None:
    with connected(server.address, "host:track-devices") as connection:
        assert exactly(connection, 4) == b"OKAY"

        def next_list() -> bytes:
            return exactly(connection, int(exactly(connection, 4), 16))

        assert next_list() == b"VP14CLEAN0001\tdevice\nVP05LEGACY001\tdevice\n"
        old.state = "offline"
        assert next_list() == b"VP14CLEAN0001\tdevice\nVP05LEGACY001\toffline\n"
        server.detach(clean)
        assert next_list() == b"VP05LEGACY001\toffline\n"
        server.detach(old)
        assert next_list() == b""
        server.attach(clean)
        assert next_list() == b"VP14CLEAN0001\tdevice\n"


def test_a_client_can_wait_for_a_phone(server: VirtualAdbServer, clean: VirtualAndroid) -> None:
    clean.state = "offline"
    with connected(server.address, "host-serial:VP14CLEAN0001:wait-for-any-device") as connection:
        assert exactly(connection, 4) == b"OKAY"
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(4)
        connection.settimeout(10)
        clean.state = "device"
        assert exactly(connection, 4) == b"OKAY"
    with connected(server.address, "host-serial:VP14CLEAN0001:wait-for-any-disconnect") as connection:
        assert exactly(connection, 4) == b"OKAY"
        server.detach(clean)
        assert exactly(connection, 4) == b"OKAY"


@pytest.mark.parametrize("request_text", [
    "host:kill", "host:connect:127.0.0.1:5555", "host:disconnect:", "host:reconnect", "host:emulator:5554",
    "host-serial:VP14CLEAN0001:forward:tcp:1;tcp:2", "host-serial:VP14CLEAN0001:killforward-all",
])
def test_what_would_alter_the_server_is_recorded_and_refused(server: VirtualAdbServer, request_text: str) -> None:
    assert ask(server.address, request_text)[:4] == b"FAIL"
    assert ("host", request_text) in server.record
    assert ask(server.address, "host:version")[:4] == b"OKAY"


def test_a_length_that_is_no_number_is_met_with_silence(server: VirtualAdbServer) -> None:
    with socket.create_connection(server.address, 10) as connection:
        connection.sendall(b"zzzz")
        assert connection.recv(100) == b""


def test_a_request_in_pieces_is_one_request(server: VirtualAdbServer) -> None:
    with socket.create_connection(server.address, 10) as connection:
        for byte in b"000chost:version":
            connection.sendall(bytes((byte,)))
            time.sleep(0.002)
        assert exactly(connection, 12) == b"OKAY00040029"


# -- services

def test_v2_brings_output_errors_and_status_apart(server: VirtualAdbServer) -> None:
    data = ask(server.address, CLEAN, "shell,v2,raw:echo out; echo err >&2; exit 5")
    assert data[:4] == b"OKAY"
    assert frames(data[4:]) == (b"out\n", b"err\n", 5)


def test_exec_brings_bytes_as_they_are(server: VirtualAdbServer) -> None:
    for transport in (CLEAN, OLD):
        assert ask(server.address, transport, "exec:printf 'a\\r\\n\\0b'; echo err >&2") == b"OKAYa\r\n\0berr\n"


def test_only_the_old_phones_terminal_turns_line_ends(server: VirtualAdbServer) -> None:
    assert ask(server.address, CLEAN, "shell:echo x") == b"OKAYx\n"
    assert ask(server.address, OLD, "shell:echo x") == b"OKAYx\r\n"


def test_an_old_phone_closes_shell_v2(server: VirtualAdbServer) -> None:
    assert ask(server.address, OLD, "shell,v2,raw:echo x") == b"FAIL0006closed"


def test_closing_standard_input_ends_a_reader(server: VirtualAdbServer) -> None:
    with connected(server.address, CLEAN, "shell,v2,raw:cat; echo done") as connection:
        connection.sendall(b"\0\3\0\0\0abc" + b"\4\0\0\0\0")
        data = b""
        while piece := connection.recv(4096):
            data += piece
    assert frames(data[4:]) == (b"abcdone\n", b"", 0)


def test_a_half_closed_socket_ends_the_service(server: VirtualAdbServer) -> None:
    with connected(server.address, CLEAN, "shell,v2,raw:sleep 30; echo late") as connection:
        assert exactly(connection, 4) == b"OKAY"
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100) == b""


def test_closing_the_socket_ends_what_runs(server: VirtualAdbServer) -> None:
    before = threading.active_count()
    with connected(server.address, CLEAN, "exec:while :; do echo x; done") as connection:
        assert exactly(connection, 4) == b"OKAY"
    limit = time.monotonic() + 5
    while threading.active_count() > before:
        assert time.monotonic() < limit
        time.sleep(0.02)


@pytest.mark.parametrize("leave", ["detach", "offline"])
def test_a_phone_that_leaves_ends_its_services(server: VirtualAdbServer, clean: VirtualAndroid, leave: str) -> None:
    with connected(server.address, CLEAN, "exec:echo here; sleep 30") as connection:
        assert exactly(connection, 9) == b"OKAYhere\n"
        if leave == "detach":
            server.detach(clean)
        else:
            clean.state = "offline"
        assert connection.recv(100) == b""


def test_a_service_as_long_as_the_phones_packets_brings_the_server_down(server: VirtualAdbServer) -> None:
    longest = "exec:echo " + "a" * (4095 - 10)
    assert ask(server.address, OLD, longest)[:5] == b"OKAYa"
    assert not server.died
    assert ask(server.address, OLD, longest + "a") == b""
    assert server.died
    assert server.record[-1].kind == "died"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(server.address, 1)


# -- round trips

def test_the_servers_own_answers_cost_no_round_trip_and_a_command_costs_two(clean: VirtualAndroid) -> None:
    latency = 0.1
    with VirtualAdbServer([clean], latency) as server:
        begun = time.monotonic()
        ask(server.address, "host:devices-l")
        ask(server.address, "host-serial:VP14CLEAN0001:features")
        assert time.monotonic() - begun < latency
        begun = time.monotonic()
        ask(server.address, CLEAN, "exec:dumpsys battery")
        assert 2 * latency <= time.monotonic() - begun < 3 * latency


def test_each_further_packet_costs_a_round_trip(clean: VirtualAndroid) -> None:
    latency = 0.05
    clean.outputs["big"] = Output(b"x" * (4 << 20))
    with VirtualAdbServer([clean], latency) as server:
        begun = time.monotonic()
        assert len(ask(server.address, CLEAN, "exec:big")) == 4 + (4 << 20)
        assert time.monotonic() - begun >= 5 * latency  # OPEN, three further packets of 1 MiB, the end


# -- faults

def test_a_lost_phone_looks_like_an_end_without_a_status(server: VirtualAdbServer, clean: VirtualAndroid) -> None:
    for kind in ("drop", "garbage", "wrong_checksum", "wrong_magic", "oversized_header"):
        clean.faults.add("exec:", kind, after=7, times=1)
        assert ask(server.address, CLEAN, "exec:dumpsys battery") == b"OKAYCurrent", kind
    clean.faults.add("shell,v2", "drop", after=12, times=1)
    data = ask(server.address, CLEAN, "shell,v2,raw:dumpsys battery")
    assert data == b"OKAY" + data[4:9] + b"Current"
    assert frames(ask(server.address, CLEAN, "shell,v2,raw:true")[4:]) == (b"", b"", 0)


def test_a_stalled_phone_holds_the_socket_open(server: VirtualAdbServer, clean: VirtualAndroid) -> None:
    clean.faults.add("exec:stalled", "stall", after=3)
    clean.faults.add("exec:silent", "stall")
    clean.faults.add("exec:echo", "no_end")
    clean.outputs["stalled"] = Output(b"abcdef")
    for service, got in (("exec:stalled", b"OKAYabc"), ("exec:silent", b""), ("exec:echo all", b"OKAYall\n")):
        with connected(server.address, CLEAN, service) as connection:
            connection.settimeout(0.4)
            data = b""
            with pytest.raises(TimeoutError):
                while piece := connection.recv(100):
                    data += piece
            assert data == got


def test_a_reset_is_a_reset(server: VirtualAdbServer, clean: VirtualAndroid) -> None:
    clean.faults.add("service", "reset", after=3)
    with connected(server.address, CLEAN, "exec:dumpsys battery") as connection, pytest.raises(ConnectionResetError):
        while connection.recv(100):
            pass


def test_a_flooded_v2_stream_announces_two_gibibytes(server: VirtualAdbServer, clean: VirtualAndroid) -> None:
    clean.faults.add("service", "flood")
    with connected(server.address, CLEAN, "shell,v2,raw:getprop") as connection:
        assert exactly(connection, 9) == b"OKAY\1\0\0\0\x80"
        assert len(exactly(connection, 1 << 20)) == 1 << 20


def test_the_server_itself_can_misbehave(server: VirtualAdbServer) -> None:
    server.faults.add("host:devices", "garbage", times=1)
    server.faults.add("host:devices", "drop", after=6, times=1)
    server.faults.add("host:devices", "trickle", chunk=1, every=0.001, times=1)
    server.faults.add("host:devices", "refused_open", times=1)
    answers = [ask(server.address, "host:devices") for _ in range(5)]
    assert answers[0][:4] not in (b"OKAY", b"FAIL")
    assert answers[1] == b"OKAY00"
    assert answers[2] == answers[4] == ask(server.address, "host:devices")
    assert answers[3] == b"FAIL0006closed"


def test_the_record_says_what_was_asked_and_run(server: VirtualAdbServer, clean: VirtualAndroid) -> None:
    ask(server.address, CLEAN, "exec:echo x; dumpsys  battery | cat")
    assert [tuple(each) for each in server.record] == [("host", CLEAN)]
    assert sorted(tuple(each) for each in clean.record) == [
        ("builtin", "echo x"), ("command", "cat"), ("command", "dumpsys battery"), ("service", "exec:echo x; dumpsys  battery | cat")]
