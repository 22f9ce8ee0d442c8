"""The questions that only a collection of logs asks: fixed texts, and the one family of commands with a number in it.

logcat is given buffers, a format and, where fewer lines are wanted, how many or since when. Both are numbers that the
worker prints itself, in one fixed shape, from a checked integer or a moment; no text of a request gets here, and the
gate takes no other shape. Never -c or -G, which change the phone's buffers, and never -f, which writes a file.

Since Android 7 logcat writes year and zone, marks every change of buffer (-D) and takes seconds since 1970 for -T
(AOSP). Older ones refuse words they do not know and print nothing, so the plainer commands are for them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyworker.android.dump_text import answer_of, read_dump
from pyworker.probes import Read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

BUFFERS = ("main", "system", "crash", "events", "radio", "kernel")
RECENT = ("main", "system", "crash")
# Buffers of Android 4 and 5, which end at one that they do not have.
OLD_BUFFERS = ("main", "system", "events", "radio")
OLD_RECENT = ("main", "system")

MOST_LINES = 100_000

_MODERN = " -v threadtime -v year -v zone -D"
_PLAIN = " -v threadtime"
_SHAPE = re.compile(
    r"logcat -d(?: -b (?:main|system|crash|events|radio|kernel)){1,6}"
    r" -v threadtime(?: -v year -v zone -D)?(?: -t [1-9][0-9]{0,5}| -T [0-9]{1,10}\.[0-9]{3})?")
LISTED = "logcat -d -b BUFFER … -v threadtime [-v year -v zone -D] [-t LINES or -T SECONDS]"
LISTED_WHY = "the log as it stands in the phone's memory, or its newest part"


def _processes(data: bytes | str, cut: bool = False) -> object:
    """`ps` -> {pid: name}. The name is the last column, the pid the first that is a number."""
    dump = read_dump(data, cut)
    found: dict[int, str] = {}
    for line in dump.lines:
        columns = line.split()
        number = next((word for word in columns[:-1] if word.isascii() and word.isdigit()), "")
        if number and len(number) <= 10:
            found[int(number)] = columns[-1][:120]
    return found or dump.refusal()


PROCESSES = Read("shell", "ps -A -o PID,NAME", (), "the names behind the log's process numbers", answer_of(_processes))
OLD_PROCESSES = Read("shell", "ps", (), "the same, up to Android 7", answer_of(_processes))
# No parser: it is streamed (dropbox_print.py).
DROPBOX_PRINT = Read("shell", "dumpsys dropbox --print", (), "crash reports: apps, native code, hangs, the kernel")

ALL = (PROCESSES, OLD_PROCESSES, DROPBOX_PRINT)


def logcat(buffers: Sequence[str], modern: bool, lines: int | None, since: datetime | None) -> Read:
    """The command for these buffers. lines: only the newest so many. since: only from then on (modern phones only)."""
    command = "logcat -d" + "".join(f" -b {BUFFERS[BUFFERS.index(buffer)]}" for buffer in buffers)
    command += _MODERN if modern else _PLAIN
    if since is not None and modern:
        seconds = max(0, int(since.timestamp() * 1000))
        command += f" -T {seconds // 1000:d}.{seconds % 1000:03d}"
    elif lines is not None and since is None:
        command += f" -t {min(max(1, int(lines)), MOST_LINES):d}"
    return Read("shell", command, (), LISTED_WHY)


def is_logcat(command: str) -> bool:
    """Whether it is one that `logcat` above could have written."""
    return _SHAPE.fullmatch(command) is not None
