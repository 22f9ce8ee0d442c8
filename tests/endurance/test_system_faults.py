"""What the machine does to a worker: a recording that finds no room, no descriptors, jumping clocks, phones that come and go."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from doors import ROOT, Process, request

from protocol.transcript import entries
from pyworker.virtual.bench import Bench
from tests.endurance.bench_process import phones

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sets limits of other processes, reads /proc")

MODULE = ("-m", "pyworker")
CONTENT = {"device": {"device_id": "d", "platform": "ios"}, "notes": "word " * 3000}
# Beyond its own deadline a request may take this long to be answered.
GRACE_S = 1.0


@pytest.fixture(scope="module")
def bench():
    with Bench(["iphone-clean", "iphone-company", "android-clean", "android-company"]) as bench:
        yield bench


def ids(bench: Bench) -> list[str]:
    return [phone.udid for phone in bench.iphones.values()] + [phone.serial for phone in bench.androids.values()]


@contextmanager
def limited(worker: Process, which: int, soft: int):
    import resource

    before = resource.prlimit(worker.popen.pid, which)
    resource.prlimit(worker.popen.pid, which, (soft, before[1]))
    try:
        yield
    finally:
        resource.prlimit(worker.popen.pid, which, before)


# --- The recording

def test_a_full_disk_ends_the_recording_and_nothing_else():
    with Process("--record", "/dev/full", program=MODULE) as worker:
        for _ in range(3):
            assert worker.ask("health")["status"] == "ok"
        assert worker.ask("devices.list")["ok"]
        assert worker.end() == 0
        logged = worker.popen.stderr.read().decode()
    assert [json.loads(line)["event"] for line in logged.splitlines()] == ["record_ended"]


def test_a_recording_that_was_cut_off_holds_whole_lines(tmp_path):
    import resource

    record = tmp_path / "record"
    with Process("--record", str(record), program=MODULE) as worker:
        worker.ask("health")
        with limited(worker, resource.RLIMIT_FSIZE, 5000):
            for _ in range(3):
                worker.ask("rpc.discover")
        worker.ask("health")
    lines = list(entries(str(record)))
    assert 2 <= len(lines) < 10
    assert record.stat().st_size <= 5000


# --- Descriptors

def test_without_descriptors_every_request_is_still_answered_and_with_them_all_is_well_again(bench, tmp_path):
    import resource

    with Process(*bench.options, "--artifact-dir", str(tmp_path), "--log-level", "off", program=MODULE) as worker:
        worker.ask("health")
        for device_id in ids(bench):  # everything is loaded
            worker.ask("inspect.basic", device_id=device_id)
        worker.ask("report.format", report_id="r", format="pdf", content=CONTENT)
        used = len(os.listdir(f"/proc/{worker.popen.pid}/fd"))
        for spare in range(5):
            with limited(worker, resource.RLIMIT_NOFILE, used + spare):
                asked = [f"{spare}-{number}" for number in range(len(ids(bench)) + 2)]
                for id, device_id in zip(asked, ids(bench), strict=False):
                    worker.send(request("inspect.basic", {"device_id": device_id, "timeout_ms": 2000}, id))
                worker.send(request("report.format", {"report_id": "r", "format": "json", "content": CONTENT}, asked[-2]))
                worker.send(request("devices.list", {"timeout_ms": 2000}, asked[-1]))
                answers = [worker.answer(id, 2.0 + GRACE_S + 2.0) for id in asked]
                kinds = {answer["error"]["data"]["kind"] for answer in answers if "error" in answer}
                assert "internal_error" not in kinds, answers
                assert worker.ask("health")["status"] == "ok"
        for device_id in ids(bench):
            assert worker.ask("inspect.basic", device_id=device_id)["data"]["findings"]["mdm_enrolled"]["value"] is not None
        deadline = time.monotonic() + 5.0
        while (now := len(os.listdir(f"/proc/{worker.popen.pid}/fd"))) > used and time.monotonic() < deadline:
            time.sleep(0.05)
        assert now <= used


def test_without_descriptors_a_line_that_is_no_json_is_still_refused():
    import resource

    with Process(program=MODULE) as worker:
        worker.ask("devices.list", platform="macos")
        worker.ask("health")  # what the answers need is loaded
        with limited(worker, resource.RLIMIT_NOFILE, 3):
            worker.send(b"Content-Length: 3\n")
            assert worker.answer(None)["error"]["code"] == -32700
            assert worker.ask("health")["status"] == "ok"
        assert worker.end() == 0


def test_a_worker_whose_descriptors_ran_out_at_once_still_answers_and_leaves_as_it_should():
    import resource

    with Process(program=MODULE) as worker:
        worker.ask("health")
        resource.prlimit(worker.popen.pid, resource.RLIMIT_NOFILE, (3, 3))
        for _ in range(3):
            assert worker.ask("health")["status"] == "ok"
        assert worker.end() == 0


# --- Time

JUMPING = """
import sys, time, random
sys.path[:0] = [{root!r}, {tests!r}]
sys.argv = ["pyworker", *{options!r}]
real, chance = time.time, random.Random(1)
time.time = lambda: real() + chance.choice((-86400.0, 0.0, 86400.0))
real_ns = time.time_ns
time.time_ns = lambda: real_ns() + chance.choice((-86400, 0, 86400)) * 10**9
from protocol import stdio
taken = stdio.take()
import workbench
from pyworker.main import main
with workbench.installed():
    main(taken)
