r"""logcat's text taken apart, a chunk of some thousand lines at a time: bytes in, lines of JSON out, no I/O.

The formats (AOSP liblog's logprint; published logs of many phones):

    time         11-25 09:12:01.123 I/Tag( 1234): message
    threadtime   11-25 09:12:01.123  1234  1250 I Tag     : message
    brief        I/Tag( 1234): message
    epoch, monotonic          1764061921.123 or 12345.678 in the date's place
    year, zone, usec, uid     2026-11-25 in the date's place; +0100 after the time; six digits; a column before the pid

- A tag is padded, may be missing, may hold blanks, colons and slashes: it ends at the first ": ". Without one the line
  is a message without a tag (the kernel's). A message may be empty.
- `--------- beginning of main` and `--------- switch to main` name the buffer of what follows. Blank lines and the
  trailer of an old dumpstate say nothing. Farms put a comma before each line. Lines end LF or CR LF.
- `chatty … expire N lines` and `… identical N lines`, and liblog's own event, are lines the phone lost: `dropped`.
- Anything else is an entry that stands as `raw`.

No Python runs for a line of the usual formats. One search splits a chunk into columns: date, time, head, message. Some
hundred heads (pid, tid, level, tag) make up a whole log: each is understood once and kept as the JSON it becomes.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from itertools import chain, compress, repeat
from typing import TYPE_CHECKING, NamedTuple

from pyworker.collecting.entries import LEVELS, escaped, since_boot
from pyworker.collecting.tally import process_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyworker.collecting.tally import Tally

UNNAMED_BUFFER = "logcat"
# Different heads kept at a time: a phone has some thousand. Whoever invents one a line gets no memory for it.
MOST_HEADS = 20_000

# date, time, head, message of the usual line; or the whole line. Possessive: each is tried in one way only.
_LINE = re.compile(
    rb"^(\d\d\d\d-\d\d-\d\d|\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3,9}) ([^:\n]*+(?::(?! )[^:\n]*+)*+): (.*)$|^(.+)$", re.MULTILINE)

_THREADTIME = re.compile(
    rb" {0,12}(?:(?P<zone>[+-]\d{4}) )? {0,12}(?:(?P<uid>[A-Za-z0-9_.-]{1,40}) +)?(?P<pid>\d{1,10}) +(?P<tid>\d{1,10}) "
    rb"(?P<level>[VDIWEFS])(?: (?P<tag>.*))?")
_TIME = re.compile(
    rb" {0,12}(?:(?P<zone>[+-]\d{4}) )? {0,12}(?P<level>[VDIWEFS])/(?P<tag>.*)"
    rb"\( *(?:(?P<uid>[A-Za-z0-9_.-]{1,40}): *)?(?P<pid>\d{1,10})(?:: *(?P<tid>\d{1,10}))?\)")

# The same for lines whose split at the first ": " makes no sense, or that have none. Tried one after another.
_STAMP = (rb"[ ,]{0,12}(?:(?P<date>(?:\d{4}-)?\d\d-\d\d) (?P<clock>\d\d:\d\d:\d\d\.\d{3,9})"
          rb"|(?P<seconds>\d{1,11}\.\d{3,9}))(?: (?P<zone>[+-]\d{4}))?")
_WHOLE_LINES = (
    re.compile(
        _STAMP + rb" +(?:(?P<uid>[A-Za-z0-9_.-]{1,40}) +)?(?P<pid>\d{1,10}) +(?P<tid>\d{1,10}) (?P<level>[VDIWEFS])"
        rb"(?: +(?P<tag>[^:]*+(?::(?! |$)[^:]*+)*+):(?: |$))? *(?P<message>.*)"),
    re.compile(
        _STAMP + rb" +(?P<level>[VDIWEFS])/(?P<tag>.*?)\( *(?:(?P<uid>[A-Za-z0-9_.-]{1,40}): *)?(?P<pid>\d{1,10})\): ?"
        rb"(?P<message>.*)"),
    re.compile(
        rb"[ ,]{0,12}(?P<level>[VDIWEFS])/(?P<tag>.*?)\( *(?:(?P<uid>[A-Za-z0-9_.-]{1,40}): *)?(?P<pid>\d{1,10})\): ?"
        rb"(?P<message>.*)"),
)
_DIVIDER = re.compile(rb"-{3,12} (?:beginning of|switch to) (?:/dev/log/)?([A-Za-z0-9_-]{1,40})\s*$")
_SILENT = re.compile(rb"\s*$|\[logcat: [0-9.]+s elapsed\]\s*$")

_LOST_TAGS = (b"chatty", b"liblog")
_LOST, _LINES = (b"expire", b"identical"), (b"line", b"lines")

# Android has eight. A log that names more is not to be believed.
_MOST_BUFFERS = 24

# Seconds since 1970 are larger than any uptime, which the same column holds in the monotonic format.
_EARLIEST_EPOCH = 100_000_000


class Parsed(NamedTuple):
    """lines: the entries as lines of JSON. entries: how many. unparsed: of them, those that stand as raw."""

    lines: bytes
    entries: int
    unparsed: int
    dropped: int


class _Head(NamedTuple):
    """json: what stands between an entry's time and its message, from the zone on. level, process: for the counts."""

    json: bytes
    level: str
    process: str
    loses: bool


