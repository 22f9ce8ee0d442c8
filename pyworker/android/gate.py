"""The allow list for Android: every text that may go to an adb server or a phone's adbd. What is not in it is not sent.

It judges the bytes on their way out, whoever made them: three requests to the server, and one kind of service on the
phone, a script whose every command is, letter for letter, in the catalogue (reads.py, log_reads.py), or logcat with
listed options and at most one number. Serial numbers come from the server's own list, never from a request. Left out
on purpose, among others: `host:kill`, `host:connect`, `host:reconnect`, `forward:`, `reverse:`, `root:`, `remount:`,
`reboot:`, `tcpip:`, `sync:`, `shell:`, `jdwp:`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from pyworker.android import log_reads, reads, script

# Printable, and a colon only before a port: the server takes a serial to end at any other.
_SERIAL = r"(?:[!-9;-~][ -9;-~]{0,126}|\[[0-9A-Fa-f:.]{2,45}(?:%[0-9A-Za-z._-]{1,16})?\])(?::[0-9]{1,5})?"

_SERVER_REQUESTS: tuple[tuple[str, str, str], ...] = (
    ("host:devices-l", r"host:devices-l", "which phones the adb server holds, and their states"),
    ("host-serial:SERIAL:features", rf"host-serial:{_SERIAL}:features", "whether its shell reports exit statuses"),
    ("host:transport:SERIAL", rf"host:transport:{_SERIAL}", "the next request on this connection goes to that phone"),
)
_SERVER_REQUEST = re.compile("|".join(pattern for _, pattern, _ in _SERVER_REQUESTS))

# Every question the phone's shell may be asked.
CATALOGUE = (*reads.ALL, *log_reads.ALL)


class Forbidden(Exception):
    """Something was about to be sent that is not in the list. A defect of the worker, never a phone's or a caller's."""


class Row(NamedTuple):
    """One entry for the page that documents the list. to: "adb server" or "phone". what: the text. why: the purpose."""

    to: str
    what: str
    why: str


@cache
def commands() -> frozenset[str]:
    """The texts of the catalogue's commands."""
    return frozenset(read.request for read in CATALOGUE)


def allows(text: str) -> bool:
    """Whether `text`, a request to the server or a service on the phone, is in the list."""
    if len(text.encode()) > script.SERVICE_LIMIT:
        return False
    for prefix in script.SERVICE_PREFIXES:
        if text.startswith(prefix):
            sent = script.commands_of(text[len(prefix):])
            return sent is not None and all(each in commands() or log_reads.is_logcat(each) for each in sent)
    return _SERVER_REQUEST.fullmatch(text) is not None


def check(text: str) -> None:
    if not allows(text):
        raise Forbidden("not in the allow list of the Android gate")


def listing() -> tuple[Row, ...]:
    """The whole list, in the order a reader wants it."""
    return (
        *(Row("adb server", name, why) for name, _, why in _SERVER_REQUESTS),
        Row("phone", "exec:SCRIPT or shell,v2,raw:SCRIPT", "one script of the commands below, framed; see script.py"),
        *(Row("phone", read.request, read.why) for read in CATALOGUE),
        Row("phone", log_reads.LISTED, log_reads.LISTED_WHY),
    )
