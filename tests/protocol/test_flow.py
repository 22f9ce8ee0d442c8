"""Bounds under load: who is refused, who gets through, what is kept (JSONRPC cases, part C, "Flow")."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from doors import PATIENCE_S, WORKBENCH, Process, cancel, notification, request, said

LIMIT = 32


def test_the_33rd_request_is_busy_at_once_while_control_passes():
    with Process() as worker:
        worker.send(*(request("test.hang", id=n) for n in range(LIMIT)))
        worker.send(request("health", id="h"))
        worker.answer("h")
        worker.send(request("test.echo", id="one too many"))
        assert worker.answer("one too many")["error"]["data"] == {
            "kind": "busy",
            "hint": "Wait for an answer, then ask again.",
            "retryable": True,
        }
        worker.send(*(request("test.echo", id=1000 + n) for n in range(1000)), request("health", id="h2"))
        assert worker.answer("h2")["result"]["status"] == "ok"
        worker.send(cancel(3))
        assert worker.answer(3)["error"]["code"] == -32800
        assert all("error" in worker.answer(1000 + n) for n in range(1000))


def test_health_is_answered_in_a_moment_under_load():
    with Process() as worker:
        worker.send(*(request("test.hang", id=n) for n in range(LIMIT)), request("health", id="first"))
        worker.answer("first")
        worker.send(*(request("test.echo", id=1000 + n) for n in range(1000)))
        waits = []
        for n in range(200):
            started = time.monotonic()
            worker.send(request("health", id=f"h{n}"))
            worker.answer(f"h{n}")
            waits.append(time.monotonic() - started)
        # The benchmark prints the figure (aim: 10 ms); here only that nothing waits for a handler.
        assert sorted(waits)[197] < 0.5


def test_one_lane_a_device_in_order_of_arrival():
    with Process() as worker:
        worker.send(
            request("test.wait", {"device_id": "a", "timeout_ms": 700}, 1),
            request("test.wait", {"device_id": "a", "timeout_ms": 1400}, 2),
            request("test.wait", {"device_id": "b", "timeout_ms": 700}, 3),
        )
        worker.answer(2)
        assert [line["id"] for line in worker.lines] in ([1, 3, 2], [3, 1, 2])


def test_a_hung_device_does_not_hold_up_another():
    with Process() as worker:
        worker.send(
            request("test.hang", {"device_id": "a"}, 1),
            request("test.wait", {"device_id": "a", "timeout_ms": 500}, 2),
            request("test.wait", {"device_id": "b", "timeout_ms": 500}, 3),
        )
        assert worker.answer(3)["result"] == "waited"
        assert worker.answer(2)["error"]["data"]["kind"] == "timeout"


def test_an_overdue_handler_is_answered_for():
    with Process() as worker:
        started = time.monotonic()
        worker.send(request("test.hang", {"timeout_ms": 1000}))
        assert worker.answer(1)["error"]["data"]["kind"] == "timeout"
        assert time.monotonic() - started < 2.0


def test_a_line_of_64_mib_is_refused_once_and_the_next_is_answered():
    with Process() as worker:
        worker.send(request("test.memory", id="before"))
        before = worker.answer("before")["result"]
        piece = b"x" * (1024 * 1024)
        for _ in range(64):
            worker.send(piece)
        worker.send(b"\n", request("health", id="after"), request("test.memory", id="memory"))
        assert worker.answer("after")["result"]["status"] == "ok"
        refused = [line for line in worker.lines if line["id"] is None]
        assert [line["error"]["code"] for line in refused] == [-32700]
        assert worker.answer("memory")["result"] - before < 32 * 1024


def test_a_parent_that_does_not_read_is_held_back_and_loses_nothing():
    """1,500 answers of 64 kB are 96 MB: they must not be kept, and none may be lost."""
    count, size = 1500, 64_000
    worker = subprocess.Popen(
        [sys.executable, str(WORKBENCH), "--log-level", "off"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    sent = []

    def send():
        for n in range(count):
            # An id that is echoed, so that answering costs no handler.
            worker.stdin.write(b'{"jsonrpc":"2.0","id":"%s","method":"health"}\n' % (str(n).zfill(size).encode()))
            sent.append(n)
        worker.stdin.close()

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    time.sleep(2.0)
    assert len(sent) < count, "the parent was never held back"
    resident = int(Path(f"/proc/{worker.pid}/status").read_text().partition("VmRSS:")[2].split()[0])
    assert resident < 64 * 1024
    output = worker.stdout.read()
    sender.join(PATIENCE_S)
    assert worker.wait(PATIENCE_S) == 0
    worker.stdout.close()
    assert [int(line["id"].lstrip("0") or 0) for line in said(output)] == list(range(count))


def test_a_parent_that_never_read_and_is_killed_does_not_keep_the_worker():
    """Its stdout is held open by somebody else, so that only the hang-up of stdin tells."""
    reader, writer = os.pipe()
    program = (
        "import subprocess, sys\n"
        f"worker = subprocess.Popen([sys.executable, {str(WORKBENCH)!r}], stdin=subprocess.PIPE, stdout={writer},\n"
        "                          stderr=subprocess.DEVNULL, pass_fds=(%d,))\n"
        % writer
        + "print(worker.pid, flush=True)\n"
        'one = b\'{"jsonrpc":"2.0","id":"\' + b\'x\' * 60000 + b\'","method":"health"}\\n\'\n'
        "while True: worker.stdin.write(one)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, pass_fds=(writer,))
    pid = int(parent.stdout.readline())
    time.sleep(1.5)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    end = time.monotonic() + 4.0
    while _alive(pid):
        assert time.monotonic() < end, "the worker outlived its parent"
        time.sleep(0.02)
    os.close(writer)
    os.close(reader)


def _alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_stderr_nobody_reads_blocks_nothing():
    with Process("--uncontained", "--log-level", "debug") as worker:  # its stderr is a pipe that this test never reads
        worker.send(request("test.flood", {"size": 3_000_000}, 1), request("test.noisy", id=2))
        assert worker.answer(1)["result"] == "flooded"
        assert worker.answer(2)["result"] == "quiet"
        worker.send(request("health", id=3))
        assert worker.answer(3)["result"]["status"] == "ok"
        assert worker.end() == 0


def test_a_stderr_that_is_read_gets_everything_in_order():
    done = subprocess.run(
        [sys.executable, str(WORKBENCH), "--uncontained"],
        input=request("test.noisy"),
        capture_output=True,
        timeout=PATIENCE_S,
        check=True,
    )
    [line] = said(done.stdout)
    assert line["result"] == "quiet"
    for text in (
        b"printed",
        b"written without an end",
        b"through the original",
        b"by descriptor",
        b"by the C library",
        b"from a child",
        b"from its stderr",
        b"logged",
        b"warned",
        b"ZeroDivisionError",
    ):
        assert text in done.stderr


def test_a_dropped_log_says_so():
    worker = subprocess.Popen(
        [sys.executable, str(WORKBENCH)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    worker.stdin.write(request("test.flood", {"size": 5_000_000}))
    worker.stdin.flush()
    worker.stdout.readline()
    worker.stdin.close()
    assert b'"event":"stderr_dropped"' in worker.stderr.read()
    worker.wait(PATIENCE_S)
    worker.stdout.close()
    worker.stderr.close()


def test_progress_is_sparse_and_never_follows_the_answer():
    with Process() as worker:
        worker.send(request("test.progress", {"size": 60, "progress_token": "t"}))
        worker.answer(1)
        worker.send(request("health", id=2))
        worker.answer(2)
        told = [line for line in worker.lines if line.get("method") == "$/progress"]
        assert 2 <= len(told) <= 12
        assert told[0]["params"] == {"token": "t", "stage": "counting", "done": 0, "total": 60}
        assert worker.lines[-2]["id"] == 1


def test_progress_is_only_sent_to_those_who_asked():
    with Process() as worker:
        worker.send(request("test.progress", {"size": 5}))
        worker.answer(1)
        assert len(worker.lines) == 1


def test_a_cancelled_request_tells_no_more_progress():
    with Process() as worker:
        worker.send(request("test.progress", {"size": 300, "progress_token": 7}), request("health", id=2))
        worker.until(lambda lines: next((line for line in lines if line.get("method") == "$/progress"), None))
        worker.send(cancel(1))
        worker.answer(1)
        time.sleep(0.5)
        worker.send(request("health", id=3))
        worker.answer(3)
        after = worker.lines[[line.get("id") for line in worker.lines].index(1) + 1 :]
        assert [line for line in after if "method" in line] == []


def test_cancel_racing_completion_gives_exactly_one_answer_each():
    """10,000 races: each request finishes at about the moment its cancel comes."""
    with Process("--log-level", "off") as worker:
        results = {"result": 0, "error": 0}
        for start in range(0, 10_000, LIMIT):
            ids = range(start, min(start + LIMIT, 10_000))
            worker.send(*(request("test.echo", [1], id) + cancel(id) for id in ids))
            for id in ids:
                results["result" if "result" in worker.answer(id) else "error"] += 1
            with worker._arrived:
                assert len(worker.lines) == len(ids)
                worker.lines.clear()
        assert sum(results.values()) == 10_000


def test_a_result_over_the_limit_is_an_error_not_a_flood():
    with Process() as worker:
        worker.send(request("test.big", {"size": 9_000_000}, 1), request("test.big", {"size": 5_000_000}, 2))
        assert worker.answer(1)["error"]["data"]["kind"] == "result_too_large"
        assert len(worker.answer(2)["result"]) == 5_000_000


def test_ten_thousand_queued_requests_are_all_answered_in_order():
    done = subprocess.run(
        [sys.executable, str(WORKBENCH)],
        input=b"".join(request("health", id=n) for n in range(10_000)),
        capture_output=True,
        timeout=PATIENCE_S,
        check=True,
    )
    assert [line["id"] for line in said(done.stdout)] == list(range(10_000))


def test_a_parent_that_reads_a_byte_at_a_time_gets_every_byte():
    worker = subprocess.Popen(
        [sys.executable, str(WORKBENCH)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    )
    worker.stdin.write(b"".join(request("health", id=n) for n in range(50)))
    worker.stdin.close()
    output = bytearray()
    while piece := worker.stdout.read(1):
        output += piece
    worker.stdout.close()
    worker.wait(PATIENCE_S)
    assert len(said(bytes(output))) == 50


def test_a_parent_that_only_writes_notifications_hears_nothing():
    done = subprocess.run(
        [sys.executable, str(WORKBENCH)],
        input=notification("test.echo", [1]) * 5000,
        capture_output=True,
        timeout=PATIENCE_S,
        check=True,
    )
    assert done.stdout == b""
    assert json.dumps(done.stderr.decode()) == '""'
