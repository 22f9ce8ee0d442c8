"""The interpreter against a real mksh: the same scripts, the same output, the same statuses.

The scripts use commands whose output is the same everywhere (stubs on PATH answer for the phone's). Runs where mksh is
installed; CI installs it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from pyworker.virtual.android import Output, VirtualAndroid
from pyworker.virtual.android.files import FileTree
from pyworker.virtual.android.mksh import Shell, Signals
from pyworker.virtual.android.mksh.descriptors import Collected, Null

MKSH = shutil.which("mksh")
STUBS = {
    "dumpsys battery": Output(b"Current Battery Service state:\n  level: 84\n"),
    "getprop ro.product.model": Output(b"Pixel 7\n"),
    "getprop odd": Output(b"no newline at the end"),
    "dumpsys broken": Output(b"half", b"Failure while dumping\n", 3),
    "settings get secure a": Output(b"null\n"),
    "false7": Output(b"", b"", 7),
}
BATCH = """{ N=@0123456789abcdef01234567
echo "$N:0:B"; ( dumpsys battery
); echo "$N:0:E:$?"
echo "$N:1:B"; ( getprop odd
); echo "$N:1:E:$?"
echo "$N:2:B"; ( dumpsys broken
); echo "$N:2:E:$?"
echo "$N:3:B"; ( exit 9 # a comment )
); echo "$N:3:E:$?"
echo "$N:4:B"; ( exec getprop ro.product.model
); echo "$N:4:E:$?"
echo "$N:5:B"; ( set -e; false7; echo never
); echo "$N:5:E:$?"
echo "$N:6:B"; ( cat
); echo "$N:6:E:$?"
echo "$N:7:B"; ( exec >&-; echo lost
); echo "$N:7:E:$?"
echo "$N:8:B"; ( echo "$N:8:E:0"; printf '%s' x
); echo "$N:8:E:$?"
echo "$N:9:B"; ( nosuchcommand
); echo "$N:9:E:$?"
echo "$N:10:B"; ( eval 'if true; then echo yes; fi'
); echo "$N:10:E:$?"
echo "$N:11:B"; ( timeout 0.3 sleep 5
); echo "$N:11:E:$?"
echo "$N:12:B"; ( read x; echo "got $?"
); echo "$N:12:E:$?"
echo "$N:END"
} </dev/null 2>&1 | cat"""

SCRIPTS = [
    BATCH,
    BATCH.replace(" 2>&1 | cat", ""),
    "echo a; echo b && echo c || echo d; false || echo e; false && echo f; echo $?",
    "! true; echo $?; ! false; echo $?",
    "echo 'single $x' \"double $HOME_NOT\" un\\ quoted $'tab\\there'",
    'x="a  b"; echo $x; echo "$x"; echo ${#x} ${x%b} ${x#a} ${x%%" "*} ${x##* }',
    "x=abcabc; echo ${x/b/X} ${x//b/X} ${x:2} ${x:1:2} ${x: -2} ${y:-none} ${y-none} ${y:+set} ${x:+set}",
    "echo ${y:=assigned} $y; echo ${z:?}; echo not reached",
    "echo $((1+2*3)) $((7/2)) $((-7/2)) $((-7%3)) $((1<<4)) $((5>3&&2<1)) $((3>2?10:20)) $((0x1f)) $((~5)) $((!0))",
    "x=5; echo $((x+1)) $((x*=2)) $x; ((x>3)); echo $?; ((0)); echo $?; let x=x+1 y=2; echo $x $y",
    "echo $((2147483647+1)) $((1/0)); echo not reached",
    "for i in 1 2 3; do if [ $i = 2 ]; then continue; fi; echo $i; done; for i in; do echo none; done; echo $?",
    "i=0; while [ $i -lt 5 ]; do i=$((i+1)); [ $i = 3 ] && break; echo $i; done; echo left $i",
    "i=0; until [ $i -ge 2 ]; do echo $i; i=$((i+1)); done",
    "for a in 1 2; do for b in x y; do [ $b = y ] && continue 2; echo $a$b; done; done",
    "case abc in a*) echo star;; abc) echo exact;; esac; case x in [a-w]) echo low;; [!a-w]) echo high;; esac; echo $?",
    "case 'a b' in 'a b'|c) echo yes;; *) echo no;; esac; case none in a) ;; esac; echo $?",
    "f() { echo \"$# $1 $2\"; return 3; }; f a 'b c'; echo $?; g() { local v=in; echo $v; }; v=out; g; echo $v",
    "function h { echo $1; }; h word; unset -f h; h word; echo $?",
    'set -- a \'b c\' d; echo $# $1 $2; for x; do echo "<$x>"; done; for x in "$@"; do echo "[$x]"; done; shift 2; echo $*',
    'set -- "a b" c; printf "<%s>" $*; echo; printf "<%s>" "$*"; echo; printf "<%s>" "$@"; echo; IFS=,; echo "$*"',
    "IFS=:; x=a:b::c; set -- $x; echo $#; printf '[%s]' $x; echo",
    "(exit 5); echo $?; (cd /; pwd); { echo group; }; ( echo sub; exit 2 ) || echo failed $?",
    "echo out; echo err >&2; echo both 2>&1; nosuch 2>/dev/null; echo $?",
    "echo a | cat; echo b | cat | cat; false7 | true; echo $?; true | false7; echo $?",
    "printf 'l1\\nl2\\nl3\\n' | while read line; do echo \"<$line>\"; done; echo x | { read y; echo $y; }",
    "echo 'a b  c' | { read p q r; echo \"$p|$q|$r\"; }; printf 'a\\\\nb\\n' | { read -r x; echo \"$x\"; }",
    "printf '%s-%d|%5s|%-5s|%05d|%x|%o|%c|%%\\n' a 3 r l 42 255 8 xyz; printf '%s %s\\n' a b c; printf '%b' 'x\\ty\\n'",
    "printf '%.2s|%10.3f|%e\\n' abcdef 3.14159 1000; printf '\\101\\x42\\n'; printf nonewline",
    "echo -n a; echo b; echo 'c\\td'; echo -e 'e\\nf'; echo -E 'g\\nh'; echo 'stop\\chere'; echo; echo -n -e 'x\\n'; echo -- -n",
    "[ -n '' ]; echo $?; [ -z '' ]; echo $?; [ a = b -o c = c ]; echo $?; [ a = a -a ! b = c ]; echo $?; [ ]; echo $?; [ x ]; echo $?",
    "[ 2 -gt 1 ] && echo gt; [ 1 -le 1 ] && echo le; [ abc != abd ] && echo ne; test -d / && echo dir; test -f / || echo nofile",
    "[ -t 0 ]; echo $?; [ -e /nonexistent ]; echo $?; [ '(' = '(' ]; echo $?; [ -n ]; echo $?; [ ! ]; echo $?; [ 1 -eq 1",
    "[[ abc == a* ]] && echo m; [[ abc == 'a*' ]] || echo q; [[ -n x && ( 1 -lt 2 || -z x ) ]] && echo both; [[ ! a = b ]]; echo $?",
    'x=$(echo inner; echo two); echo "$x"; y=`echo back\\`echo nested\\``; echo $y; echo $(echo $(echo deep)); x=$(false7); echo $?',
    "echo $(exit 4); echo $?; x=$(exit 4) ; echo $?; z=1 w=$(exit 6); echo $?",
    "echo {a,b}{1,2} x{,y} '{q,r}' {single} a{b,c{d,e}}f",
    "eval 'x=1; echo $x'; eval echo '$x'; eval 'exit 3'; echo not reached",
    "set -e; true; false || true; if false; then :; fi; ! true; echo still; false7; echo not reached",
    "set -u; echo ${undefined-ok}; echo $undefined; echo not reached",
    "trap 'echo bye $?' EXIT; echo hi; exit 4",
    "exec 3>&1; echo three >&3; exec 3>&-; echo x >&3; echo $?; { echo to3; } 3>&1 >&3",
    "command -v echo nosuch; echo $?; command -v nosuch; echo $?; type echo; whence echo; command echo direct",
    "echo one & wait; echo $?; (sleep 0.1; exit 3) & wait $!; echo $?",
    "false7 && echo no; echo $?; true && false7 || echo or $?; { false7; }; echo $?",
    "if false; then echo a; elif true; then echo b; else echo c; fi; if false; then :; fi; echo $?",
    "x=1; x=2 eval 'echo $x'; echo $x; A=env sh -c 'echo $A' | cat",
    "set -e; { ! true; }; { false || false7; } && :; if ! true; then :; fi; echo still here; (false7); echo not reached",
    "set -u; echo ${#undefined}; echo not reached",
    "exit ab; echo not reached",
    "exit 1 2; echo not reached",
    "continue p; echo not reached",
    "read 0; echo $?; read -r a b </dev/null; echo $?",
    "shift q; echo $?; shift '' 5; echo $?; local 0; echo $?",
    "for x in ; do echo never; done; for x in a b; do break 1; done; echo $x",
    "# only a comment",
    "",
    "   \n\n  ",
    ";",
    "echo a;;",
    "echo (",
    "echo )",
    "if true; then",
    "{ echo a;",
    "( echo a",
    "echo 'open",
    'echo "open',
    "echo $(",
    "for",
    "for 1 in a; do :; done",
    "while true; do",
    "case x in",
    "fi",
    "echo a\necho b\nif\necho c",
    "echo a\n)",
    "| cat",
    "echo a |",
    "echo a &&",
    "&& echo a",
    "cat <<E\nnever closed",
    "cat <<E\nhi $((1+1)) \\$x `echo q`\nE\necho after",
    "cat <<'E'\nraw $x\nE",
    "cat <<-E\n\ttabbed\n\tE",
    "cat <<A; cat <<B\na\nA\nb\nB",
    "cat <<< 'here string'",
    'echo "a\\\nb" c\\\nd',
    "echo a # comment\necho b#notcomment",
    'echo "`echo \\"q\\"`" \'"\' "\'"',
    'echo ~nouser a=b; a=b; echo $a$a ${a}c "${a}"',
    "echo $0 $# $@",
    "echo $1a ${10}b",
    "readonly r=1; r=2; echo not reached",
    "unset nothing; echo $?; x=1; unset x; echo [${x-gone}]",
    "export E1=v; sh -c 'echo $E1'",
    "cd /nonexistent; echo $?; cd /; pwd; echo $PWD_NOT",
    "/nonexistent/x; echo $?; nosuch; echo $?",
    "echo a > /nonexistent/x; echo $?; cat < /nonexistent; echo $?",
    "true | false7 | true; echo $?",
    "exit 300",
    "exit",
    "false7; exit",
    "return 3; echo after",
    "break; echo $?",
    "sh -c 'exit 5'; echo $?; sh -c 'echo $0 $1' name arg",
    "echo 'echo from stdin' | sh; echo 'exit 6' | sh; echo $?",
    "let; echo $?",
    "shift; echo $?",
    "x='a b'; [ $x = a ]; echo $?",
    "kill -0 999999; echo $?",
    "seq 3 | head -n 2; seq 100 | tail -n 1; printf abcdef | head -c 3; echo; yes | head -n 1; echo $?",
    "echo a b c | cut -d ' ' -f 2; echo abc | tr a-c A-C; echo b a | wc -w",
    "printf 'b\\na\\nb\\n' | sort | uniq; printf 'x1\\ny2\\n' | grep -v x",
    "echo a | grep -q b; echo $?; echo abc | grep -o b; printf 'a\\nb\\n' | grep -c .",
    "timeout 5 sh -c 'exit 4'; echo $?; timeout 0.2 sleep 3; echo $?; timeout 1 nosuch 2>/dev/null; echo $?",
    "timeout 0.2 sh -c 'while :; do :; done'; echo $?",
    "basename /a/b.c .c; dirname /a/b; true; env -i true; echo $?",
    "printf 'a b\\n' | xargs echo x; echo aGk= | base64 -d; echo; printf hi | md5sum",
]


@pytest.fixture
def stub_folder(tmp_path: Path) -> Path:
    for index, output in enumerate(STUBS.values()):
        assert isinstance(output.stdout, bytes)
        (tmp_path / f"{index}.out").write_bytes(output.stdout)
        (tmp_path / f"{index}.err").write_bytes(output.stderr)
    for name in {command.split()[0] for command in STUBS}:
        lines = ["#!/bin/sh", 'case "$0 $*" in']
        for index, (command, output) in enumerate(STUBS.items()):
            if command.split()[0] == name:
                arguments = command.removeprefix(name).strip()
                lines.append(
                    f"*/{name}\\ {arguments.replace(' ', chr(92) + ' ')})"
                    f" cat {tmp_path}/{index}.out; cat {tmp_path}/{index}.err >&2; exit {output.status};;"
                )
        lines.append("esac")
        (tmp_path / name).write_text("\n".join(lines) + "\n")
        (tmp_path / name).chmod(0o755)
    assert MKSH is not None
    (tmp_path / "sh").symlink_to(MKSH)
    return tmp_path


def virtual(script: str) -> tuple[bytes, bytes, int]:
    phone = VirtualAndroid({"serial": "V", "sdk": 34}, dict(STUBS), FileTree({}))
    out, err = Collected(), Collected()
    status = Shell(phone, Null(), out, err, Signals(threading.Event())).run(script)
    return out.text(), err.text(), status


def without_levels(text: bytes) -> bytes:
    """Debian's mksh says whether a message is a warning or an error; Android's does not."""
    return re.sub(rb"(?m)^[EWF]: (?=/system/bin/sh)", b"", text)


@pytest.mark.skipif(MKSH is None and "CI" not in os.environ, reason="mksh is not installed")
@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_prints_and_returns_what_it_does_in_mksh(script: str, stub_folder: Path) -> None:
    assert MKSH is not None
    real = subprocess.run(
        ["/system/bin/sh", "-c", script],
        executable=MKSH,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=20,
        cwd="/",
        env={"PATH": f"{stub_folder}:/usr/bin:/bin", "TMPDIR": str(stub_folder)},
    )
    out, err, status = virtual(script)
    assert (out, status) == (without_levels(real.stdout), real.returncode)
    assert err == without_levels(real.stderr)
