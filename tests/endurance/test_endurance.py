"""The endurance scripts, small: they run whole with `python -m tests.endurance.load`, .soak, .unplugs, .killed, .no_room."""

import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.endurance import killed, load, no_room, soak, unplugs
from tests.endurance.bench_process import phones
from tests.endurance.conversation import Conversation, Usage

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_under_load_every_request_is_answered_exactly_once_and_nothing_is_left():
    outcome = load.run(requests=600, seconds=30)
    assert outcome.is_exact, outcome.said()
    assert outcome.kinds["ok"] > 100
    assert outcome.kinds["busy"] > 0
    assert outcome.kinds["internal_error"] == 0
    assert max(outcome.cancels) < load.CANCEL_S


def test_a_worker_that_has_worked_uses_no_more_than_a_warm_one():
    outcome = soak.run(requests=800, seconds=30, warm=400)
    assert outcome.problems == [], outcome.said()


def test_what_grows_is_noticed():
    before = Usage(100.0, 10, 5, [])
    assert len(soak.grown(before, Usage(130.0, 11, 6, ["x"]))) == 4
    assert soak.grown(before, before) == []


def test_sudden_deaths_leave_artifacts_whole_or_absent():
    with phones("android-clean") as bench:
        assert killed.run(bench, count=10) == []


def test_a_cut_artifact_would_be_noticed(tmp_path):
    artifacts = tmp_path / "artifacts"
    (artifacts / "r0").mkdir(parents=True)
    (artifacts / "r0/report.html").write_bytes(b"half")
    (artifacts / "log.gz").write_bytes(b"\x1f\x8b\x08")
    assert len(killed.judge(tmp_path, artifacts, {"r0/report.html": b"whole"})) == 2


def test_a_cable_cut_anywhere_costs_only_its_answer():
    problems, said, struck = unplugs.run(count=60)
    assert problems == []
    assert struck > 25
    assert said.total() == 60
    assert said["every lock"] < 60


def test_a_write_that_fails_is_a_typed_error_and_leaves_nothing():
    with phones("android-clean") as bench:
        assert no_room.run(bench) == []


def test_a_worker_that_was_stopped_for_a_while_goes_on_where_it_was():
    with phones("iphone-clean", "android-clean") as bench, tempfile.TemporaryDirectory() as temporary:
        talk = Conversation(bench.options, temporary)
        devices = list(bench.devices.values())
        for number in range(12):
            talk.send(f"r{number}", "inspect.basic", {"device_id": devices[number % 2]})
            if number % 4 == 3:
                os.kill(talk.process.pid, signal.SIGSTOP)
                time.sleep(0.5)
                os.kill(talk.process.pid, signal.SIGCONT)
        assert talk.wait_until_outstanding(0)
        assert talk.owed(12) == (set(), [])
        assert talk.kinds == {"ok": 12}
        assert talk.end() == (0, [])
