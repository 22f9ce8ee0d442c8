"""A little of each target's fuzzing, and every input that ever made one fail."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.fuzz.__main__ import GROWTH_MB, HEAVY, REGRESSIONS, run
from tests.fuzz.targets import targets

COUNT = {"lines": 20_000, "plists": 20_000, "adb_packets": 20_000, "android_dumps": 1500}
TARGETS = targets()


@pytest.mark.parametrize("name", list(TARGETS))
def test_no_damage_gets_through(name):
    outcome = run(name, TARGETS[name], 25 if name in HEAVY else COUNT.get(name, 5000), seed=7)
    assert outcome.crashed == []
    assert outcome.growth_mb < GROWTH_MB


@pytest.mark.parametrize("path", sorted(REGRESSIONS.glob("*/*")), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_once_failed_is_survived(path):
    TARGETS[path.parent.name].feed(path.read_bytes())


def test_a_target_that_raises_is_noticed():
    def fragile(data):
        data.decode("ascii")

    assert run("lines", TARGETS["lines"]._replace(feed=fragile), 300, seed=1).crashed
