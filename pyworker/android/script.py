"""The one script an inspection sends: every read's command in a frame of its own.

What the phone's shell gets (mksh since Android 4; nothing here is newer than that):

    N=@<24 hex digits>;T=;command -v timeout >/dev/null&&T='timeout 8'
    p(){ echo "$N:$1:B";(eval "$T $2");echo "$N:$1:E:$?";}
    e(){ echo "$N:$1:B";(eval "$2");echo "$N:$1:E:$?";}
    {
    p 0 'dumpsys battery'
    e 1 'for f in /sys/...; do ...; done'
    echo "$N:END"
    } </dev/null 2>&1|cat

Rules, all measured against a real mksh:
- the nonce is random, so no output can close a frame; frames.py is the other half of this;
- each command runs in a subshell through eval: exit, exec, cd, set -e, closed descriptors, syntax errors stay in it;
- standard input is /dev/null, or a command that reads would wait for ever; `| cat` makes standard output a pipe, or
  some commands cut their lines to a terminal's width;
- no here-document: mksh keeps its text in a file on the phone, and the worker writes nothing there;
- a command that asks one of the phone's services may hang with it. Where the phone has `timeout`, such a command (or
  the head of such a pipe) is run under it, so that the phone ends it and goes on. Others are not: each would cost a
  process more. What hangs then is noticed by the session, which drops the stream and runs the rest again;
- a service string above a phone's packet size aborts the user's adb server, and the smallest packets are 4096 bytes.

The texts are the catalogue's. Nothing that a request contains comes in here.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SERVICE_LIMIT = 4000  # bytes of a whole service string; 4096 kills an adb server that talks to an old phone
SERVICE_PREFIXES = ("shell,v2,raw:", "exec:")
SCRIPT_LIMIT = SERVICE_LIMIT - max(map(len, SERVICE_PREFIXES))

PHONE_LIMITS = (1, 2, 4, 8)  # seconds `timeout` may be given; whole ones, as the oldest toybox takes no others
NO_PHONE_LIMIT = 0
TIMED_OUT = (124, 142, 143)  # timeout's own status, and SIGTERM as the older toybox counts it (127 or 128 + 15)

_ASKS_A_SERVICE = re.compile(
    r"(?:cmd|dpm|dumpsys|pm|service|settings|wm)(?: [A-Za-z0-9_./:=,@%+-]+)*(?:\|[^|].*)?")

_FUNCTIONS = (
    'p(){ echo "$N:$1:B";(eval "$T $2");echo "$N:$1:E:$?";}\n'
    'e(){ echo "$N:$1:B";(eval "$2");echo "$N:$1:E:$?";}\n'
    "{\n"
)
_LAST = 'echo "$N:END"\n} </dev/null 2>&1|cat'

_FIRST_LINE = re.compile(r"N=(@[0-9a-f]{24});T=(?:;command -v timeout >/dev/null&&T='timeout ([1-9])')?\n")
_COMMAND_LINE = re.compile(r"([pe]) ([0-9]{1,4}) '((?:[^']|'\\'')*)'\n")


def new_nonce() -> str:
    """What no output can contain by chance or on purpose: 96 random bits."""
    return "@" + os.urandom(12).hex()


def _first_line(nonce: str, phone_limit: int) -> str:
    limit = f";command -v timeout >/dev/null&&T='timeout {phone_limit}'" if phone_limit else ""
    return f"N={nonce};T={limit}\n"


def is_limited_on_phone(command: str) -> bool:
    """Whether a phone that has `timeout` runs this command, or the head of its pipe, under it."""
    return _ASKS_A_SERVICE.fullmatch(command) is not None


def _command_line(index: int, command: str) -> str:
    runner = "p" if is_limited_on_phone(command) else "e"
    quoted = command.replace("'", "'\\''")
    return f"{runner} {index} '{quoted}'\n"


_AROUND = len(_first_line("@" + "0" * 24, 9)) + len(_FUNCTIONS) + len(_LAST)


def build(commands: Sequence[str], nonce: str, phone_limit: int) -> str:
    """The script that runs `commands` as frames 0, 1, 2 …; phone_limit: one of PHONE_LIMITS, or NO_PHONE_LIMIT.

    Raises ValueError when the result would be longer than SCRIPT_LIMIT: `split` first.
    """
    lines = "".join(_command_line(index, command) for index, command in enumerate(commands))
    script = _first_line(nonce, phone_limit) + _FUNCTIONS + lines + _LAST
    if len(script.encode()) > SCRIPT_LIMIT:
        raise ValueError(f"a script of {len(script.encode())} bytes, {SCRIPT_LIMIT} fit")
    return script


def split(commands: Sequence[str]) -> list[list[int]]:
    """The indices of `commands` in as few groups as fit a script each, the groups about equally long.

    Equally, because groups run side by side: the longest decides when all are done.
    """
    sizes = [len(_command_line(9999, command).encode()) for command in commands]
    room = SCRIPT_LIMIT - _AROUND
    if sizes and max(sizes) > room:
        raise ValueError(f"a command of {max(sizes)} bytes, {room} fit")
    fewest = max(1, -(-sum(sizes) // room))
    aim = sum(sizes) / fewest
    groups: list[list[int]] = []
    filled = 0
    for index, size in enumerate(sizes):
        if not groups or filled + size > room or (filled >= aim and len(groups) < fewest):
            groups.append([])
            filled = 0
        groups[-1].append(index)
        filled += size
    return groups


def commands_of(script: str) -> tuple[str, ...] | None:
    """The commands of a script that `build` could have written, or None for every other text.

    This is what the gate judges by: the text on its way to the phone, whoever made it.
    """
    first = _FIRST_LINE.match(script)
    if first is None or (first[2] is not None and int(first[2]) not in PHONE_LIMITS):
        return None
    at = first.end()
    if not script.startswith(_FUNCTIONS, at):
        return None
    at += len(_FUNCTIONS)
    commands: list[str] = []
    while line := _COMMAND_LINE.match(script, at):
        command = line[3].replace("'\\''", "'")
        if line[0] != _command_line(len(commands), command):
            return None
        commands.append(command)
        at = line.end()
    return tuple(commands) if script[at:] == _LAST else None
