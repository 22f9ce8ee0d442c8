"""The worker's way in through Debian's real adb server, which holds virtual phones over TCP."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest

from pyworker.android import attached, gate, reads, session
from pyworker.android.log_stream import stream
from pyworker.android.output import Output
from pyworker.call import Call
from pyworker.findings import Unread
from pyworker.settings import Settings
from pyworker.virtual.android.adbd import VirtualAdbd
from pyworker.virtual.android.phone import Output as Says
from pyworker.virtual.android.phone import VirtualAndroid

pytestmark = pytest.mark.skipif(
    shutil.which("adb") is None and "CI" not in os.environ, reason="adb is not installed (Debian: adb)")

LEGACY = {"sdk": 22, "features": [], "max_payload": 4096, "protocol_version": 0x01000000, "authorization": False}


class RealServer:
    """An adb server of this test's own: its own port, home folder and key."""

    def __init__(self, home: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.environment = {**os.environ, "HOME": str(home), "ANDROID_ADB_SERVER_PORT": str(self.port),
                            "ADB_MDNS": "0", "ADB_LOCAL_TRANSPORT_MAX_PORT": "5553"}
        self.run("start-server")

    def run(self, *arguments: str) -> str:
        done = subprocess.run(["adb", *arguments], env=self.environment, capture_output=True, text=True, timeout=30,
                              check=True, stdin=subprocess.DEVNULL)
        return done.stdout

    def call(self, seconds: float = 20.0) -> Call:
        settings = Settings()
        settings.adb_server = ("127.0.0.1", self.port)
        return Call({}, settings, monotonic() + seconds)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    server = RealServer(tmp_path_factory.mktemp("home"))
    yield server
    server.run("kill-server")


@pytest.fixture
def connect(server: RealServer) -> Iterator[Callable[[VirtualAndroid], str]]:
    """Has the real server connect to a virtual phone; gives the serial it has there."""
    daemons: list[VirtualAdbd] = []

    def put(phone: VirtualAndroid) -> str:
        daemon = VirtualAdbd(phone)
        daemon.__enter__()
        daemons.append(daemon)
        serial = "{}:{}".format(*daemon.address)
        assert "connected" in server.run("connect", serial)
        return serial

    yield put
    for daemon in daemons:
        server.run("disconnect", "{}:{}".format(*daemon.address))
        daemon.close()
        phone = daemon.phone
        assert not [r for r in phone.record if r.kind == "change"]
        assert not [r for r in phone.record if r.kind == "service" and not gate.allows(r.text)]


def phone(**changes: object) -> VirtualAndroid:
    loaded = VirtualAndroid.load("android-clean")
    loaded.description.update({"authorization": False, **changes})
    loaded.sdk = int(loaded.description["sdk"])
    loaded.outputs.setdefault(reads.IMEI.request, Says(b"Result: Parcel(fffffffc 00000000 '........')\n"))
    return loaded


@pytest.mark.parametrize("changes", [{}, LEGACY], ids=["modern", "legacy"])
def test_every_read_of_the_catalogue_comes_home(server, connect, changes) -> None:
    virtual = phone(**changes)
    serial = connect(virtual)
    device = attached.find(server.call(), serial)
    assert (device.state, device.connection) == ("ready", "adb-server")
    observed = session.observe(server.call(), device, reads.ALL)
    assert all(isinstance(answer, Output) for answer in observed.answers.values())
    assert observed.answers[reads.GETPROP].data == virtual.outputs["getprop"].stdout
    services = [r.text for r in virtual.record if r.kind == "service"]
    assert services
    assert all(text.startswith("exec:" if changes else "shell,v2,raw:") for text in services)


@pytest.mark.parametrize("changes", [{}, LEGACY], ids=["modern", "legacy"])
def test_a_log_of_megabytes_arrives_whole(server, connect, changes) -> None:
    virtual = phone(**changes)
    block = bytes(range(256)) * 256
    virtual.outputs["dumpsys diskstats"] = Says(lambda: (block for _ in range(64)))
    reading = stream(server.call(), attached.find(server.call(), connect(virtual)), reads.DISKSTATS, 1 << 30)
    assert b"".join(reading) == block * 64
    assert reading.end == "complete"


@pytest.mark.parametrize("kind", ["drop", "reset", "wrong_magic", "oversized_header"])
def test_a_connection_that_breaks_behind_the_server_is_noticed(server, connect, kind: str) -> None:
    virtual = phone()
    serial = connect(virtual)
    device = attached.find(server.call(), serial)
    virtual.faults.add("service", kind, after=70, times=1)
    began = monotonic()
    observed = session.observe(server.call(4), device, (reads.GETPROP, reads.BATTERY))
    assert monotonic() - began < 4
    unread = [answer for answer in observed.answers.values() if isinstance(answer, Unread)]
    assert unread
    assert {answer.reason for answer in unread} <= {"truncated", "disconnected", "timeout"}


def test_a_phone_that_hangs_behind_the_server_ends_in_time(server, connect) -> None:
    virtual = phone()
    device = attached.find(server.call(), connect(virtual))
    virtual.outputs["getprop"] = Says(b"begun\n", delay_s=3600)
    began = monotonic()
    observed = session.observe(server.call(6), device, (reads.BATTERY, reads.GETPROP, reads.UPTIME))
    assert monotonic() - began < 6
    assert observed.answers[reads.GETPROP] == Unread("timeout")
    assert isinstance(observed.answers[reads.BATTERY], Output)
    assert isinstance(observed.answers[reads.UPTIME], Output)


def test_the_server_is_still_there_afterwards(server) -> None:
    assert attached.attached(server.call()) == []
