"""The commands a shell answers itself. Each is `(shell, arguments) -> status`; TABLE maps names to them.

Statuses and messages are those of mksh R59. `echo` interprets backslash escapes, as mksh's does.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from pyworker.virtual.android.mksh import words
from pyworker.virtual.android.mksh.conditions import test
from pyworker.virtual.android.mksh.cursor import is_name
from pyworker.virtual.android.mksh.endings import MAX_CALLS, ExitShell, LeaveLoop, ReturnFrom
from pyworker.virtual.android.mksh.escapes import unescape
from pyworker.virtual.android.mksh.printf import formatted

if TYPE_CHECKING:
    from pyworker.virtual.android.mksh.shell import Shell


def true(shell: Shell, arguments: list[str]) -> int:
    return 0


def false(shell: Shell, arguments: list[str]) -> int:
    return 1


def echo(shell: Shell, arguments: list[str]) -> int:
    rest = arguments[1:]
    newline, escapes = True, True
    while rest and re.fullmatch(r"-[neE]+", rest[0]):
        for flag in rest[0][1:]:
            if flag == "n":
                newline = False
            else:
                escapes = flag == "e"
        rest = rest[1:]
    text = " ".join(rest)
    if escapes:
        newline = newline and "\\c" not in text.replace("\\\\", "")
        text = unescape(text, echo=True)[0]
    shell.out(text + ("\n" if newline else ""))
    return 0


def print_(shell: Shell, arguments: list[str]) -> int:
    rest = arguments[1:]
    raw = newline_off = False
    while rest and re.fullmatch(r"-[nrR]+", rest[0]):
        newline_off = newline_off or "n" in rest[0]
        raw = raw or "r" in rest[0].lower()
        rest = rest[1:]
    if rest[:1] == ["--"]:
        rest = rest[1:]
    text = " ".join(rest)
    shell.out((text if raw else unescape(text)[0]) + ("" if newline_off else "\n"))
    return 0


def printf(shell: Shell, arguments: list[str]) -> int:
    if len(arguments) < 2:
        shell.complain("printf: usage: printf format [arguments...]")
        return 1
    rest = arguments[2:]
    status = 0
    while True:
        text, used, bad, stopped = formatted(arguments[1], rest)
        shell.out(text)
        for each in bad:
            shell.complain(f"printf: {each}: not completely converted")
            status = 1
        rest = rest[used:]
        if stopped or not rest or not used:
            return status


# -- the flow of the script


def exit_(shell: Shell, arguments: list[str]) -> int:
    raise ExitShell(_status(shell, arguments))


def return_(shell: Shell, arguments: list[str]) -> int:
    raise ReturnFrom(_status(shell, arguments))


def _status(shell: Shell, arguments: list[str]) -> int:
    if len(arguments) < 2:
        return shell.status
    fault = (
        "too many arguments"
        if len(arguments) > 2
        else ""
        if re.fullmatch(r"-?\d+", arguments[1])
        else f"bad number: {arguments[1]}"
    )
    if fault:
        shell.complain(f"{arguments[0]}: {fault}")
        raise ExitShell(1)
    return int(arguments[1]) & 0xFF


def break_(shell: Shell, arguments: list[str]) -> int:
    if len(arguments) > 1 and not arguments[1].isdigit():
        shell.complain(f"{arguments[0]}: bad number: {arguments[1]}")
        raise ExitShell(1)
    levels = int(arguments[1]) if len(arguments) > 1 else 1
    if not shell.loops:
        shell.complain(f"{arguments[0]}: can't {arguments[0]}")
        return 0
    raise LeaveLoop(levels, arguments[0] == "continue")


def eval_(shell: Shell, arguments: list[str]) -> int:
    if shell.calls >= MAX_CALLS:
        shell.complain("eval nested too deeply")
        raise ExitShell(1)
    shell.calls += 1
    shell.status = 0
    try:
        shell.run_lines(" ".join(arguments[1:]))
    finally:
        shell.calls -= 1
    return shell.status


def exec_(shell: Shell, arguments: list[str]) -> int:
    if len(arguments) == 1:
        return 0
    raise ExitShell(shell.start_external(arguments[1:], shell.signals))


def command(shell: Shell, arguments: list[str]) -> int:
    rest = arguments[1:]
    if rest[:1] in (["-v"], ["-V"]):
        return _name_commands(shell, rest[1:], long=rest[0] == "-V")
    if rest[:1] in (["-p"], ["--"]):
        rest = rest[1:]
    if not rest:
        return 0
    if rest[0] in TABLE:
        return TABLE[rest[0]](shell, rest)
    return shell.start_external(rest, shell.signals)


def type_(shell: Shell, arguments: list[str]) -> int:
    return _name_commands(shell, arguments[1:], long=True)


def whence(shell: Shell, arguments: list[str]) -> int:
    return _name_commands(shell, [each for each in arguments[1:] if not each.startswith("-")], long="-v" in arguments)


def _name_commands(shell: Shell, names: list[str], long: bool) -> int:
    status = 0
    for name in names:
        path = shell.phone.program_path(name)
        if name in shell.functions:
            shell.out(f"{name} is a function\n" if long else f"{name}\n")
        elif name in TABLE:
            shell.out(f"{name} is a shell builtin\n" if long else f"{name}\n")
        elif path:
            shell.out(f"{name} is {path}\n" if long else f"{path}\n")
        else:
            if long:
                shell.out(f"{name} not found\n")
            status = 1
    return status


# -- variables and surroundings


def export(shell: Shell, arguments: list[str]) -> int:
    for each in arguments[1:]:
        name, equals, value = each.partition("=")
        if name.startswith("-"):
            continue
        if not is_name(name):
            shell.complain(f"{'typeset' if arguments[0] == 'local' else arguments[0]}: {name}: not an identifier")
            return 1
        if arguments[0] in ("local", "typeset") and shell.scopes:
            shell.scopes[-1].setdefault(name, shell.variables.get(name))
        if equals:
            shell.assign(name, value)
        if arguments[0] == "export":
            shell.exported.add(name)
        if arguments[0] == "readonly":
            shell.readonly.add(name)
    return 0


def unset(shell: Shell, arguments: list[str]) -> int:
    for name in arguments[1:]:
        shell.variables.pop(name, None)
        shell.functions.pop(name, None)
    return 0


def set_(shell: Shell, arguments: list[str]) -> int:
    rest = arguments[1:]
    if not rest:
        shell.out("".join(f"{name}={value}\n" for name, value in sorted(shell.variables.items())))
        return 0
    while rest:
        if rest[0] == "--":
            shell.arguments = rest[1:]
            return 0
        if not re.fullmatch(r"[-+].+", rest[0]):
            shell.arguments = rest
            return 0
        letters = rest[0][1:]
        if letters == "o" and len(rest) > 1:
            letters = {"errexit": "e", "nounset": "u", "noglob": "f", "xtrace": "x"}.get(rest[1], "")
            rest = rest[:1] + rest[2:]
        shell.options = shell.options | set(letters) if rest[0][0] == "-" else shell.options - set(letters)
        rest = rest[1:]
    return 0


def shift(shell: Shell, arguments: list[str]) -> int:
    count = words.evaluate(shell, arguments[1]) if len(arguments) > 1 else 1
    if not 0 <= count <= len(shell.arguments):
        shell.complain("shift: nothing to shift")
        raise ExitShell(1)
    shell.arguments = shell.arguments[count:]
    return 0


def cd(shell: Shell, arguments: list[str]) -> int:
    target = arguments[1] if len(arguments) > 1 else shell.variables.get("HOME", "/")
    path = shell.phone.files.absolute(target, shell.directory)
    if not shell.phone.files.test("-d", path, shell.uid):
        shell.complain(f"cd: {target}: {shell.phone.files.why_no_directory(path)}")
        return 2
    shell.directory = path
    return 0


def pwd(shell: Shell, arguments: list[str]) -> int:
    shell.out(shell.directory + "\n")
    return 0


def read(shell: Shell, arguments: list[str]) -> int:
    names = [each for each in arguments[1:] if not each.startswith("-")] or ["REPLY"]
    for name in names:
        if not is_name(name):
            shell.complain(f"read: read-only: {name}")
            return 2
    raw = any(each.startswith("-") and "r" in each for each in arguments[1:])
    line, at_end = _line(shell, raw)
    separators = shell.variables.get("IFS", " \t\n")
    separator = "[" + re.escape(separators) + "]+" if separators else r"(?!)"
    rest = line.strip(" \t") if " " in separators else line
    for name in names[:-1]:
        first, *others = re.split(separator, rest, maxsplit=1)
        shell.assign(name, first)
        rest = "".join(others)
    shell.assign(names[-1], rest)
    return 1 if at_end else 0


def _line(shell: Shell, raw: bool) -> tuple[str, bool]:
    """The next line of stdin, taken byte by byte so that no other reader misses one, and whether the input ended in it.

    A backslash before the newline joins the next line to it, unless raw.
    """
    line = bytearray()
    source = shell.source(0)
    while byte := source.read(1, shell.signals):
        if byte != b"\n":
            line += byte
        elif raw or not line.endswith(b"\\"):
            return line.decode("latin-1"), False
        else:
            del line[-1:]
    return line.decode("latin-1"), True


def let(shell: Shell, arguments: list[str]) -> int:
    if len(arguments) < 2:
        shell.complain("let: missing argument")
    result = 0
    for expression in arguments[1:]:
        result = words.evaluate(shell, expression)
    return 0 if result else 1


def dot(shell: Shell, arguments: list[str]) -> int:
    if len(arguments) < 2:
        shell.complain(".: missing argument")
        return 1
    path = shell.phone.files.absolute(arguments[1], shell.directory)
    try:
        text = shell.phone.files.read(path, shell.uid).decode("latin-1")
    except OSError as fault:
        shell.complain(f".: {arguments[1]}: {fault.strerror}")
        return 1
    shell.run_lines(text)
    return shell.status


def trap(shell: Shell, arguments: list[str]) -> int:
    rest = [each for each in arguments[1:] if each != "--"]
    if len(rest) >= 2:
        for name in rest[1:]:
            shell.traps["EXIT" if name in ("0", "EXIT") else name] = "" if rest[0] == "-" else rest[0]
    return 0


def wait(shell: Shell, arguments: list[str]) -> int:
    wanted = {int(each) for each in arguments[1:] if each.isdigit()}
    status = 0
    for job in shell.jobs:
        if wanted and job.number not in wanted:
            continue
        while job.thread is not None and job.thread.is_alive():
            shell.signals.check()
            job.thread.join(shell.signals.slice())
        status = job.status if wanted else 0
    return status


def kill(shell: Shell, arguments: list[str]) -> int:
    status = 0
    for each in arguments[1:]:
        if each.startswith("-"):
            continue
        job = next((one for one in shell.all_jobs if str(one.number) == each), None)
        if job is None:
            shell.complain(f"kill: {each}: No such process")
            status = 1
        else:
            job.signals.ended.set()
    return status


def umask(shell: Shell, arguments: list[str]) -> int:
    if len(arguments) == 1:
        shell.out("077\n" if shell.phone.sdk < 24 else "000\n")
    return 0


def times(shell: Shell, arguments: list[str]) -> int:
    shell.out(f"0m{time.process_time():.2f}s 0m0.00s\n0m0.00s 0m0.00s\n")
    return 0


# Assignments before these stay in force after them.
SPECIAL = frozenset((
    ":", ".", "break", "continue", "eval", "exec", "exit", "export", "readonly", "return", "set", "shift",
    "times", "trap", "unset",
))

TABLE: dict[str, Callable[[Shell, list[str]], int]] = {
    ":": true,
    "true": true,
    "false": false,
    "echo": echo,
    "print": print_,
    "printf": printf,
    "[": test,
    "test": test,
    "exit": exit_,
    "return": return_,
    "break": break_,
    "continue": break_,
    "eval": eval_,
    "exec": exec_,
    "command": command,
    "type": type_,
    "whence": whence,
    "export": export,
    "readonly": export,
    "local": export,
    "typeset": export,
    "unset": unset,
    "set": set_,
    "shift": shift,
    "cd": cd,
    "pwd": pwd,
    "read": read,
    "let": let,
    ".": dot,
    "source": dot,
    "trap": trap,
    "wait": wait,
    "kill": kill,
    "umask": umask,
    "ulimit": true,
    "alias": true,
    "builtin": command,
    "times": times,
}
