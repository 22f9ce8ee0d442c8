"""The allow list: what may be sent, and that nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyworker.android import gate, reads, script, session
from pyworker.platforms import Device
from pyworker.probes import Read


def service(*commands: str, prefix: str = "exec:") -> str:
    return prefix + script.build(commands, script.new_nonce(), 8)


@pytest.mark.parametrize("text", [
    "host:devices-l", "host:transport:R58M12ABCDE", "host:transport:127.0.0.1:5555", "host:transport:[fe80::1%eth0]:5555",
    "host-serial:emulator-5554:features", "host-serial:192.168.1.20:5555:features",
    "host-serial:adb-R5C-x1 (2)._adb-tls-connect._tcp:features",
])
def test_the_three_requests_to_the_server_pass(text: str) -> None:
    assert gate.allows(text)


@pytest.mark.parametrize("prefix", script.SERVICE_PREFIXES)
def test_a_script_of_the_catalogue_passes(prefix: str) -> None:
    assert gate.allows(service(*(read.request for read in reads.ALL), prefix=prefix))
    assert gate.allows(service(prefix=prefix))


@pytest.mark.parametrize("text", [
    "", "host:kill", "host:version", "host:connect:127.0.0.1:5555", "host:reconnect", "host:reconnect-offline",
    "host:transport-any", "host:transport:", "host:transport:a\nb", "host:transport:a:b:5555", "host:devices-l ",
    "host-serial:X:forward:tcp:1;tcp:2", "host-serial:X:killforward-all", "host-serial:X:kill:features",
    "host-serial::features", "host-serial:X:features:x", "host-serial:X:reboot",
    "reboot:", "reboot:bootloader", "root:", "unroot:", "remount:", "tcpip:5555", "usb:", "sync:", "jdwp:1", "shell:",
    "shell:getprop", "shell,v2:getprop", "shell,v2,raw:getprop", "exec:getprop", "exec:", "abb:package\0list",
    "disable-verity:", "reverse:forward:tcp:1;tcp:2", "framebuffer:", "dev:/dev/null", "local:/dev/socket/zygote",
    service("rm -rf /sdcard"), service("getprop", "reboot"), service("getprop;reboot"), service("getprop "),
    service("getprop") + "\nreboot", service("getprop", prefix="shell:"), service("getprop", prefix="shell,v2:"),
    service("getprop").replace("exec:", "exec:reboot;"), service("dumpsys battery").replace("eval", "rm"),
    service("settings put global adb_enabled 0"), service("cmd battery set level 5"), service("logcat -c"),
])
def test_everything_else_is_refused(text: str) -> None:
    assert not gate.allows(text)
    with pytest.raises(gate.Forbidden):
        gate.check(text)


def test_no_service_string_may_be_long_enough_to_end_the_users_server() -> None:
    padding = "host:transport:" + "x" * 4000
    assert not gate.allows(padding)
    assert not gate.allows(service("getprop") + "#" * 4000)


@given(st.text(max_size=60))
def test_no_free_text_passes_as_a_command(text: str) -> None:
    known = {read.request for read in reads.ALL}
    assert gate.allows(service(text)) == (text in known)


@given(st.text(max_size=30), st.integers(0, 60))
def test_no_change_of_an_allowed_script_passes_unless_it_is_one_itself(inserted: str, at: int) -> None:
    allowed = service("getprop", "dumpsys battery")
    at = len("exec:") + at * (len(allowed) - len("exec:")) // 60
    changed = allowed[:at] + inserted + allowed[at:]
    if gate.allows(changed):
        commands = script.commands_of(changed.removeprefix("exec:"))
        assert set(commands) <= {read.request for read in reads.ALL}


@pytest.mark.parametrize("connection", ["adb-server", "adb-tcp"])
def test_a_read_that_is_not_in_the_catalogue_does_not_reach_the_phone(bench, connection: str) -> None:
    phone = bench.phone()
    bench.server(phone)
    device_id = phone.serial if connection == "adb-server" else bench.daemon(phone)
    with pytest.raises(gate.Forbidden):
        session.observe(bench.call(), Device(device_id, "android", connection, "ready"), (Read("shell", "reboot"),))
    assert bench.services() == []


def test_a_serial_that_is_none_does_not_reach_the_server(bench) -> None:
    server = bench.server(bench.phone())
    with pytest.raises(gate.Forbidden):
        session.observe(bench.call(), Device("X:kill", "android", "adb-server", "ready"), (reads.GETPROP,))
    assert server.record == []


def test_the_listing_names_every_command_and_says_why() -> None:
    rows = gate.listing()
    assert {read.request for read in reads.ALL} <= {row.what for row in rows}
    assert all(row.why and row.to in ("adb server", "phone") for row in rows)
    assert len({row.what for row in rows}) == len(rows)