"""


def test_a_wall_clock_that_jumps_by_days_moves_no_deadline(bench):
    program = JUMPING.format(root=str(ROOT), tests=str(ROOT / "tests/protocol"), options=[*bench.options])
    with Process(program=("-c", program)) as worker:
        worker.ask("inspect.basic", device_id=ids(bench)[0])
        uptimes = []
        for device_id in ids(bench):
            began = time.monotonic()
            worker.ask("test.wait", timeout_ms=300)
            assert 0.2 < time.monotonic() - began < 0.3 + GRACE_S
            assert worker.ask("inspect.basic", device_id=device_id, timeout_ms=10_000)["ok"]
            uptimes.append(worker.ask("health")["uptime_ms"])
        assert uptimes == sorted(uptimes)
        assert uptimes[-1] < 120_000
        assert worker.end() == 0


# --- Silence

def test_phones_that_all_fall_silent_cost_their_deadline_and_come_back():
    with phones("iphone-clean", "android-clean") as there, Process(*there.options, program=MODULE) as worker:
        for device_id in there.devices.values():
            worker.ask("inspect.basic", device_id=device_id)
        pid = child_with(" pyworker.virtual ")
        os.kill(pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            for name, device_id in there.devices.items():
                worker.send(request("inspect.basic", {"device_id": device_id, "timeout_ms": 1000}, name))
            for name in there.devices:
                answer = worker.answer(name)
                assert "error" not in answer or answer["error"]["data"]["kind"] in ("timeout", "device_disconnected"), answer
            assert time.monotonic() - began < 1.0 + GRACE_S
            assert worker.ask("health")["status"] == "ok"
        finally:
            os.kill(pid, signal.SIGCONT)
        for device_id in there.devices.values():
            assert worker.ask("inspect.basic", device_id=device_id)["data"]["findings"]["mdm_enrolled"]["value"] is False


def child_with(words: str) -> int:
    """The child of this process whose command line holds these words."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            mine = f"\nPPid:\t{os.getpid()}\n" in (entry / "status").read_text()
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue  # it has ended meanwhile
        if mine and words in command:
            return int(entry.name)
    raise AssertionError(f"no child with {words!r}")


# --- Plugging

@pytest.mark.parametrize("restless", ["iphone-company", "android-company"])
def test_a_phone_that_comes_and_goes_disturbs_no_other(restless):
    names = ["iphone-clean", "iphone-company", "android-clean", "android-company"]
    with Bench(names) as bench, Process(*bench.options, program=MODULE) as worker:
        quiet = [name for name in names if name != restless]
        who = {name: phone.udid for name, phone in bench.iphones.items()}
        who |= {name: phone.serial for name, phone in bench.androids.items()}
        wanted = {name: worker.ask("inspect.basic", device_id=who[name])["data"]["findings"] for name in quiet}
        enough = threading.Event()

        def come_and_go() -> None:
            phone = bench.iphones.get(restless) or bench.androids[restless]
            pause = 0.001
            while not enough.is_set():
                plug(bench, phone, False)
                time.sleep(pause)
                plug(bench, phone, True)
                pause = 0.001 if pause > 0.08 else pause * 1.5
                time.sleep(pause)

        plugging = threading.Thread(target=come_and_go)
        plugging.start()
        try:
            for number in range(40):
                for name in names:
                    params = {"device_id": who[name], "timeout_ms": 3000}
                    worker.send(request("inspect.basic", params, f"{number}-{name}"))
                for name in names:
                    began = time.monotonic()
                    answer = worker.answer(f"{number}-{name}")
                    assert time.monotonic() - began < 3.0 + GRACE_S
                    if name in quiet:
                        assert answer["result"]["data"]["findings"] == wanted[name]
                    elif "error" in answer:
                        assert answer["error"]["data"]["kind"] in (
                            "device_not_found", "device_disconnected", "device_protocol_error", "timeout")
        finally:
            enough.set()
            plugging.join()
        assert worker.ask("inspect.basic", device_id=who[restless])["data"]["mdm_enrolled"] is True
        assert worker.end() == 0


def plug(bench: Bench, phone, there: bool) -> None:
    if hasattr(phone, "udid"):
        bench.usbmuxd.plug(phone) if there else bench.usbmuxd.unplug(phone.udid)
    else:
        bench.adb_server.attach(phone) if there else bench.adb_server.detach(phone)