class _Heads(dict[bytes, "bytes | None"]):
    """Head -> its JSON, or None for what is no head. Understands each once."""

    def __init__(self, processes: Mapping[int, str]) -> None:
        super().__init__()
        self.processes = processes
        self.known: dict[bytes, _Head] = {}
        self.losing: set[bytes] = set()

    def __missing__(self, head: bytes) -> bytes | None:
        understood = None
        for pattern in (_THREADTIME, _TIME):
            found = pattern.fullmatch(head)
            if found is not None:
                understood = self.understood(found.groupdict())
                break
        if understood is None:
            self[head] = None
            return None
        self.known[head] = understood
        if understood.loses:
            self.losing.add(head)
        self[head] = understood.json
        return understood.json

    def understood(self, parts: Mapping[str, bytes | None]) -> _Head:
        level = LEVELS[parts["level"] or b"I"]
        members = [zone_of(parts.get("zone")), b'","level":"', level.encode()]
        pid = parts.get("pid")
        process = self.processes.get(int(pid)) if pid else None
        if process:
            members += (b'","process":"', escaped(process.encode("utf-8", "replace")))
        members.append(b'"')
        for name in ("pid", "tid"):
            if parts.get(name):
                members.append(b',"%s":%d' % (name.encode(), int(parts[name] or b"0")))
        tag = (parts.get("tag") or b"").strip()
        for name, text in (("uid", parts.get("uid")), ("tag", tag)):
            if text:
                members.append(b',"%s":"%s"' % (name.encode(), text))
        members.append(b',"message":"')
        return _Head(b"".join(members), level, process_name(process, int(pid) if pid else None), tag in _LOST_TAGS)

    def forget(self) -> None:
        self.clear()
        self.known.clear()
        self.losing.clear()


