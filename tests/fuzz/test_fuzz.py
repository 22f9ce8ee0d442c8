"""A little of each target's fuzzing, and every input that ever made one fail."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.fuzz.__main__ import GROWTH_MB, REGRESSIONS, run
from tests.fuzz.targets import targets

# A tenth of the million that the script is run with, where the bytes come straight from a cable or a pipe.
COUNT = {"lines": 100_000, "plists": 100_000, "adb_packets": 100_000}
TARGETS = targets()
# One input of each conversation goes through to its end, so that damage is done behind every step of it.
GOES_THROUGH = {
    "usbmux_replies": lambda got: got[1] == "A",
    "lockdown_replies": lambda got: got[1] == 50001,
    "service_replies": lambda got: len(got) == 3,
    "afc_packets": lambda got: got[2][0].data == b"hello world!",
    "os_trace_frames": lambda got: got.count('"message"') == 2,
    "adb_packets": lambda got: got == [b"hello"],
    "adb_conversations": lambda got: got == [b"abc"],
}


@pytest.mark.parametrize("name", list(TARGETS))
def test_no_damage_gets_through(name):
    outcome = run(name, TARGETS[name], 25 if TARGETS[name].is_heavy else COUNT.get(name, 1500), seed=7)
    assert outcome.crashed == []
    assert outcome.growth_mb < GROWTH_MB


@pytest.mark.parametrize("path", sorted(REGRESSIONS.glob("*/*")), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_once_failed_is_survived(path):
    TARGETS[path.parent.name].feed(path.read_bytes())


@pytest.mark.parametrize("name", list(GOES_THROUGH))
def test_a_conversation_without_damage_goes_through_to_its_end(name):
    assert GOES_THROUGH[name](TARGETS[name].feed(TARGETS[name].seeds[0]))


def test_a_target_that_raises_is_noticed():
    def fragile(data):
        data.decode("ascii")

    assert run("lines", TARGETS["lines"]._replace(feed=fragile), 300, seed=1).crashed


def test_a_target_that_takes_its_time_is_noticed():
    def slow(data):
        if len(data) % 7 == 0:
            sum(range(20_000_000))

    assert run("lines", TARGETS["lines"]._replace(feed=slow), 30, seed=1).slow
