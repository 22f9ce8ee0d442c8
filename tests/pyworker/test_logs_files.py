"""The files of a collection: there whole or not at all, whatever happens, and nowhere else."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from shutil import rmtree

import pytest
from doors import cancel
from logs_desk import desk

from pyworker.android import log_reads
from pyworker.collecting import sink
from pyworker.virtual.android.logcat import lines
from pyworker.virtual.android.phone import Output

EVERYTHING = log_reads.logcat(log_reads.BUFFERS, True, None, None).request
NAME = "app-2026-11-25-101010.ips"


@pytest.fixture
def android(tmp_path):
    with desk("android-clean", tmp_path) as here:
        yield here


def test_a_cancelled_collection_leaves_no_file(android):
    log = list(lines(20_000_000))
    android.android.outputs[EVERYTHING] = Output(lambda: iter(log))
    android.android.faults.add("shell,v2", "stall", after=5_000_000)
    android.start("c", scope="system", progress_token="p")
    android.worker.until(
        lambda said: next(
            (line for line in said if line.get("method") == "$/progress" and line["params"]["done"] > 10_000), None
        )
    )
    assert android.files() != []
    android.worker.send(cancel("c"))
    assert android.worker.answer("c")["error"]["code"] == -32800
    android.worker.until(lambda _: True if android.files() == [] else None, 5.0)


def test_the_end_of_the_input_in_the_middle_leaves_no_file(tmp_path):
    with desk("android-clean", tmp_path) as here:
        here.android.outputs[EVERYTHING] = Output(lambda: lines(20_000_000))
        here.android.faults.add("shell,v2", "stall", after=5_000_000)
        here.start("c", scope="system", progress_token="p")
        here.worker.until(
            lambda said: next(
                (line for line in said if line.get("method") == "$/progress" and line["params"]["done"] > 10_000), None
            )
        )
        assert here.worker.end() == 0
        # The process may have gone before its thread could tidy up; the next collection does it then.
        assert not [name for name in here.files() if not name.startswith(".logs-")]
    with desk("android-clean", tmp_path) as here:
        here.collect()
        assert not [name for name in here.files() if name.startswith(".")]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_full_disk_is_an_error_that_says_so_and_leaves_no_half_file(tmp_path):
    import resource

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))

    with desk("android-clean", tmp_path, preexec_fn=small_disk) as here:
        here.android.outputs[EVERYTHING] = Output(lambda: lines(5_000_000))
        error = here.refused(scope="system")
        assert (error["code"], error["data"]["kind"]) == (1010, "artifact_failed")
        assert "file too large" in error["message"]
        assert here.files() == []
        assert here.collect(scope="crash")["data"]["log_count"] > 0


def test_a_folder_that_went_away_is_an_error(tmp_path):
    folder = tmp_path / "artifacts"
    folder.mkdir()
    with desk("android-clean", folder) as here:
        rmtree(folder / here.collect(scope="crash")["data"]["folder"])
        folder.rmdir()
        assert here.refused()["data"]["kind"] == "artifact_failed"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_files_are_for_their_owner_alone(android):
    data = android.collect()["data"]
    folder = android.folder / data["folder"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()} == {0o600}


def test_the_same_collection_twice_is_two_folders(android):
    names = {android.collect(scope="crash")["data"]["folder"] for _ in range(3)}
    assert len(names) == 3
    assert {path.name for path in android.folder.iterdir()} == names


def test_what_a_killed_worker_left_is_removed_by_the_next_collection(android):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    leftover = android.folder / f".logs-x-20260101T000000Z.1.{gone.pid}.part"
    (leftover / "reports").mkdir(parents=True)
    (leftover / "reports" / "x").write_bytes(b"x")
    (leftover / "log.txt").write_bytes(b"x")
    running = android.folder / f".logs-y-20260101T000000Z.1.{os.getpid()}.part"
    running.mkdir()
    android.collect(scope="crash")
    assert not leftover.exists()
    assert running.exists()


def test_two_phones_whose_names_look_alike_get_two_folders(tmp_path):
    sinks = [sink.FolderSink(str(tmp_path), name, "20260101T000000Z") for name in ("usb:1-1", "usb_1-1", "usb?1-1")]
    folders = [each.finish()["folder"] for each in sinks]
    assert folders == [
        "logs-usb_1-1-20260101T000000Z",
        "logs-usb_1-1-20260101T000000Z-2",
        "logs-usb_1-1-20260101T000000Z-3",
    ]


@pytest.mark.parametrize(
    "name", ["../../x", "/etc/passwd", "..", "", "a/b", "con", "x\0y", "\u202egnp.exe", "x" * 400, "-rf"]
)
def test_a_report_of_any_name_stays_in_the_folder(tmp_path, name):
    outside = tmp_path / "outside"
    outside.mkdir()
    kept = sink.FolderSink(str(outside), "phone", "20260101T000000Z")
    given = [kept.report(name, b"one"), kept.report(name, b"two")]
    data = kept.finish()
    assert len(set(given)) == 2
    assert [(outside / data["folder"] / each).read_bytes() for each in given] == [b"one", b"two"]
    assert [path.name for path in tmp_path.iterdir()] == ["outside"]
    assert [path.name for path in outside.iterdir()] == [data["folder"]]


def test_an_abandoned_folder_is_gone_before_and_after_it_has_its_name(tmp_path):
    for finished in (False, True):
        kept = sink.FolderSink(str(tmp_path), "phone", "20260101T000000Z")
        kept.write(b"{}\n", b"x\n", 1)
        kept.report(NAME, b"x")
        if finished:
            kept.finish()
        kept.abandon()
        kept.abandon()
        assert list(tmp_path.iterdir()) == []


def test_a_link_in_the_place_of_a_leftover_is_not_followed(tmp_path):
    victim = tmp_path / "victim"
    (victim / "reports").mkdir(parents=True)
    for precious in (victim / "precious", victim / "reports" / "precious"):
        precious.write_bytes(b"x")
    root = tmp_path / "root"
    root.mkdir()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (root / f".logs-x-20260101T000000Z.1.{gone.pid}.part").symlink_to(victim)
    sink.remove_leftovers(str(root))
    assert len(list(victim.rglob("precious"))) == 2
