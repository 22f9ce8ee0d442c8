"""The matrix: what each layer stops alone, what the kernel's stop together, and that with all of them nothing comes through.

Each row runs in a process of its own, which seals itself and tries everything in tests/attacks.py.
"""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from attacks import attempts, wanted

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel layers are Linux's")

# What an audit hook cannot see: calls that have no event, native code, and a hook that was found and emptied.
PAST_THE_HOOK = {
    "connect elsewhere natively",
    "connect elsewhere by fast open",
    "connect loopback natively",
    "connect another Unix socket natively",
    "write outside natively on the main thread",
    "connect elsewhere natively on the main thread",
    "type into the terminal",
    "signal another process natively",
    "listen without bind",
    "_posixsubprocess.fork_exec",
    "libc system",
    "libc fork",
    "mkfifo outside",
    "write outside natively",
    "chmod natively",
    "unlink outside natively",
    "truncate natively",
    "ptrace",
    "unshare",
    "clear the hook's tables",
}
# What the kernel's layers leave: loading code that is on the disk, and asking for a name, which no socket then carries.
PAST_THE_KERNEL = {"load a library", "look up a name"}


@cache
def tried(layers: str) -> dict[str, dict[str, bool]]:
    import tempfile

    with tempfile.TemporaryDirectory() as bench:
        folder = Path(bench, "artifacts")
        folder.mkdir()
        Path(bench, "witness").write_text("untouched")
        done = subprocess.run(
            [sys.executable, "-B", str(ROOT / "tests/attacks.py"), layers, str(folder)],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
            cwd=ROOT,
        )
        said = json.loads(done.stdout.splitlines()[-1])
        if layers == "all":
            assert sorted(os.listdir(bench)) == ["artifacts", "witness"]
            assert Path(bench, "witness").read_text() == "untouched"
        return said


def came_through(layers: str) -> set[str]:
    return {name for name, success in tried(layers)["attempts"].items() if success}


def test_without_layers_the_attempts_are_real():
    harmless = {
        "connect elsewhere",
        "bind",
        "subprocess",
        "libc fork",
        "write outside",
        "mkfifo outside",
        "kill",
        "connect elsewhere natively",
        "connect elsewhere by fast open",
        "connect another Unix socket natively",
        "rename by a folder's descriptor",
        "chmod by a reading descriptor",
        "change times outside",
        "signal another process natively",
        "write outside natively on the main thread",
        "netlink socket",
        "load a library",
        "clear the hook's tables",
        "fork",
    }
    assert harmless <= came_through("none")


def test_with_all_layers_nothing_comes_through():
    assert came_through("all") == set()


def test_the_hook_alone_stops_what_goes_through_python():
    assert came_through("hook") <= PAST_THE_HOOK


def test_the_kernel_alone_stops_native_code_too():
    assert came_through("kernel") <= PAST_THE_KERNEL


@pytest.mark.parametrize("layers", ["none", "hook", "landlock", "seccomp", "kernel", "all"])
def test_what_the_worker_needs_comes_through_every_layer(layers):
    assert all(tried(layers)["wanted"].values())


def test_every_attempt_was_made_under_every_layer(tmp_path):
    for layers in ("none", "hook", "kernel", "all"):
        assert set(tried(layers)["attempts"]) == set(attempts(str(tmp_path)))
        assert set(tried(layers)["wanted"]) == set(wanted(str(tmp_path)))
