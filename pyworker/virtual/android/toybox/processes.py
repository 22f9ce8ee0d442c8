"""What starts other commands or only takes time: sh, timeout, env, nice and its like, xargs, sleep."""

from __future__ import annotations

import re

from pyworker.virtual.android.mksh.process import Process
from pyworker.virtual.android.mksh.shell import Shell
from pyworker.virtual.android.mksh.signals import TimeUp
from pyworker.virtual.android.toybox.command_line import duration, leading_options, options
from pyworker.virtual.android.toybox.contents import absolute, all_input

A_COMMAND_FAILED = 123  # xargs'
TIMED_OUT = 124
TIMEOUT_FAILED = 125
NOT_FOUND = 127
KILLED = 137


def sh(process: Process) -> int:
    """Another shell: `sh -c script [name [arguments…]]`, `sh file`, or a script on stdin."""
    arguments = process.arguments[1:]
    while arguments and re.fullmatch(r"-[eux]+", arguments[0]):
        arguments = arguments[1:]
    child = _child(process)
    if arguments[:1] == ["-c"]:
        if len(arguments) < 2:
            process.err("/system/bin/sh: -c requires an argument\n")
            return 1
        own_name = process.arguments[0] if process.arguments[0].startswith("/") else "sh"
        child.name = arguments[2] if len(arguments) > 2 else own_name
        child.arguments = arguments[3:]
        return child.run(arguments[1])
    if arguments and arguments[0] != "-s":
        try:
            text = process.phone.files.read(absolute(process, arguments[0]), process.uid)
        except OSError as fault:
            process.err(f"/system/bin/sh: {arguments[0]}: {fault.strerror}\n")
            return NOT_FOUND
        child.arguments = arguments[1:]
        return child.run(text.decode("latin-1"))
    return child.run(all_input(process).decode("latin-1"))


def _child(process: Process) -> Shell:
    child = Shell(process.phone, process.stdin, process.stdout, process.stderr, process.signals)
    child.directory, child.uid = process.directory, process.uid
    child.variables.update(process.environment)
    child.exported |= set(process.environment)
    return child


def timeout(process: Process) -> int:
    own = leading_options(process.arguments[1:])
    chosen, _ = options([process.arguments[0], *own], "ks")
    rest = process.arguments[1 + len(own) :]
    seconds = duration(rest[0]) if rest else None
    if seconds is None or len(rest) < 2:
        process.err("timeout: Need 2 arguments\n" if len(rest) < 2 else f"timeout: bad duration '{rest[0]}'\n")
        return TIMEOUT_FAILED
    limited = process.signals.within(seconds)
    try:
        return process.start(rest[1:], limited)
    except TimeUp as up:
        if up.signals is not limited:
            raise
        return KILLED if chosen.get("s") in ("9", "KILL") else TIMED_OUT


def env(process: Process) -> int:
    """env and printenv."""
    rest = process.arguments[1:]
    while rest and rest[0] in ("-i", "-0", "-u"):
        process.environment = {} if rest[0] == "-i" else process.environment
        rest = rest[2 if rest[0] == "-u" else 1 :]
    while rest and re.match(r"[A-Za-z_]\w*=", rest[0]):
        name, _, value = rest[0].partition("=")
        process.environment[name] = value
        rest = rest[1:]
    if rest:
        return process.start(rest, process.signals)
    process.out("".join(f"{name}={value}\n" for name, value in process.environment.items()))
    return 0


def nice(process: Process) -> int:
    """nohup, nice, setsid, time: the command itself is what matters here."""
    rest = process.arguments[1:]
    while rest and (rest[0].startswith("-") or rest[0].lstrip("-").isdigit()):
        rest = rest[1:]
    return process.start(rest, process.signals) if rest else 0


def xargs(process: Process) -> int:
    own = leading_options(process.arguments[1:])
    chosen, _ = options([process.arguments[0], *own], "n")
    command = process.arguments[1 + len(own) :] or ["echo"]
    words = all_input(process).decode("latin-1").split("\0" if "0" in chosen else None)
    at_once = int(chosen["n"]) if chosen.get("n", "").isdigit() else max(1, len(words))
    status = 0
    for at in range(0, max(1, len(words)), at_once):
        arguments = [*command, *words[at : at + at_once]]
        if arguments[0] == "echo":
            process.out(" ".join(arguments[1:]) + "\n")
        elif process.start(arguments, process.signals):
            status = A_COMMAND_FAILED
    return status


def sleep(process: Process) -> int:
    total = 0.0
    for each in process.arguments[1:]:
        seconds = duration(each)
        if seconds is None:
            process.err(f"sleep: bad duration '{each}'\n")
            return 1
        total += seconds
    process.signals.wait(total)
    return 0


def true(process: Process) -> int:
    """true, sync: nothing that could be seen."""
    return 0


def false(process: Process) -> int:
    return 1
