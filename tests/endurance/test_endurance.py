"""The endurance scripts, small: they run whole with `python -m tests.endurance.load`, `.killed` and `.unplugged`."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.endurance import killed, load, unplugged
from tests.endurance.bench_process import phones

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_under_load_every_request_is_answered_exactly_once_and_nothing_is_left():
    outcome = load.run(requests=1200, seconds=60)
    assert (outcome.lost, outcome.twice, outcome.left_over) == (0, 0, [])
    assert outcome.kinds["ok"] > 100
    assert outcome.kinds["internal_error"] == 0
    assert outcome.after.descriptors <= outcome.before.descriptors + 2
    assert outcome.after.threads <= outcome.before.threads + 2


def test_sudden_deaths_leave_artifacts_whole_or_absent():
    with phones("android-clean") as bench:
        assert killed.run(bench, count=12) == []


def test_a_cut_artifact_would_be_noticed(tmp_path):
    artifacts = tmp_path / "artifacts"
    (artifacts / "r0").mkdir(parents=True)
    (artifacts / "r0/report.html").write_bytes(b"half")
    (artifacts / "log.gz").write_bytes(b"\x1f\x8b\x08")
    assert len(killed.judge(tmp_path, artifacts, {"r0/report.html": b"whole"})) == 2


def test_a_phone_that_goes_in_the_middle_costs_only_its_answer():
    assert unplugged.run(count=60) == []
