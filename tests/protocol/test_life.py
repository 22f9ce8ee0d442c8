"""How the process begins and ends: descriptors, exit codes, bounds (JSONRPC cases, part C, "Process")."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from doors import PATIENCE_S, ROOT, WORKBENCH, Process, request, said

MODULE = ("-m", "pyworker")
# Draining takes two seconds at most, flushing and logging less than one.
GONE_S = 3.0

# Everything that may be loaded when `health` is answered; each costs every start of the application.
COLD = {
    "_json",
    "_queue",
    "_weakrefset",
    "threading",
    "protocol",
    "protocol.connection",
    "protocol.errors",
    "protocol.json_text",
    "protocol.lines",
    "protocol.messages",
    "protocol.posix",
    "protocol.spill",
    "protocol.stdio",
    "pyworker",
    "pyworker.call",
    "pyworker.errors",
    "pyworker.guard",
    "pyworker.health",
    "pyworker.lanes",
    "pyworker.launcher",
    "pyworker.log",
    "pyworker.main",
    "pyworker.methods",
    "pyworker.policy",
    "pyworker.settings",
    "pyworker.worker",
}
# What `python -m` and the interpreter's own start bring along.
ALREADY_THERE = "import runpy, sys, os; print(*sys.modules)"


def bare_modules():
    return set(subprocess.check_output([sys.executable, "-c", ALREADY_THERE], text=True, cwd=ROOT).split())


def test_only_the_allowed_modules_are_loaded_when_health_is_answered():
    program = (
        "import sys; sys.argv = ['pyworker']; import os\n"
        "from pyworker import worker\n"
        "real = worker.Worker._send\n"
        "def send(self, data):\n"
        "    os.write(2, ('MODULES ' + ' '.join(sys.modules) + '\\n').encode()); real(self, data)\n"
        "worker.Worker._send = send\n"
        "import runpy; runpy.run_module('pyworker', run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=request("health"),
        capture_output=True,
        cwd=ROOT,
        timeout=PATIENCE_S,
        check=True,
    )
    [line] = [line for line in done.stderr.decode().splitlines() if line.startswith("MODULES ")]
    loaded = set(line.split()[1:]) - bare_modules()
    assert loaded - COLD == set()


def test_the_end_of_the_input_ends_the_worker():
    with Process(program=MODULE) as worker:
        worker.send(request("health"))
        assert worker.answer(1)["result"]["status"] == "ok"
        assert worker.end() == 0


def test_what_is_under_way_at_the_end_of_the_input_may_finish():
    with Process() as worker:
        worker.send(request("test.wait", {"timeout_ms": 1000}))
        assert worker.end() == 0
        assert worker.answer(1)["result"] == "waited"


@pytest.mark.parametrize("ending", ["eof", "shutdown", "sigterm", "sigint"])
def test_a_hung_handler_keeps_the_worker_no_longer_than_the_drain(ending):
    with Process() as worker:
        worker.send(request("test.hang", id=1), request("health", id=2))
        worker.answer(2)
        started = time.monotonic()
        if ending == "eof":
            worker.popen.stdin.close()
        elif ending == "shutdown":
            worker.send(request("shutdown", id=3))
        else:
            worker.popen.send_signal(signal.SIGTERM if ending == "sigterm" else signal.SIGINT)
        assert worker.wait() == 0
        assert time.monotonic() - started < GONE_S
        assert worker.answer(1)["error"]["data"]["kind"] == "closing"
        if ending == "shutdown":
            assert worker.answer(3)["result"] is None


def test_new_work_is_refused_while_the_worker_leaves():
    with Process() as worker:
        worker.send(request("test.hang", id=1), request("shutdown", id=2), b"\n")
        worker.answer(2)
        time.sleep(0.2)
        worker.send(request("test.echo", id=3))
        assert worker.answer(3)["error"]["data"]["kind"] == "closing"
        assert worker.wait() == 0


def test_a_broken_stdout_ends_the_worker_with_3():
    with Process() as worker:
        worker.send(request("health"))
        worker.answer(1)
        reader, writer = os.pipe()
    reader, writer = os.pipe()
    with Process(stdout=writer) as worker:
        os.close(writer)
        os.close(reader)
        worker.send(request("health"))
        assert worker.wait() == 3


def test_a_stdout_that_was_closed_from_the_start_ends_the_worker_with_3():
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$0" -m pyworker >&-', sys.executable],
        input=request("health"),
        cwd=ROOT,
        timeout=PATIENCE_S,
        stderr=subprocess.PIPE,
        check=False,
    )
    assert done.returncode == 3


@pytest.mark.parametrize("redirection", ["<&-", "</dev/null", "2>&-", "<&- 2>&-", ">&- 2>&- <&-"])
def test_closed_and_empty_descriptors_at_the_start(redirection):
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" -m pyworker {redirection}', sys.executable],
        cwd=ROOT,
        input=b"" if "<" in redirection else request("health"),
        stdout=subprocess.PIPE,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == (3 if ">&- 2" in redirection else 0)
    assert len(said(done.stdout)) == (0 if "<" in redirection else 1)


def test_a_file_as_input(tmp_path):
    (tmp_path / "requests").write_bytes(request("health", id=1) + request("test.echo", [5], 2))
    with open(tmp_path / "requests", "rb") as file:
        done = subprocess.run(
            [sys.executable, str(WORKBENCH)], stdin=file, capture_output=True, timeout=PATIENCE_S, check=True
        )
    assert {line["id"] for line in said(done.stdout)} == {1, 2}


def test_a_parent_that_is_gone_ends_the_worker_with_4():
    parent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with Process("--parent-pid", str(parent.pid)) as worker:
        worker.send(request("test.hang", id=1), request("health", id=2))
        worker.answer(2)
        parent.kill()
        parent.wait()
        assert worker.wait(GONE_S) == 4


def test_a_killed_parent_takes_the_worker_with_it_even_in_a_hung_handler():
    program = (
        "import subprocess, sys, time\n"
        f"worker = subprocess.Popen([sys.executable, {str(WORKBENCH)!r}],\n"
        "                          stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        'worker.stdin.write(b\'{"jsonrpc":"2.0","id":1,"method":"test.hang"}\\n'
        '{"jsonrpc":"2.0","id":2,"method":"health"}\\n\'); worker.stdin.flush()\n'
        "worker.stdout.readline()\n"
        "print(worker.pid, flush=True); time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    end = time.monotonic() + GONE_S
    while alive(pid):
        assert time.monotonic() < end, "the worker outlived its parent"
        time.sleep(0.02)


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_no_thread_aborts_the_interpreter_at_its_end():
    for run in range(100):
        done = subprocess.run(
            [sys.executable, str(WORKBENCH)],
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
            input=request("health", id=1) + (request("test.echo", [1], 2) if run % 10 == 0 else b""),
        )
        assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--nonsense"], "--nonsense"),
        (["--policy-mode", "all"], "--policy-mode"),
        (["--policy-mode"], "--policy-mode"),
        (["--data-dir", "/no/such/folder"], "--data-dir"),
        (["--artifact-dir=/no/such"], "--artifact-dir"),
        (["--adb-key", "/no/such/key"], "--adb-key"),
        (["--usbmuxd", "nowhere"], "--usbmuxd"),
        (["--adb-server", "x:1"], "--adb-server"),
        (["--allow-device", "phone.local:5555"], "--allow-device"),
        (["--parent-pid", "me"], "--parent-pid"),
        (["--record", "/no/such/folder/x"], "--record"),
        (["--log-level", "loud"], "--log-level"),
        (["extra"], "extra"),
    ],
)
def test_a_wrong_flag_is_one_clear_line_and_exit_2(options, named):
    done = subprocess.run(
        [sys.executable, "-m", "pyworker", *options],
        input=b"",
        capture_output=True,
        cwd=ROOT,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, b"")
    [line] = done.stderr.decode().splitlines()
    assert named in line


@pytest.mark.parametrize("name", ["USBMUXD_SOCKET_ADDRESS", "ADB_SERVER_SOCKET", "ANDROID_ADB_SERVER_PORT"])
def test_a_wrong_variable_is_named_too(name):
    done = subprocess.run(
        [sys.executable, "-m", "pyworker"],
        input=b"",
        capture_output=True,
        cwd=ROOT,
        timeout=PATIENCE_S,
        check=False,
        env={**os.environ, name: "nonsense"},
    )
    assert done.returncode == 2
    assert name in done.stderr.decode()


@pytest.mark.parametrize("flag", ["--help", "--version"])
def test_help_and_version_are_for_people(flag):
    done = subprocess.run(
        [sys.executable, "-m", "pyworker", flag], capture_output=True, cwd=ROOT, timeout=PATIENCE_S, check=True
    )
    assert done.stdout.startswith(b"usage: pyworker" if flag == "--help" else b"py-worker-")


@pytest.mark.parametrize(
    "extra",
    [
        {"PYTHONUNBUFFERED": "1"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONDONTWRITEBYTECODE": "1"},
        {"PYTHONWARNINGS": "error"},
        {"HOME": "/nonexistent"},
        {"LC_ALL": "C"},
    ],
)
def test_the_environment_does_not_change_the_wire(extra):
    with Process(env={**os.environ, **extra}) as worker:
        worker.send(request("test.echo", ["żółć"], 1))
        assert worker.answer(1)["result"] == "żółć"
        assert worker.end() == 0


def test_isolated_mode_with_the_folder_as_the_program(tmp_path):
    app = tmp_path / "an app folder"
    app.mkdir()
    for package in ("protocol", "pyworker", "schemas"):
        (app / package).symlink_to(ROOT / package)
    (app / "__main__.py").write_text("from pyworker.__main__ import main\n\nmain()\n")
    done = subprocess.run(
        [sys.executable, "-I", "-X", "utf8", "-B", str(app)],
        input=request("health"),
        capture_output=True,
        timeout=PATIENCE_S,
        check=True,
        cwd="/",
    )
    assert said(done.stdout)[0]["result"]["status"] == "ok"


def test_stdin_reads_as_empty_inside_and_the_wire_is_not_disturbed():
    with Process() as worker:
        worker.send(request("test.read_input"))
        assert worker.answer(1)["result"] == ["", ""]
        worker.send(request("health", id=2))
        assert worker.answer(2)["result"]["status"] == "ok"


def test_stopped_and_continued():
    with Process() as worker:
        worker.send(request("health", id=1))
        worker.answer(1)
        worker.popen.send_signal(signal.SIGSTOP)
        worker.send(request("health", id=2))
        time.sleep(0.2)
        worker.popen.send_signal(signal.SIGCONT)
        assert worker.answer(2)["result"]["status"] == "ok"


def test_sigterm_in_the_middle_of_a_large_answer_leaves_whole_lines():
    with Process() as worker:
        worker.send(*(request("test.big", {"size": 1_000_000}, id) for id in range(8)))
        worker.answer(0)
        worker.popen.send_signal(signal.SIGTERM)
        assert worker.wait() == 0
        assert all(len(json.dumps(line)) > 50 for line in worker.lines)


def test_a_parent_that_died_is_not_waited_for_with_work_under_way():
    program = (
        "import os, subprocess, sys, time\n"
        f"worker = subprocess.Popen([sys.executable, {str(WORKBENCH)!r}, '--parent-pid', str(os.getpid())],\n"
        "                          stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        'worker.stdin.write(b\'{"jsonrpc":"2.0","id":1,"method":"test.hang"}\\n'
        '{"jsonrpc":"2.0","id":2,"method":"health"}\\n\'); worker.stdin.flush()\n'
        "worker.stdout.readline()\n"
        "print(worker.pid, flush=True); time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    end = time.monotonic() + 1.5
    while alive(pid):
        assert time.monotonic() < end, "the worker waited for nobody"
        time.sleep(0.02)


@pytest.fixture
def attended():
    """Whoever runs the tests with nohup does not mean the workers in them."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def test_a_closed_terminal_ends_it_like_any_other_end(attended):
    import glob

    with Process("--usbmuxd", "127.0.0.1:9", "--adb-server", "none", program=MODULE) as worker:
        worker.ask("devices.list")
        [folder] = glob.glob(f"/tmp/pyworker-{worker.popen.pid}-*")
        worker.popen.send_signal(signal.SIGHUP)
        assert worker.popen.wait(PATIENCE_S) == 0
        assert not os.path.exists(folder)


def test_nohup_is_respected():
    with Process(program=("-c", "import signal, runpy, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN);"
                          "sys.argv = ['pyworker']; runpy.run_module('pyworker', run_name='__main__')")) as worker:
        worker.ask("health")
        worker.popen.send_signal(signal.SIGHUP)
        assert worker.ask("health")["status"] == "ok"
        assert worker.end() == 0


def test_descriptors_that_do_not_wait_are_made_to():
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    with ours, theirs, Process(program=MODULE, stdin=theirs, stdout=theirs) as worker:
        theirs.close()
        time.sleep(0.2)
        assert worker.popen.poll() is None
        ours.sendall(request("health"))
        assert b'"ok"' in ours.recv(4096)
        ours.close()
        assert worker.popen.wait(PATIENCE_S) == 0


def test_answers_that_went_nowhere_are_no_clean_end():
    with open("/dev/full", "wb") as full:
        done = subprocess.run([sys.executable, "-m", "pyworker"], input=request("health"), stdout=full,
                              cwd=ROOT, timeout=PATIENCE_S, check=False)
    assert done.returncode == 3
