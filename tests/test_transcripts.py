"""Recorded conversations in tests/transcripts are put to a fresh worker; it must answer as it did then.

To renew one after a deliberate change: python tests/test_transcripts.py
"""

import json
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent / "protocol")]

from doors import Process, cancel, notification, request

from protocol.transcript import Recorder, entries
from pyworker import replay
from pyworker.virtual.bench import Bench

FOLDER = Path(__file__).parent / "transcripts"
PHONES = ("iphone-clean", "iphone-owner-locked", "iphone-find-my", "android-clean", "android-company")


def names():
    return sorted(path.stem for path in FOLDER.glob("*.jsonl"))


@pytest.fixture(scope="module")
def bench():
    with Bench(PHONES) as bench:
        yield bench


@pytest.mark.parametrize("name", names())
def test_a_recorded_conversation_is_answered_as_it_was(bench, name):
    conversation = list(entries(str(FOLDER / f"{name}.jsonl")))
    recorded = replay.answers([entry.line for entry in conversation if entry.direction == "out"])
    assert recorded
    assert replay.differences(recorded, replay.run(conversation, bench.options)) == []


def test_there_are_recorded_conversations():
    assert set(names()) == set(conversations(None))


def test_a_difference_is_told_readably():
    before = {"1": {"id": 1, "result": {"ok": True, "data": {"activation_locked": None}}}}
    after = {"1": {"id": 1, "result": {"ok": True, "data": {"activation_locked": False}}}}
    told = "\n".join(replay.differences(before, after))
    assert "answer to 1:" in told
    assert '-      "activation_locked": null' in told
    assert '+      "activation_locked": false' in told


def test_volatile_members_do_not_count():
    one, other = (replay.answers([b'{"jsonrpc":"2.0","id":1,"result":{"uptime_ms":%d}}' % n]) for n in (1, 2))
    assert replay.differences(one, other) == []


def test_what_is_recorded_is_what_crossed_the_pipe(tmp_path):
    said = [request("health", id=1), b"\xff\xfe no json\n", notification("x"), b"\n"]
    with Process("--record", str(tmp_path / "talk.jsonl")) as worker:
        worker.send(*said)
        worker.answer(1)
        worker.end()
        answers = list(worker.lines)
    recorded = list(entries(str(tmp_path / "talk.jsonl")))
    assert [entry.line + b"\n" for entry in recorded if entry.direction == "in"] == said
    assert [json.loads(entry.line) for entry in recorded if entry.direction == "out"] == answers
    assert [entry.at for entry in recorded] == sorted(entry.at for entry in recorded)


@pytest.mark.parametrize("text", ["{}\n", "x\n", '{"dir":"in","t":0}\n', '{"dir":"in","t":"x","line":"y"}\n'])
def test_a_file_that_is_no_transcript_is_refused(tmp_path, text, capsys):
    (tmp_path / "file").write_text(text)
    assert replay.main([str(tmp_path / "file")]) == 2
    assert "pyworker.replay:" in capsys.readouterr().err


def test_many_lines_may_be_noted_at_once(tmp_path):
    Recorder(str(tmp_path / "x"), print).note("out", b"1\n2\n")
    assert [entry.line for entry in entries(str(tmp_path / "x"))] == [b"1", b"2"]


# --- Several conversations in one file

def test_a_worker_that_is_started_again_records_behind_the_one_before(tmp_path):
    record = tmp_path / "talk.jsonl"
    for _ in range(2):
        with Process("--record", str(record)) as worker:
            worker.ask("health")
            assert worker.end() == 0
    talks = replay.conversations(list(entries(str(record))))
    assert [[entry.direction for entry in talk] for talk in talks] == [["in", "out"]] * 2


def test_each_conversation_is_put_to_a_worker_of_its_own(tmp_path, capsys):
    record = tmp_path / "talk.jsonl"
    for _ in range(2):
        with Process("--record", str(record), program=("-m", "pyworker")) as worker:
            worker.ask("health")
            worker.ask("shutdown")  # what comes after it would not be answered by the same worker
            worker.end()
    assert replay.main([str(record)]) == 0
    assert capsys.readouterr().out == "4 answers, all the same\n"
    record.write_bytes(record.read_bytes().replace(b"py-worker-", b"another-", 1))
    assert replay.main([str(record)]) == 1
    assert "conversation 1 of 2:" in capsys.readouterr().out


