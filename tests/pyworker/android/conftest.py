"""Virtual phones for the tests of the ways in. When a test is over, the phones' own records are held against the gate:
whatever the test did, nothing may have arrived that is not in the list, and nothing on a phone may have changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

import pytest

from pyworker.android import gate
from pyworker.call import Call
from pyworker.settings import Settings
from pyworker.virtual.android.adb_server import VirtualAdbServer
from pyworker.virtual.android.adbd import VirtualAdbd
from pyworker.virtual.android.files import FileTree
from pyworker.virtual.android.phone import Output, VirtualAndroid

SERIAL = "R58M12ABCDE"
MODERN = {"sdk": 34, "features": ["shell_v2", "cmd"], "product": "shiba", "model": "Pixel 8", "device": "shiba"}
LEGACY = {"sdk": 22, "features": [], "product": "hammerhead", "model": "Nexus 5", "device": "hammerhead",
          "max_payload": 4096, "protocol_version": 0x01000000, "shell": {"crlf": True}, "programs": {"timeout": None}}


class Bench:
    """Puts phones behind a server or a port, and makes calls that are pointed at them."""

    def __init__(self) -> None:
        self.phones: list[VirtualAndroid] = []
        self.servers: list[VirtualAdbServer] = []
        self.daemons: list[VirtualAdbd] = []
        self.snapshots: list[dict[str, Any]] = []
        self.settings = Settings()
        self.settings.adb_server = None

    def phone(
        self, serial: str = SERIAL, outputs: dict[str, Output] | None = None, **description: Any,
    ) -> VirtualAndroid:
        prepared = {"getprop": Output(b"[ro.product.model]: [Pixel 8]\n"), "dumpsys battery": Output(b"  level: 80\n")}
        phone = VirtualAndroid(
            {**MODERN, "serial": serial, "authorization": False, **description}, {**prepared, **(outputs or {})},
            FileTree({"/proc/uptime": b"12.5 40.1\n"}, ()))
        self.phones.append(phone)
        self.snapshots.append(phone.snapshot())
        return phone

    def old_phone(self, serial: str = SERIAL, outputs: dict[str, Output] | None = None) -> VirtualAndroid:
        """Android 5: no shell,v2, packets of 4 KiB, no timeout."""
        return self.phone(serial, outputs, **LEGACY)

    def server(self, *phones: VirtualAndroid, latency_s: float = 0.0) -> VirtualAdbServer:
        server = VirtualAdbServer(phones, latency_s)
        server.__enter__()
        self.servers.append(server)
        self.settings.adb_server = server.address
        return server

    def daemon(self, phone: VirtualAndroid, latency_s: float = 0.0) -> str:
        """The device_id of this phone's own adbd."""
        daemon = VirtualAdbd(phone, latency_s)
        daemon.__enter__()
        self.daemons.append(daemon)
        return "{}:{}".format(*daemon.address)

    def call(self, seconds: float = 20.0, **params: Any) -> Call:
        return Call(params, self.settings, monotonic() + seconds)

    def close(self) -> None:
        for closable in (*self.servers, *self.daemons):
            closable.close()

    def services(self) -> list[str]:
        return [request.text for phone in self.phones for request in phone.record if request.kind == "service"]

    def check_records(self) -> None:
        for phone, before in zip(self.phones, self.snapshots, strict=True):
            forbidden = [r for r in phone.record if r.kind in ("change", "died") or "public key" in r.text
                         or (r.kind == "service" and not gate.allows(r.text))]
            assert not forbidden
            assert phone.snapshot() == before
        for server in self.servers:
            assert not [r for r in server.record if r.kind == "died" or (r.kind == "host" and not gate.allows(r.text))]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """What `allow` adds holds until the records are checked: monkeypatch, being asked for here, is undone later."""
    bench = Bench()
    yield bench
    bench.close()
    bench.check_records()


@pytest.fixture
def allow(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Add commands to the catalogue, for tests that need one it has not."""

    def add(*commands: str) -> None:
        allowed = gate.commands() | frozenset(commands)
        monkeypatch.setattr(gate, "commands", lambda: allowed)

    return add


@pytest.fixture
def stopped_after() -> Iterator[Callable[[Call, float], None]]:
    """Stop a call from another thread after some seconds."""
    timers: list[threading.Timer] = []

    def stop(call: Call, seconds: float) -> None:
        timers.append(threading.Timer(seconds, call.stop))
        timers[-1].start()

    yield stop
    for timer in timers:
        timer.join()


@pytest.fixture
def no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever resolves a host name fails."""
    import socket

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a host name was resolved")

    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getfqdn", "gethostname"):
        monkeypatch.setattr(socket, name, refuse)
