"""Bytes a phone or a publisher's file holds -> lines of text, and what the text says about itself.

Rules, measured on published dumps of many vendors: files may be UTF-8 or UTF-16 with a byte order mark, lines may end
in LF, CR LF or CR CR LF, one publisher's tool put a blank line after every line; an echoed prompt, "DUMP OF SERVICE
x:" or a dashed ruler may stand before the header and a duration line after the end; a dump may be cut anywhere; a
refusal or a help text comes on the same stream as the dump, with exit status 0. Nothing here raises on any input.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from pyworker.android.output import NO_STATUS, Output
from pyworker.android.script import TIMED_OUT
from pyworker.findings import MISSING, Unread

if TYPE_CHECKING:
    from collections.abc import Callable

REFUSAL_WITHIN = 12  # a refusal stands at the top; further down the same words are a dump's own content

_SERVICE_BEGINS = re.compile(r"DUMP OF SERVICE (?:CRITICAL |HIGH |NORMAL )?([\w./-]+):?\s*$")
_SERVICE_ENDS = re.compile(r"-{3,} [0-9.]+s was the duration of dumpsys ")
_DUMP_TIMED_OUT = re.compile(r"\*\*\* SERVICE '.*' DUMP TIMEOUT ")
_DUMP_FAILED = re.compile(
    r"(Error dumping service|Failure while dumping|Error with service|.*\bDEAD_OBJECT\b"
    r"|java\.[\w.]*(Exception|Error)\b|(Security|Unhandled) exception:)")
_REFUSALS = (
    (re.compile(r"(cmd: )?Can't find service\b|(cmd: )?Service [\w.]+ does not exist"), "unsupported"),
    (re.compile(r"Unknown command\b|No shell command implementation|\[?usage\b[: ]", re.I), "unsupported"),
    (re.compile(r".*: (inaccessible or )?not found$|.*: No such file or directory$"), "unsupported"),
    (re.compile(r"Permission Denial\b|.*: Permission denied$|.*\bSecurityException\b|Security exception:"),
     "permission_denied"),
    (re.compile(r"cmd: Failure calling service|Error: Could not access\b"), "refused"),
    (re.compile(r"\*\*\* SERVICE '.*' DUMP TIMEOUT "), "timeout"),
)


class Dump(NamedTuple):
    """lines: without line ends; an unfinished last line is not among them. unfinished: that last line, or "".

    damaged: the reason (in findings.REASONS) why what is missing from the lines proves nothing: "truncated" when the
    reader said so or the last line has no end, "timeout" or "unreadable" when the service broke off; else None.
    """

    lines: tuple[str, ...]
    unfinished: str
    damaged: str | None

    def refusal(self) -> Unread:
        """Why a dump without its header holds nothing."""
        said = [line.strip() for line in (*self.lines, self.unfinished) if line.strip()]
        for line in said[:REFUSAL_WITHIN]:
            for pattern, reason in _REFUSALS:
                if pattern.match(line):
                    return Unread(reason)
        return Unread(self.damaged or "unreadable") if said else Unread(self.damaged) if self.damaged else MISSING


def text_of(data: bytes | str) -> str:
    """The text, with LF line ends and without NULs; bytes that are no text become U+FFFD."""
    if isinstance(data, bytes):
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            data = data.decode("utf-16", "replace")
        elif len(data) >= 8 and data[1:64:2].count(0) * 4 > len(data[1:64:2]) * 3:
            data = data.decode("utf-16-le", "replace")
        else:
            data = data.decode("utf-8", "replace")
    return data.lstrip("\ufeff").replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def read_dump(data: bytes | str, cut: bool = False, service: str = "") -> Dump:
    """The lines of one dump. In a report of many services only those of `service`; `cut`: the reader kept a part."""
    lines = text_of(data).split("\n")
    unfinished = lines.pop()
    lines, unfinished = _undoubled(lines, unfinished)
    dump = Dump(tuple(lines), unfinished, "truncated" if cut or unfinished.strip() else None)
    if service:
        dump = _part_of(dump, service)
    return _with_its_own_trouble(_up_to_its_end(dump, cut))


def _part_of(dump: Dump, service: str) -> Dump:
    """From below the heading of the service to the next one's heading; the whole where it has no heading."""
    headings = [(at, found.group(1)) for at, line in enumerate(dump.lines)
                if (found := _SERVICE_BEGINS.match(line.strip()))]
    at = next((at for at, name in headings if name == service), None)
    if at is None:
        return dump
    following = next((other for other, _ in headings if other > at), None)
    if following is None:
        return dump._replace(lines=dump.lines[at + 1:])
    return Dump(dump.lines[at + 1:following], "", None)


def _up_to_its_end(dump: Dump, cut: bool) -> Dump:
    """Up to the line in which dumpsys says how long it took: a dump that has it was not broken off."""
    end = next((at for at, line in enumerate(dump.lines) if _SERVICE_ENDS.match(line)), None)
    return dump if end is None else Dump(dump.lines[:end], "", "truncated" if cut else None)


def _with_its_own_trouble(dump: Dump) -> Dump:
    """A time-out counts for more than what was damaged before, a failure for less."""
    damaged = dump.damaged
    for line in dump.lines:
        if _DUMP_TIMED_OUT.match(line.strip()):
            damaged = "timeout"
        elif _DUMP_FAILED.match(line.strip()):
            damaged = damaged or "unreadable"
    return dump._replace(damaged=damaged)


def _undoubled(lines: list[str], unfinished: str) -> tuple[list[str], str]:
    """Without the blank line that a publisher's tool put after every line, where it did so throughout."""
    if len(lines) < 6 or any(line.strip() for line in lines[1::2]):
        return lines, unfinished
    kept = lines[0::2]
    return (kept, unfinished) if sum(1 for line in kept if line.strip()) * 2 > len(kept) else (lines, unfinished)


_INTEGER = re.compile(r"\s*([+-]?[0-9]{1,18})(?![\w.])")


def leading_integer(text: str) -> int | None:
    """The whole number a value begins with ("2 //comment" is 2), or None ("4.2", "12abc", "", 30 digits)."""
    found = _INTEGER.match(text)
    return int(found.group(1)) if found else None


def answer_of(parse: Callable[[bytes, bool], Any], must_succeed: bool = False) -> Callable[[Any], Any]:
    """A Read's parser out of a dump's: the raw Output goes in as its bytes and whether something of them is missing.

    must_succeed: the command has no way to fail, so that a status other than 0 means it was ended before its time.
    """

    def read(output: Any) -> Any:
        if not isinstance(output, Output):
            return Unread("unreadable")
        ended = output.status in (NO_STATUS, *TIMED_OUT) or (must_succeed and output.status != 0)
        return parse(output.data, output.truncated or ended)

    return read
