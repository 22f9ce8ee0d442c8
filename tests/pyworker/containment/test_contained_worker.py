"""Containment in a real worker: what it says of itself, what it refuses at the start, and that ordinary work never hits it."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from doors import PATIENCE_S, ROOT, WORKBENCH, Process, request

from pyworker.virtual.bench import Bench

MODULE = ("-m", "pyworker")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the kernel layers are Linux's")


def test_before_the_first_device_request_nothing_is_up_yet():
    with Process(program=MODULE) as worker:
        contained = worker.ask("policy.get")["containment"]
        assert (contained["hook"], contained["pending"]) == ("off", True)


@on_linux
def test_after_it_every_layer_is():
    with Process("--usbmuxd", "127.0.0.1:9", "--adb-server", "none", program=MODULE) as worker:
        worker.ask("devices.list")
        assert worker.ask("policy.get")["containment"] == {
            "hook": "sealed",
            "pending": False,
            "landlock_abi": landlock(),
            "seccomp": True,
            "denials": 0,
        }


def landlock():
    import ctypes

    return ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1)


@on_linux
def test_on_demand_every_layer_is_up_before_a_request_is_read():
    with Process("--require-containment", program=MODULE) as worker:
        contained = worker.ask("policy.get")["containment"]
        assert (contained["hook"], contained["pending"]) == ("sealed", False)
        assert worker.end() == 0


@on_linux
@pytest.mark.parametrize("missing", ["landlock", "seccomp"])
def test_a_missing_layer_ends_the_start_with_5_before_a_request_is_read(missing):
    program = (
        f"import sys; sys.argv = ['pyworker', '--require-containment']; sys.path.insert(0, {str(ROOT)!r})\n"
        "from protocol import stdio; taken = stdio.take()\n"
        f"from pyworker.containment import {missing} as layer\n"
        + ("layer.restrict = lambda *_: None\n" if missing == "landlock" else "layer.install = lambda: False\n")
        + "from pyworker.main import main; main(taken)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=request("health"), capture_output=True, timeout=PATIENCE_S, check=False
    )
    assert (done.returncode, done.stdout) == (5, b"")
    assert missing in done.stderr.decode()


@pytest.fixture(scope="module")
def bench():
    with Bench(["iphone-clean", "iphone-owner-locked", "android-clean", "android-company"]) as bench:
        yield bench


@pytest.mark.parametrize("with_folder", [True, False])
def test_ordinary_work_is_never_denied_anything(bench, tmp_path, with_folder):
    options = ["--artifact-dir", str(tmp_path)] if with_folder else []
    with Process(*bench.options, *options, program=MODULE) as worker:
        for device in worker.ask("devices.list")["data"]["devices"]:
            who = {"device_id": device["device_id"]}
            basic = worker.ask("inspect.basic", **who)
            deep = worker.ask("inspect.deep", **who)
            worker.ask("logs.collect", **who, duration_ms=300)
            content = {"device": basic["data"]["device"], "results": {"inspect.basic": basic, "inspect.deep": deep}}
            for format in ("pdf", "html", "json"):
                worker.ask("report.format", report_id="r", format=format, content=content)
        assert worker.ask("policy.get")["containment"]["denials"] == 0


def test_nothing_is_left_in_the_temporary_folder(bench, tmp_path):
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with Process(*bench.options, program=MODULE, env=environment) as worker:
        worker.ask("inspect.basic", device_id=bench.iphones["iphone-clean"].udid)
        assert next(path.name for path in tmp_path.iterdir()).startswith("pyworker-")
        assert worker.end() == 0
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_worker_left_is_swept_by_the_next(bench, tmp_path):
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    for _ in range(2):
        with Process(*bench.options, program=MODULE, env=environment) as worker:
            worker.ask("devices.list")
            worker.popen.kill()
            worker.wait()
        assert len(list(tmp_path.iterdir())) == 1


def test_the_home_folder_is_neither_read_as_code_nor_written(bench, tmp_path):
    (tmp_path / ".reportlab_settings").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    with Process(*bench.options, program=MODULE, env={**os.environ, "HOME": str(tmp_path)}) as worker:
        for phone in (bench.iphones["iphone-clean"].udid, bench.androids["android-clean"].serial):
            worker.ask("inspect.basic", device_id=phone)
        worker.ask(
            "report.format", report_id="r", format="pdf", content={"device": {"device_id": "d", "platform": "ios"}}
        )
        worker.end()
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


@on_linux
def test_every_attempt_fails_in_a_real_worker():
    with tempfile.TemporaryDirectory() as folder:
        artifacts = Path(folder, "artifacts")
        artifacts.mkdir()
        Path(folder, "witness").write_text("untouched")
        with Process("--artifact-dir", str(artifacts), program=(str(WORKBENCH),)) as worker:
            said = worker.ask("test.attack", folder=str(artifacts))
            assert [name for name, success in said["attempts"].items() if success] == []
            assert all(said["wanted"].values())
            assert worker.ask("policy.get")["containment"]["denials"] > 0
        assert Path(folder, "witness").read_text() == "untouched"


def test_an_artifact_folder_that_vanished_is_an_error_of_the_request(tmp_path):
    folder = tmp_path / "artifacts"
    folder.mkdir()
    with Process("--artifact-dir", str(folder), program=MODULE) as worker:
        worker.ask("health")
        folder.rmdir()
        content = {"device": {"device_id": "d", "platform": "ios"}}
        refused = worker.refused("report.format", report_id="r", format="json", content=content)
        assert refused["data"]["kind"] == "artifact_failed"
        assert worker.ask("health")["status"] == "ok"
