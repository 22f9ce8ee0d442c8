"""What an inspection costs: round trips, memory, threads and sockets."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from protocol.errors import RpcError
from pyworker.android import attached, reads, script, session
from pyworker.android.bounded_socket import BoundedSocket
from pyworker.android.output import Output
from pyworker.platforms import Device
from pyworker.probes import Read
from pyworker.virtual.android.phone import Output as Says

ROOT = Path(__file__).parents[3]


@pytest.fixture
def round_trips(monkeypatch: pytest.MonkeyPatch) -> Counter[int]:
    """Connections made and messages sent, by thread: each has to be answered before its thread goes on."""
    counted: Counter[int] = Counter()
    for name in ("_connect", "send"):
        real = getattr(BoundedSocket, name)

        def count(self: BoundedSocket, *given: object, real=real) -> None:
            counted[threading.get_ident()] += 1
            real(self, *given)

        monkeypatch.setattr(BoundedSocket, name, count)
    return counted


def test_a_deep_inspection_takes_few_round_trips(bench, round_trips) -> None:
    bench.server(bench.phone(outputs={reads.IMEI.request: Says(b"Result: Parcel(fffffffc 00000000 '........')\n")}))
    call = bench.call()
    observed = session.observe(call, attached.find(call, "R58M12ABCDE"), reads.ALL)
    assert set(observed.answers) == set(reads.ALL)
    chunks = len(bench.services())
    assert chunks == len(script.split([read.request for read in reads.ALL]))
    assert sum(round_trips.values()) <= 8 + chunks


def test_reads_for_several_scripts_go_side_by_side(bench, allow, round_trips) -> None:
    many = tuple(Read("shell", f"echo {number} {'x' * 300}") for number in range(40))
    allow(*(read.request for read in many))
    bench.server(bench.phone())
    call = bench.call()
    observed = session.observe(call, attached.find(call, "R58M12ABCDE"), many)
    for number, read in enumerate(many):
        assert observed.answers[read] == Output(f"{number} {'x' * 300}\n".encode())
    chunks = len(bench.services())
    assert chunks == 4
    assert max(round_trips.values()) <= 8
    assert all(len(text.encode()) <= script.SERVICE_LIMIT for text in bench.services())


def test_on_a_direct_connection_they_follow_one_another(bench, allow) -> None:
    many = tuple(Read("shell", f"echo {number} {'x' * 300}") for number in range(40))
    allow(*(read.request for read in many))
    phone = bench.old_phone()
    device = Device(bench.daemon(phone), "android", "adb-tcp", "ready")
    observed = session.observe(bench.call(), device, many)
    assert all(isinstance(answer, Output) for answer in observed.answers.values())
    assert sum(r.kind == "connect" for r in phone.record) == 1
    assert len(bench.services()) == 4


# -- memory

# Runs apart, so that only the worker's own memory is seen: prints how many bytes the inspection added, and the reasons.
_ALONE = """
import resource, sys
from time import monotonic
from protocol.errors import RpcError
from pyworker.android import reads, session
from pyworker.android.output import Output
from pyworker.call import Call
from pyworker.findings import Unread
from pyworker.platforms import Device
from pyworker.settings import Settings
import pyworker.android.device_stream, pyworker.android.tcp_transport

device_id, connection, port = sys.argv[1:]
settings = Settings()
settings.adb_server = ("127.0.0.1", int(port))
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
before = peak()
try:
    observed = session.observe(
        Call({}, settings, monotonic() + 20), Device(device_id, "android", connection, "ready"),
        (reads.GETPROP, reads.BATTERY))
    said = {a.reason if isinstance(a, Unread) else "truncated" if a.truncated else "whole" for a in observed.answers.values()}
    said |= set(observed.warnings)
except RpcError as error:
    said = {error.kind}
print(peak() - before, *sorted(said))
"""


def alone(bench, device_id: str, connection: str) -> tuple[int, set[str]]:
    port = bench.settings.adb_server[1] if bench.settings.adb_server else 0
    done = subprocess.run(
        [sys.executable, "-c", _ALONE, device_id, connection, str(port)], capture_output=True, text=True, timeout=60,
        check=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    added, *said = done.stdout.split()
    return int(added), set(said)


@pytest.mark.skipif(sys.platform == "win32", reason="the resource module is Unix's")
@pytest.mark.parametrize("way", ["server v2", "server exec", "direct"])
@pytest.mark.parametrize("fault", ["huge service", "huge read", "flood", "oversized_header"])
def test_no_phone_takes_more_than_64_mb_and_the_answer_says_what_is_missing(bench, way: str, fault: str) -> None:
    answers = {"getprop": Says(lambda: (b"x" * 65536 for _ in range(16384)))} if fault == "huge read" else {}
    phone = bench.phone(outputs=answers, features=["shell_v2"] if way == "server v2" else [])
    if fault == "huge service":
        phone.faults.add("service", "huge", size=1 << 30)
    elif fault != "huge read":
        phone.faults.add("service", fault, after=50, length=1 << 31)
    if way == "direct":
        added, said = alone(bench, bench.daemon(phone), "adb-tcp")
    else:
        bench.server(phone)
        added, said = alone(bench, phone.serial, "adb-server")
    assert added < 64 * 1024 * 1024
    assert said & {"truncated", "unreadable", "device_protocol_error", "timeout"}
    if fault == "huge read" or (fault == "huge service" and way != "server v2"):  # with v2 it is no packets either
        assert "truncated" in said


# -- nothing left over

def test_a_thousand_faulty_inspections_leave_no_socket_and_no_thread(bench) -> None:
    served = bench.phone("SERVED")
    server = bench.server(served)
    old = bench.old_phone("OLD")
    server.attach(old)
    direct = bench.phone("DIRECT")
    devices = [Device("SERVED", "android", "adb-server", "ready"), Device("OLD", "android", "adb-server", "ready"),
               Device(bench.daemon(direct), "android", "adb-tcp", "ready")]
    kinds = ("refused_open", "wrong_magic", "garbage", "reset", "oversized_header")

    def left_over() -> tuple[int, int]:
        mine = [thread for thread in threading.enumerate() if not thread.name.startswith("virtual")]
        return len(mine), sum(os.path.exists(f"/proc/self/fd/{number}") for number in range(1024))

    def run(rounds: int) -> None:
        for number in range(rounds):
            kind = kinds[number % len(kinds)]
            phone = (served, old, direct)[number % 3]
            phone.faults.add("service", kind, after=number % 120)
            call = bench.call(0.15)
            try:
                session.observe(call, devices[number % 3], (reads.GETPROP, reads.BATTERY))
            except RpcError as error:
                assert error.kind in ("timeout", "device_disconnected", "device_protocol_error")
            assert not call._wakers
            phone.faults.clear()

    run(30)
    settle(bench)
    before = left_over()
    run(1000)
    settle(bench)
    threads, sockets = left_over()
    assert threads == before[0]
    assert sockets <= before[1] + 5  # the virtual phones share this process, and let go when they notice


def settle(bench) -> None:
    """Wait until the virtual phones' threads have noticed that nobody listens any more."""
    for _ in range(100):
        if not any(thread.name.startswith("virtual connection") for thread in threading.enumerate()):
            return
        threading.Event().wait(0.05)
