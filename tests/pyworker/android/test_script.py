"""The script against real shells, and the frames against every way the bytes can arrive."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyworker.android import script
from pyworker.android.frames import Began, Ended, Frames, Piece

SHELLS = [shell for shell in ("mksh", "sh") if shutil.which(shell)]

# What a frame has to survive, and the (output, status) it must show.
NASTY: dict[str, tuple[bytes, int]] = {
    "exit 7": (b"", 7),
    "exec echo replaced": (b"replaced\n", 0),
    "cd /; pwd": (b"/\n", 0),
    "set -e; false; echo never": (b"", 1),
    "exec >&- 2>&-; echo lost": (b"", 1),
    "printf 'no newline'": (b"no newline", 0),
    "printf 'a\\000b'": (b"a\0b", 0),
    "echo '@000000000000000000000000:0:E:0'": (b"@000000000000000000000000:0:E:0\n", 0),
    "echo \"it's\" 'quoted' \"\\\"twice\\\"\"": (b"it's quoted \"twice\"\n", 0),
    "cat": (b"", 0),
    "read line; echo \"<$line>\"": (b"<>\n", 0),
    "echo shown # a comment": (b"shown\n", 0),
    "echo out; echo err >&2": (b"out\nerr\n", 0),
    "head -c 2000000 /dev/zero | tr '\\0' x": (b"x" * 2_000_000, 0),
    "trap 'echo trapped' EXIT; exit 3": (b"trapped\n", 3),
    "return 4 2>/dev/null || exit 4": (b"", 4),
    "f() { echo hijacked; }; p() { echo hijacked; }; e() { echo hijacked; }; N=x; T=y; true": (b"", 0),
    "printf '%s\\n' first; printf '\\377\\r\\n'": (b"first\n\xff\r\n", 0),
}


class Run:
    """The frames of one run, put together again."""

    def __init__(self) -> None:
        self.output: dict[int, bytes] = {}
        self.status: dict[int, int] = {}
        self.complete = False


def take_apart(nonce: str, output: bytes, size: int = 65536) -> Run:
    frames, run = Frames(nonce), Run()
    for start in range(0, len(output), size):
        for event in frames.feed(output[start:start + size]):
            match event:
                case Began(index):
                    run.output[index] = b""
                case Piece(index, data):
                    run.output[index] += data
                case Ended(index, status):
                    run.status[index] = status
    run.complete = frames.complete
    return run


def execute(shell: str, commands: list[str], phone_limit: int = script.NO_PHONE_LIMIT) -> Run:
    nonce = script.new_nonce()
    text = script.build(commands, nonce, phone_limit)
    done = subprocess.run([shell, "-c", text], stdin=subprocess.PIPE, capture_output=True, timeout=30, check=False)
    return take_apart(nonce, done.stdout)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("phone_limit", [script.NO_PHONE_LIMIT, 8])
def test_each_nasty_command_stays_in_its_frame(shell: str, phone_limit: int) -> None:
    run = execute(shell, list(NASTY), phone_limit)
    assert run.complete
    assert [run.output[i] for i in range(len(NASTY))] == [
        expected for expected, _ in NASTY.values()]
    for index, (command, (_, status)) in enumerate(NASTY.items()):
        assert (run.status[index] == 0) == (status == 0), command


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("broken", ["echo 'open", "if then", "echo )", "for", "${"])
def test_a_syntax_error_costs_only_its_own_frame(shell: str, broken: str) -> None:
    run = execute(shell, ["echo before", broken, "echo after"])
    assert run.complete
    assert (run.output[0], run.output[2]) == (b"before\n", b"after\n")
    assert run.status[1] != 0


@pytest.mark.parametrize("shell", SHELLS)
def test_a_hanging_service_is_ended_by_the_phone_where_it_has_timeout(shell: str, tmp_path, monkeypatch) -> None:
    hanging = tmp_path / "dumpsys"
    hanging.write_text("#!/bin/sh\necho begun\nexec sleep 20\n")
    hanging.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    run = execute(shell, ["dumpsys battery", "echo after"], phone_limit=1)
    assert run.complete
    assert run.status[0] in script.TIMED_OUT
    assert run.output == {0: b"begun\n", 1: b"after\n"}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_phone_without_timeout_runs_the_same_script(shell: str, tmp_path, monkeypatch) -> None:
    (tmp_path / "dumpsys").write_text("#!/bin/sh\necho \"$@\"\n")
    (tmp_path / "dumpsys").chmod(0o755)
    for program in ("cat", "sh"):
        (tmp_path / program).symlink_to(shutil.which(program))
    full = shutil.which(shell)
    monkeypatch.setenv("PATH", str(tmp_path))
    run = execute(full, ["dumpsys battery -x", "echo after"], phone_limit=8)
    assert run.complete
    assert run.output == {0: b"battery -x\n", 1: b"after\n"}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_list_of_processes_that_shows_the_script_forges_nothing(shell: str) -> None:
    nonce = script.new_nonce()
    text = script.build(["tr '\\0' '\\n' </proc/$$/cmdline", "echo after"], nonce, 8)
    done = subprocess.run([shell, "-c", text], capture_output=True, timeout=30, check=False)
    run = take_apart(nonce, done.stdout)
    assert nonce.encode() in run.output[0]
    assert run.output[1] == b"after\n"
    assert run.complete


def test_a_script_that_was_cut_never_looks_complete() -> None:
    nonce = script.new_nonce()
    text = script.build(["echo one", "echo two"], nonce, 0)
    whole = subprocess.run(["sh", "-c", text], capture_output=True, timeout=30, check=True).stdout
    for length in range(len(whole)):
        run = take_apart(nonce, whole[:length])
        assert not run.complete
        for index in run.status:
            assert run.output[index] == (b"one\n", b"two\n")[index]


def test_lines_that_end_in_cr_lf_are_understood() -> None:
    run = take_apart("@n", b"@n:0:B\r\none\r\n@n:0:E:0\r\n@n:1:B\r\n@n:1:E:127\r\n@n:END\r\n", 3)
    assert run.complete
    assert run.output == {0: b"one\r\n", 1: b""}
    assert run.status == {0: 0, 1: 127}


def test_what_stands_outside_the_frames_is_dropped() -> None:
    run = take_apart("@n", b"WARNING: linker: x\n@n:0:B\nin@n:0:E:0\nbetween\n@n:1:B\n@n:1:E:0\n@n:END\nafter @n:2:B\n")
    assert run.output == {0: b"in", 1: b""}
    assert run.complete


@pytest.mark.parametrize("early", [b"@n:1:B\n", b"@n:0:E:0\n", b"@n:7:E:0\n"])
def test_a_marker_that_is_not_due_is_no_marker(early: bytes) -> None:
    run = take_apart("@n", early + b"@n:0:B\n" + b"@n:1:E:0\n" + b"@n:END\n" + b"@n:0:E:3\n@n:END\n")
    assert run.output == {0: b"@n:1:E:0\n@n:END\n"}
    assert run.status == {0: 3}
    assert run.complete


# Output full of almost-markers, so that the search is tried where it could go wrong.
OUTPUTS = st.lists(st.sampled_from([b"@n", b"@", b":0:B\n", b":0:E:0", b":END\n", b"\n", b"x", b"\0", b":1:E:0\r"]),
                   max_size=12).map(b"".join)


@given(outputs=st.lists(st.tuples(OUTPUTS, st.integers(0, 255)), max_size=5), size=st.integers(1, 40))
def test_frames_are_the_same_however_the_bytes_arrive(outputs: list[tuple[bytes, int]], size: int) -> None:
    nonce = "@nonce-nonce"
    sent = b"".join(b"%s:%d:B\n%s%s:%d:E:%d\n" % (nonce.encode(), i, data, nonce.encode(), i, status)
                    for i, (data, status) in enumerate(outputs)) + nonce.encode() + b":END\n"
    run = take_apart(nonce, sent, size)
    assert run.complete
    assert [(run.output[i], run.status[i]) for i in range(len(outputs))] == outputs


@given(data=st.binary(max_size=300), size=st.integers(1, 50))
def test_no_input_makes_the_frames_fail_or_keep_more_than_a_marker(data: bytes, size: int) -> None:
    frames = Frames("@n")
    for start in range(0, len(data), size):
        frames.feed(data[start:start + size])
        assert len(frames._kept) < 40


COMMANDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=200)


@given(st.lists(COMMANDS, max_size=10), st.sampled_from((0, *script.PHONE_LIMITS)))
def test_a_script_read_back_gives_its_commands(commands: list[str], phone_limit: int) -> None:
    for group in script.split(commands):
        chosen = [commands[i] for i in group]
        assert script.commands_of(script.build(chosen, script.new_nonce(), phone_limit)) == tuple(chosen)


@given(st.lists(COMMANDS, min_size=1, max_size=120))
def test_split_keeps_order_and_every_part_fits(commands: list[str]) -> None:
    groups = script.split(commands)
    assert [i for group in groups for i in group] == list(range(len(commands)))
    for group in groups:
        text = script.build([commands[i] for i in group], script.new_nonce(), 8)
        assert len(("shell,v2,raw:" + text).encode()) <= script.SERVICE_LIMIT


@pytest.mark.parametrize("tampered", [
    "", "id", "echo hello\n",
    script.build(["id"], script.new_nonce(), 8).replace("id", "id';reboot;'", 1),
    script.build(["id"], script.new_nonce(), 8) + ";reboot",
    script.build(["id"], script.new_nonce(), 8) + "\nreboot",
    "reboot\n" + script.build(["id"], script.new_nonce(), 8),
    script.build(["id"], script.new_nonce(), 8).replace("|cat", "|tee x"),
    script.build(["id"], script.new_nonce(), 8).replace("timeout 8", "timeout 9"),
    script.build(["id"], script.new_nonce(), 8).replace("e 0", "e 1"),
    script.build(["id"], script.new_nonce(), 8).replace("e 0", "p 0"),
])
def test_no_other_text_is_taken_for_a_script(tampered: str) -> None:
    assert script.commands_of(tampered) is None


def test_a_tampered_command_is_read_as_what_the_shell_would_run() -> None:
    text = script.build(["id'\nreboot\n'"], script.new_nonce(), 8)
    assert script.commands_of(text) == ("id'\nreboot\n'",)


def test_too_much_for_one_script_is_an_error_and_never_sent_cut() -> None:
    with pytest.raises(ValueError, match="fit"):
        script.build(["x" * 3900], script.new_nonce(), 8)
    with pytest.raises(ValueError, match="fit"):
        script.split(["x" * 4000])