def test_half_a_line_that_a_killed_worker_left_is_taken_back(tmp_path):
    record = tmp_path / "talk.jsonl"
    whole = b'{"dir":"in","t":0.1,"line":"x"}\n'
    record.write_bytes(whole + b'{"dir":"out","t":0.2,"line":"' + b"y" * 200_000)
    Recorder(str(record), ended=lambda problem: None).note("in", b"z\n")
    assert [(entry.direction, entry.line) for entry in entries(str(record))] == [("in", b"x"), ("start", b""), ("in", b"z")]


def test_a_file_that_holds_something_else_is_left_alone(tmp_path):
    notes = tmp_path / "notes.txt"
    notes.write_text("not to be lost")
    with Process("--record", str(notes), program=("-m", "pyworker")) as worker:
        assert worker.popen.wait(10) == 2
        assert "--record" in worker.popen.stderr.read().decode()
    assert notes.read_text() == "not to be lost"


def test_an_empty_file_may_be_recorded_to(tmp_path):
    record = tmp_path / "talk.jsonl"
    record.touch()
    Recorder(str(record), ended=lambda problem: None).note("in", b"z\n")
    assert [entry.direction for entry in entries(str(record))] == ["in"]


def conversations(bench):
    """What is said in each recorded conversation: lists of requests; each list is sent when the one before is answered."""
    ids = {} if bench is None else {name: phone.udid for name, phone in bench.iphones.items()}
    ids |= {} if bench is None else {name: phone.serial for name, phone in bench.androids.items()}

    def inspect(name, id):
        return request("inspect.basic", {"device_id": ids.get(name, "")}, id)

    return {
        "start": [[request("health", id=1)], [request("policy.get", id=2)], [request("devices.list", id=3)]],
        "verdicts": [[inspect(name, id)] for id, name in enumerate(PHONES)],
        "deep": [
            [request("inspect.deep", {"device_id": ids.get(name, "")}, id)]
            for id, name in enumerate(("iphone-clean", "android-clean"))
        ],
        "mistakes": [
            [request("no.such.method", id=1)],
            [b"no json\n"],
            [b"[]\n"],
            [request("inspect.basic", {}, 2)],
            [request("inspect.basic", {"device_id": "nobody"}, 3)],
            [request("devices.list", {"platform": "nokia"}, 4)],
            [request("inspect.basic", {"device_id": "x", "timeout_ms": 1}, 5)],
            [request("health", {"a": 1}, 6)],
        ],
        "batch": [
            [
                b"["
                + b",".join(
                    each.strip()
                    for each in (
                        request("health", id=1),
                        notification("health"),
                        request("no.such.method", id="2"),
                        b"5",
                        inspect("iphone-clean", 3),
                    )
                )
                + b"]\n"
            ]
        ],
        "papers": [
            [
                request(
                    "report.format",
                    {"report_id": "r", "format": "html", "content": {"device": {"device_id": "d", "platform": "ios"}}},
                    2,
                )
            ],
            [request("logs.collect", {"device_id": ids.get("android-clean", ""), "scope": "crash", "limit": 20}, 3)],
        ],
        "leaving": [[request("health", id="a"), cancel("b"), request("shutdown", id="c")]],
    }


def record():
    with Bench(PHONES) as bench:
        for name, turns in conversations(bench).items():
            (FOLDER / f"{name}.jsonl").unlink(missing_ok=True)  # a recording goes on behind what a file holds
            with Process(
                "--record", str(FOLDER / f"{name}.jsonl"), *bench.options, program=("-m", "pyworker")
            ) as worker:
                expected = 0
                for turn in turns:
                    worker.send(*turn)
                    expected += sum(
                        1
                        for each in turn
                        if (b'"id"' in each and b"cancel" not in each) or b"json\n" in each or each == b"[]\n"
                    )
                    worker.until(lambda lines, wanted=expected: len(lines) >= wanted or None)
                assert worker.end() == 0


if __name__ == "__main__":
    record()
