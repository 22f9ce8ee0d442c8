"""The shell of a virtual phone beyond the language: terminals, standard input, frames, sizes, and ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from virtual_android_host import Host, ask, connected, exactly, frames, public_key

from pyworker.virtual.android import Output, VirtualAdbd, VirtualAdbServer, VirtualAndroid
from pyworker.virtual.android.files import FileTree
from pyworker.virtual.android.mksh import Shell, Signals
from pyworker.virtual.android.mksh.descriptors import Collected, Null
from pyworker.virtual.android.mksh.signals import TimeUp

NONCE = "@0123456789abcdef01234567"
# What a batch has to survive: each is one command of it.
NASTY = [
    "dumpsys battery", "exit 3", "exec echo gone", "set -e; false; echo never", "cd /proc; pwd", "exec >&-; echo lost", "exec <&-; cat",
    "cat", "read x", f"echo '{NONCE}:4:E:0'", "printf 'no newline'", "printf 'a\\0b'", "echo x # a comment", "echo 'quote", "if", "echo $(",
    "N=other; echo $N", "sleep 0.2 & echo background", "nosuch", "echo err >&2", "timeout 0.3 sleep 9", "true | false", "trap 'echo trapped' EXIT",
    "unset N", "f() { return 9; }; f", "head -c 2000000 /proc/version", "ls -d /nope /proc", "PATH=; echo still", "sh -c 'exit 7'", "eval 'exit 8'",
]


@pytest.fixture(scope="module")
def phone() -> VirtualAndroid:
    return VirtualAndroid.load("android-clean")


@pytest.fixture(scope="module")
def server(phone: VirtualAndroid) -> Iterator[VirtualAdbServer]:
    with VirtualAdbServer([phone]) as server:
        yield server


@pytest.fixture(scope="module")
def old_server() -> Iterator[VirtualAdbServer]:
    with VirtualAdbServer([VirtualAndroid.load("android-5")]) as server:
        yield server


def run(server: VirtualAdbServer, service: str) -> bytes:
    answer = ask(server.address, "host:transport-any", service)
    assert answer[:4] == b"OKAY", answer
    return answer[4:]


def batch(commands: list[str], quote: bool) -> str:
    lines = [f"{{ N={NONCE}"]
    for index, command in enumerate(commands):
        text = "eval '" + command.replace("'", "'\\''") + "'" if quote else command
        lines.append(f'echo "$N:{index}:B"; ( {text}\n); echo "$N:{index}:E:$?"')
    return "\n".join([*lines, 'echo "$N:END"', "} </dev/null 2>&1 | cat"])


@pytest.mark.parametrize("way", ["shell,v2,raw:", "exec:", "shell:"])
def test_a_framed_batch_of_nasty_commands_stays_in_its_frames(server: VirtualAdbServer, way: str) -> None:
    data = run(server, way + batch(NASTY, quote=True))
    out = frames(data)[0] if "v2" in way else data
    at = 0
    for index, command in enumerate(NASTY):
        begin = out.find(f"{NONCE}:{index}:B\n".encode(), at)
        at = out.find(f"{NONCE}:{index}:E:".encode(), begin)
        assert 0 <= begin < at, command
    assert out.endswith(f"{NONCE}:END\n".encode())


def test_the_frames_hold_the_statuses(server: VirtualAdbServer) -> None:
    commands = ["true", "exit 3", "dumpsys nosuch", "nosuch", "timeout 0.2 sleep 5", "if", "settings get secure nosuch"]
    out = run(server, "exec:" + batch(commands, quote=True)).decode()
    statuses = [line.rpartition(":")[2] for line in out.splitlines() if ":E:" in line]
    assert statuses == ["0", "3", "0", "127", "124", "1", "0"]
    assert "Can't find service: nosuch" in out
    assert "/system/bin/sh: nosuch: inaccessible or not found" in out


def test_one_syntax_error_loses_an_unquoted_batch(server: VirtualAdbServer) -> None:
    out = run(server, "exec:" + batch(["echo a", "if"], quote=False))
    assert NONCE.encode() not in out
    assert out.startswith(b"/system/bin/sh: syntax error: ")


def test_many_commands_are_answered_in_one_service(server: VirtualAdbServer, phone: VirtualAndroid) -> None:
    commands = [each for each in phone.outputs if each.startswith("dumpsys ")] * 3
    out = run(server, "exec:" + batch(commands, quote=True))
    for index, command in enumerate(commands):
        expected = phone.outputs[command].stdout
        assert isinstance(expected, bytes)
        begin = f"{NONCE}:{index}:B\n".encode()
        assert out.partition(begin)[2].startswith(expected + f"{NONCE}:{index}:E:0\n".encode())


# -- terminals

def test_a_list_of_files_has_columns_only_on_a_terminal(server: VirtualAdbServer, old_server: VirtualAdbServer) -> None:
    assert run(server, "shell:ls /proc").count(b"\n") == 1
    assert run(server, "exec:ls /proc").count(b"\n") == 1
    assert run(server, "exec:ls /proc | cat").count(b"\n") > 1
    assert frames(run(server, "shell,v2,raw:ls /proc"))[0].count(b"\n") > 1
    assert run(old_server, "exec:ls /proc").count(b"\n") > 1, "before Android 7 exec: was no terminal"


def test_what_a_terminal_is_can_be_asked(server: VirtualAdbServer, old_server: VirtualAdbServer) -> None:
    question = "[ -t 0 ] && echo in; [ -t 1 ] && echo out; echo end"
    assert run(server, "shell:" + question) == b"in\nout\nend\n"
    assert frames(run(server, "shell,v2,raw:" + question))[0] == b"end\n"
    assert run(old_server, "exec:" + question) == b"end\n"
    assert run(old_server, "shell:" + question) == b"in\r\nout\r\nend\r\n"


def test_a_v2_terminal_mixes_errors_in_and_turns_line_ends(server: VirtualAdbServer) -> None:
    assert frames(run(server, "shell,v2,TERM=xterm,pty:echo a; echo b >&2; exit 2")) == (b"a\r\nb\r\n", b"", 2)


def test_a_reader_on_a_v1_terminal_waits_for_ever(server: VirtualAdbServer) -> None:
    with connected(server.address, "host:transport-any", "shell:cat; echo end") as connection:
        assert exactly(connection, 4) == b"OKAY"
        connection.settimeout(0.4)
        with pytest.raises(TimeoutError):
            connection.recv(10)


def test_a_background_child_keeps_the_stream_open(server: VirtualAdbServer) -> None:
    begun = time.monotonic()
    assert run(server, "exec:(sleep 0.4; echo child) & echo parent") == b"parent\nchild\n"
    assert time.monotonic() - begun >= 0.4


def test_an_interactive_shell_reads_its_commands_from_standard_input(server: VirtualAdbServer) -> None:
    script = b"x=5\necho $x\nnosuch\nexit 4\necho never\n"
    with connected(server.address, "host:transport-any", "shell,v2,raw:") as connection:
        connection.sendall(b"\0" + len(script).to_bytes(4, "little") + script)
        data = b""
        while piece := connection.recv(4096):
            data += piece
    out, err, status = frames(data[4:])
    assert (out, status) == (b"5\n", 4)
    assert err.endswith(b"nosuch: inaccessible or not found\n")


def test_an_interactive_terminal_prompts_and_echoes(server: VirtualAdbServer) -> None:
    with connected(server.address, "host:transport-any", "shell:") as connection:
        data = b""
        while not data.endswith(b"$ "):
            data += connection.recv(4096)
        connection.sendall(b"echo hi\n")
        while data.count(b"$ ") < 2:
            data += connection.recv(4096)
        connection.sendall(b"exit\n")
        while piece := connection.recv(4096):
            data += piece
    assert data == b"OKAYpanther:/ $ echo hi\r\nhi\r\npanther:/ $ exit\r\n"


# -- sizes and time

def test_a_script_that_no_process_can_be_given_is_an_error_in_the_output() -> None:
    phone = VirtualAndroid.load("android-clean")
    phone.accepted_keys.append(public_key())
    with VirtualAdbd(phone) as daemon, Host(daemon.address) as host:
        host.log_in()
        assert b"Argument list too long" in host.run("exec:: " + "a" * 140_000)
        out, _, status = frames(host.run("shell,v2,raw:: " + "a" * 140_000, 2))
        assert (b"Argument list too long" in out, status) == (True, 126)
        assert host.run("exec:: " + "a" * 130_000, 3) == b""


def test_a_line_of_two_megabytes_arrives_whole(server: VirtualAdbServer, phone: VirtualAndroid) -> None:
    phone.outputs["line"] = Output(b"x" * 2_000_000 + b"\n")
    assert run(server, "exec:line | cat") == b"x" * 2_000_000 + b"\n"
    assert frames(run(server, "shell,v2,raw:line"))[0] == b"x" * 2_000_000 + b"\n"


def test_timeout_exists_only_where_the_phone_has_it(server: VirtualAdbServer, old_server: VirtualAdbServer) -> None:
    begun = time.monotonic()
    assert run(server, "exec:timeout 0.3 sh -c 'sleep 9 | cat'; echo $?") == b"124\n"
    assert time.monotonic() - begun < 5
    assert run(old_server, "exec:timeout 1 true; echo $?") == b"/system/bin/sh: timeout: not found\n127\n"


def test_a_prepared_delay_ends_with_its_timeout(server: VirtualAdbServer, phone: VirtualAndroid) -> None:
    phone.outputs["dumpsys hung"] = Output(b"late\n", delay_s=3600)
    script = "timeout 0.3 dumpsys hung; echo $?; timeout -k 1 0.2 sh -c 'dumpsys hung'; echo $?"
    assert run(server, "exec:" + script) == b"124\n124\n"


@pytest.mark.parametrize("script", [
    "f() { f; }; f", "a='eval $a'; eval $a", "(" * 200 + "true" + ")" * 200, "{ " * 90 + "true" + "; }" * 90, "$(" * 50 + ")" * 50,
    "x=x; echo $((x))",
])
def test_what_recurses_without_end_ends_in_an_error(server: VirtualAdbServer, script: str) -> None:
    assert frames(run(server, "shell,v2,raw:" + script + "; true"))[2] is not None
    assert frames(run(server, "shell,v2,raw:echo ok"))[0] == b"ok\n"


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="abx012 \n\t;&|<>(){}[]$\"'`\\#=!*?-/~:@é\0if", max_size=40))
def test_no_script_breaks_the_shell(script: str) -> None:
    phone = VirtualAndroid({"serial": "V", "sdk": 34}, {}, FileTree({}))
    out = Collected()
    signals = Signals(threading.Event()).within(2)
    try:
        status = Shell(phone, Null(), out, out, signals).run(script.encode().decode("latin-1"))
    except TimeUp:
        return  # an endless loop was typed
    assert 0 <= status <= 255


def test_a_here_document_is_a_write_on_the_phone(server: VirtualAdbServer, phone: VirtualAndroid) -> None:
    before = phone.snapshot()
    assert run(server, "exec:cat <<E\nhere\nE") == b"here\n"
    assert phone.snapshot() != before


def test_output_that_is_read_late_is_all_there(server: VirtualAdbServer, phone: VirtualAndroid) -> None:
    phone.outputs["big"] = Output(lambda: (b"y" * 65536 for _ in range(100)))
    with connected(server.address, "host:transport-any", "exec:big") as connection:
        time.sleep(0.3)
        assert exactly(connection, 4 + 65536 * 100) == b"OKAY" + b"y" * 6553600
        assert connection.recv(1) == b""
