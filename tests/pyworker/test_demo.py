"""The demo: what it shows, and what it leaves behind."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120


def demo(folder, *options):
    environment = {**os.environ, "TMPDIR": str(folder), "TEMP": str(folder), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "pyworker.demo", *options], env=environment, capture_output=True, text=True,
        timeout=PATIENCE_S, check=False)


def test_it_names_the_folder_that_stays_and_leaves_nothing_else(tmp_path):
    done = demo(tmp_path)
    assert done.returncode == 0, done.stderr
    [report] = tmp_path.rglob("*.pdf")
    assert f"{report} and stays there" in done.stdout
    [folder] = tmp_path.iterdir()
    assert report.is_relative_to(folder)
    assert report.read_bytes().startswith(b"%PDF")


def test_without_a_report_nothing_stays(tmp_path):
    done = demo(tmp_path, "--policy-mode", "basic")
    assert done.returncode == 1
    assert "pyworker.demo:" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_report_goes_where_it_was_asked_for(tmp_path):
    (tmp_path / "mine").mkdir()
    done = demo(tmp_path, "--artifact-dir", str(tmp_path / "mine"))
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    assert (tmp_path / "mine" / "demo" / "report.pdf").exists()