class LogcatParser:
    """Fed chunks of whole lines, valid UTF-8 and redacted. processes: pid -> name, as far as it is known.

    switches: the log marks each change of buffer. Without that, once two buffers have begun, nothing says which one a
    line is from, and the source of the rest is UNNAMED_BUFFER.
    """

    __slots__ = ("source", "_began", "_buffers", "_counted", "_heads", "_prefix", "_switches", "_tally")

    def __init__(self, tally: Tally, processes: Mapping[int, str], switches: bool) -> None:
        self.source = UNNAMED_BUFFER
        self._tally = tally
        self._heads = _Heads(processes)
        self._counted: Counter[bytes] = Counter()
        self._switches = switches
        self._began = 0
        self._buffers: set[str] = set()
        self._prefix = _prefix(self.source)

    def feed(self, chunk: bytes) -> Parsed:
        """Entries are counted in the tally at the latest by `flush`."""
        if b"\r" in chunk:
            chunk = chunk.replace(b"\r\n", b"\n").rstrip(b"\r")
        rows = _LINE.findall(escaped(chunk))
        pieces: list[bytes] = []
        entries = unparsed = dropped = 0
        start = 0
        heads = list(map(self._heads.__getitem__, [row[2] for row in rows]))
        while start < len(rows):
            # Up to the next line that needs a closer look.
            try:
                end = heads.index(None, start)
            except ValueError:
                end = len(rows)
            if start < end:
                part = rows[start:end]
                lines, lost = self._usual(part, heads[start:end])  # type: ignore[arg-type]
                pieces.append(lines)
                entries += len(part)
                dropped += lost
            if end < len(rows):
                parsed = self._unusual(rows[end])
                pieces.append(parsed.lines)
                entries += parsed.entries
                unparsed += parsed.unparsed
                dropped += parsed.dropped
            start = end + 1
        if len(self._heads) > MOST_HEADS:
            self.flush()
            self._heads.forget()
        return Parsed(b"".join(pieces), entries, unparsed, dropped)

    def flush(self) -> None:
        known = self._heads.known
        for head, times in self._counted.items():
            self._tally.count(self.source, known[head].level, known[head].process, times)
        self._counted.clear()

    def _usual(self, rows: list[tuple[bytes, ...]], heads: list[bytes]) -> tuple[bytes, int]:
        dates, clocks, keys, messages, _ = zip(*rows, strict=True)
        self._counted.update(keys)
        for at in (0, -1):
            self._saw(dates[at], clocks[at], heads[at])
        dropped = 0
        if self._heads.losing:
            for message in compress(messages, map(self._heads.losing.__contains__, keys)):
                dropped += _lost(message)
        lines = zip(repeat(self._prefix), dates, repeat(b"T"), clocks, heads, messages, repeat(b'"}\n'))
        return b"".join(chain.from_iterable(lines)), dropped

    def _saw(self, date: bytes, clock: bytes, head: bytes) -> None:
        self._tally.saw((date + b"T" + clock + head[:head.index(b'"')]).decode("ascii"))

    def _unusual(self, row: tuple[bytes, ...]) -> Parsed:
        date, clock, head, message, line = row
        if not line:
            line = b"%b %b %b: %b" % (date, clock, head, message)
        divider = _DIVIDER.match(line)
        if divider is not None:
            self._enter(divider[1].decode("ascii"), b"switch to" in line)
            return Parsed(b"", 0, 0, 0)
        if _SILENT.match(line):
            return Parsed(b"", 0, 0, 0)
        for pattern in _WHOLE_LINES:
            found = pattern.fullmatch(line)
            if found is not None:
                return self._entry(found.groupdict())
        self._tally.count(self.source, None, process_name(None, None))
        return Parsed(b'{"source":"%b","raw":"%b"}\n' % (self.source.encode(), line), 1, 1, 0)

    def _entry(self, parts: dict[str, bytes | None]) -> Parsed:
        head = self._heads.understood(parts)
        time = _time(parts)
        self._tally.count(self.source, head.level, head.process)
        if time:
            self._tally.saw((time + (zone_of(parts.get("zone")) if parts.get("date") else b"")).decode("ascii"))
        message = parts["message"] or b""
        if not time:
            # The JSON of a head begins with what follows a time.
            lines = b'{"source":"%b%b%b"}\n' % (self.source.encode(), head.json, message)
        elif parts.get("date"):
            lines = b"%b%b%b%b\"}\n" % (self._prefix, time, head.json, message)
        else:
            lines = b"%b%b%b%b\"}\n" % (self._prefix, time, head.json[head.json.index(b'"'):], message)
        return Parsed(lines, 1, 0, _lost(message) if head.loses else 0)

    def _enter(self, buffer: str, switch: bool) -> None:
        self.flush()
        self._began += not switch
        self._switches = self._switches or switch
        if len(self._buffers) < _MOST_BUFFERS:
            self._buffers.add(buffer)
        is_certain = (self._switches or self._began < 2) and buffer in self._buffers
        self.source = buffer if is_certain else UNNAMED_BUFFER
        self._prefix = _prefix(self.source)


def _prefix(source: str) -> bytes:
    return b'{"source":"%b","time":"' % source.encode()


def _lost(message: bytes) -> int:
    """How many lines a marker says are gone: "uid=1000(system) Binder:1_2 expire 3 lines", or liblog's "3"."""
    words = message[-40:].split()
    number = words[-2] if len(words) > 2 and words[-1] in _LINES and words[-3] in _LOST else words[0] if len(words) == 1 else b""
    return int(number) if number.isdigit() and len(number) < 10 else 0


def _time(parts: Mapping[str, bytes | None]) -> bytes:
    date, clock, seconds = parts.get("date"), parts.get("clock"), parts.get("seconds")
    if date and clock:
        return date + b"T" + clock
    if not seconds:
        return b""
    whole, _, fraction = seconds.partition(b".")
    if int(whole) < _EARLIEST_EPOCH:
        return since_boot(seconds.decode("ascii")).encode()
    stamp = datetime.fromtimestamp(int(whole), UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return stamp.encode() + b"." + fraction + b"Z"


def zone_of(zone: bytes | None) -> bytes:
    """"+0100" as RFC 3339 has it; nothing where the log does not tell."""
    return b"%b:%b" % (zone[:3], zone[3:]) if zone else b""
