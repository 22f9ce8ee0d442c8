"""One collection under way: what the phone gives is cleaned, taken apart, counted and written, piece by piece.

    feed_logcat    chunks of Android's log          entry       one entry of any other kind
    report         a whole crash report             ended       how a source ended, or why it said nothing

Whoever reads a phone calls these, from one thread at a time; `abandon` may come from another at any moment.
"""

from __future__ import annotations

import json
import threading
from time import monotonic
from typing import TYPE_CHECKING, Any

from protocol.errors import request_cancelled
from pyworker.collecting import logcat_signs
from pyworker.collecting.chunks import Newest, whole_lines
from pyworker.collecting.entries import encoded, instant, plain, valid_utf8
from pyworker.collecting.logcat import LogcatParser
from pyworker.collecting.redaction import NONE
from pyworker.collecting.since import NewerLines
from pyworker.collecting.sink import AnswerSink
from pyworker.collecting.tally import Tally, tally_of
from pyworker.collecting.triage import Triage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from pyworker.call import Call
    from pyworker.collecting.entries import Entry
    from pyworker.collecting.redaction import Redactor
    from pyworker.collecting.sink import FolderSink
    from pyworker.collecting.wanted import Wanted

# Twice a second would do for a person; the wire takes ten.
_PROGRESS_INTERVAL_S = 0.1
# What `entries` in an answer may take; the whole answer must fit a line of 8 MiB, and ASCII escapes make text longer.
ANSWER_BYTES = 4 * 1024 * 1024
# What is held of a log of which only the newest lines are wanted. 100,000 lines of logcat are some 12 MB.
NEWEST_BYTES = 16 * 1024 * 1024

# So many entries, or characters of them, are cleaned and written together.
_BATCH, _BATCH_BYTES = 512, 64 * 1024
_FREE_TEXT = ("process", "tag", "library", "message", "raw")
# Between texts that are cleaned together: no text holds a NUL, and nothing that is replaced reaches over a line's end.
_BETWEEN = b"\n\0\n"

# What ended a source that may have had more to say.
_CUT = ("limit", "size", "timeout", "disconnected", "truncated", "unreadable")
_NOTHING_MISSING = ("complete", "duration", "limit", "size", "key_missing", "unsupported", "not_applicable")
SILENT = ("timeout", "disconnected", "unreadable")


class Collection:
    """sink: where entries go. warnings: names in findings.WARNINGS, added to by whoever reads.

    entries: handed to the sink so far. dropped: lines the phone says it lost. bytes: read from the phone so far.
    """

    __slots__ = (
        "bytes", "dropped", "entries", "redactor", "sink", "sources", "tally", "triage", "truncated_because", "unparsed", "wanted",
        "warnings", "_abandoned", "_call", "_due", "_ends", "_lock", "_tells_bytes", "_waiting", "_waiting_size",
    )

    def __init__(self, call: Call, wanted: Wanted, redactor: Redactor, sink: FolderSink | AnswerSink) -> None:
        self.wanted = wanted
        self.redactor = redactor
        self.sink = sink
        self.tally = Tally()
        self.triage = Triage(redactor.clean_text)
        self.sources: dict[str, dict[str, Any]] = {}
        self.warnings: dict[str, None] = {}
        self.truncated_because: str | None = None
        self.bytes = self.dropped = self.entries = self.unparsed = 0
        self._call = call
        self._due = 0.0
        self._ends: list[str] = []
        self._tells_bytes = False
        self._abandoned = False
        self._waiting: list[Entry] = []
        self._waiting_size = 0
        self._lock = threading.Lock()

    # What the readers of phones call.

    def left(self) -> int | None:
        """How many more entries are wanted; None without a limit."""
        if self.wanted.limit is None:
            return None
        return max(0, self.wanted.limit - self.entries - len(self._waiting))

    def takes(self, time: str | None, year: int | None = None) -> bool:
        """Whether an entry of this time is new enough. One whose time is not known is."""
        if self.wanted.since is None or time is None:
            return True
        moment = instant(time, year)
        return moment is None or moment >= self.wanted.since

    def feed_logcat(
        self, pieces: Iterable[bytes], processes: Mapping[int, str], now: datetime, switches: bool,
    ) -> int:
        """Android's log as text. now: the phone's clock. Returns how many entries it had."""
        self.flush()
        before = self.entries
        parser = LogcatParser(self.tally, processes, switches)
        newer = NewerLines(self.wanted.since, now) if self.wanted.since is not None else None
        left = self.left()
        held = ANSWER_BYTES if isinstance(self.sink, AnswerSink) else NEWEST_BYTES
        newest = Newest(left, held) if left is not None else None
        for chunk in whole_lines(self._counted(pieces)):
            self._check()
            kept = newer.only(chunk) if newer is not None else chunk
            if newest is not None:
                newest.add(kept)
            else:
                self._parse(parser, kept)
        if newest is not None:
            for chunk in newest.chunks():
                self._parse(parser, chunk)
            if newest.more or not self.left():
                self.cut("limit")
        with self._lock:
            parser.flush()
        return self.entries - before

    def entry(self, entry: Entry) -> bool:
        """One entry, not yet redacted. Whether more are wanted."""
        self._check()
        if not self.takes(entry.get("time")):
            return True
        if self.left() == 0:
            self.cut("limit")
            return False
        self._waiting.append(entry)
        self._waiting_size += len(entry.get("message") or entry.get("raw") or "")
        if self._waiting_size >= _BATCH_BYTES or len(self._waiting) >= _BATCH:
            self.flush()
        self.tell()
        return self.left() != 0

    def flush(self) -> None:
        """Clean, count and write the entries that wait: the same searches serve many of them."""
        waiting, self._waiting, self._waiting_size = self._waiting, [], 0
        if not waiting:
            return
        _clean(waiting, self.redactor)
        lines, text = b"".join(map(encoded, waiting)), b"".join(map(_as_text, waiting))
        with self._lock:
            self._raise_if_abandoned()
            self.sink.write(lines, text, len(waiting))
            self.entries += len(waiting)
            for entry in waiting:
                self.tally.count_entry(entry)
                self.unparsed += "raw" in entry

    def report(self, name: str, data: bytes) -> str:
        """A whole crash report. Returns the name of its artifact, "" where there is no folder for it."""
        self._check()
        clean = plain(self.redactor.clean(valid_utf8(data)))
        # The name may tell the phone's name, as a hang's or an app's may.
        name = self.redactor.clean_text(name)
        with self._lock:
            self._raise_if_abandoned()
            return self.sink.report(name, clean)

    def read(self, size: int) -> None:
        """So many bytes came from the phone."""
        self.bytes += size
        self.tell()

    def ended(self, source: str, end: str, size: int, is_usual: bool = False) -> None:
        """end: "complete", "duration", "limit", "size" or a name in findings.REASONS.

        is_usual: nothing is missing from the answer for that, because no phone tells it or another source did.
        """
        self.sources[source] = {"end": end, "bytes": size}
        if is_usual:
            return
        self._ends.append(end)
        if end in _CUT:
            self.cut(end)
        if end not in _NOTHING_MISSING:
            self.warnings["partial_data"] = None
        if end == "disconnected":
            self.warnings["device_disconnected"] = None
        elif end == "timeout":
            self.warnings["timeout"] = None

    def silence(self) -> str | None:
        """Why there is nothing at all, when every source failed before its first byte; else None."""
        failed = bool(self._ends) and not self.bytes and all(end in SILENT for end in self._ends)
        return self._ends[0] if failed else None

    def cut(self, because: str) -> None:
        """The first cause is what a reader is told."""
        if self.truncated_because is None:
            self.truncated_because = because
        self.warnings["truncated"] = None

    def tell(self) -> None:
        """How far it is, entries and bytes in turn."""
        now = monotonic()
        if now < self._due:
            return
        self._due = now + _PROGRESS_INTERVAL_S
        self._tells_bytes = not self._tells_bytes
        if self._tells_bytes:
            self._call.progress("bytes", self.bytes)
        else:
            self._call.progress("entries", self.entries)

    def listening(self, seconds: float) -> None:
        """How long a live log has been listened to: a quiet phone sends nothing that could be counted meanwhile."""
        self._call.progress("listening", int(seconds * 1000), int(self.wanted.duration_s * 1000))

    # What the handler calls.

    def finish(self) -> dict[str, Any]:
        """The members of `data` that the collection knows. Raises artifact_failed."""
        self.flush()
        with self._lock:
            self._raise_if_abandoned()
            if isinstance(self.sink, AnswerSink):
                tally, handed_over = self._into_answer(self.sink)
            else:
                tally, handed_over = self.tally, self.sink.finish()
        self.tell()
        if self.unparsed:
            self.warnings["entries_unparsed"] = None
        data: dict[str, Any] = {
            "log_count": tally.entries, "counts": tally.counts(), "first": tally.first, "last": tally.last,
            "bytes": self.bytes, "dropped": self.dropped, "unparsed": self.unparsed,
            "truncated": self.truncated_because is not None,
        }
        if self.truncated_because is not None:
            data["truncated_because"] = self.truncated_because
        return {
            **data, "sources": self.sources, "redact": self.redactor.mode,
            "redacted": dict(sorted(self.redactor.counts.items())), "triage": self.triage.result(), **handed_over,
        }

    def abandon(self) -> None:
        with self._lock:
            self._abandoned = True
            self.sink.abandon()

    def _into_answer(self, sink: AnswerSink) -> tuple[Tally, dict[str, Any]]:
        lines = b"".join(sink.lines).splitlines()
        size = 0
        fitting = len(lines)
        # The answer is ASCII: a character beyond it takes six bytes.
        while fitting and (size := size + _ascii_size(lines[fitting - 1])) <= ANSWER_BYTES:
            fitting -= 1
        if fitting:
            self.cut("size")
        entries = [json.loads(line) for line in lines[fitting:]]
        self.unparsed = sum("raw" in entry for entry in entries)
        return tally_of(entries), {"entries": entries}

    def _parse(self, parser: LogcatParser, chunk: bytes) -> None:
        clean = self.redactor.clean(valid_utf8(chunk))
        logcat_signs.find_signs(clean, self.triage)
        parsed = parser.feed(clean)
        self.dropped += parsed.dropped
        self.unparsed += parsed.unparsed
        text = plain(clean)
        with self._lock:
            self._raise_if_abandoned()
            self.sink.write(parsed.lines, text if text.endswith(b"\n") else text + b"\n", parsed.entries)
            self.entries += parsed.entries
        self.tell()

    def _counted(self, pieces: Iterable[bytes]) -> Iterable[bytes]:
        for piece in pieces:
            self.read(len(piece))
            yield piece

    def _check(self) -> None:
        self._call.check_stopped()

    def _raise_if_abandoned(self) -> None:
        if self._abandoned:
            raise request_cancelled()


def _ascii_size(line: bytes) -> int:
    return len(line) if line.isascii() else 6 * len(line.decode("utf-8", "replace"))


def _clean(entries: list[Entry], redactor: Redactor) -> None:
    """Redact what the entries say, all in one go."""
    if redactor.mode == NONE:
        return
    places = [(entry, name) for entry in entries for name in _FREE_TEXT if name in entry]
    texts = [entry[name].replace("\0", "\ufffd").encode("utf-8", "replace") for entry, name in places]
    cleaned = redactor.clean(_BETWEEN.join(texts)).split(_BETWEEN)
    for (entry, name), text in zip(places, cleaned, strict=True):
        entry[name] = text.decode("utf-8", "replace")


def _as_text(entry: Entry) -> bytes:
    """One line for a reader; the further lines of a message are indented."""
    said = [str(entry[name]) for name in ("time", "level", "process", "tag", "subsystem", "category") if name in entry]
    line = " ".join([*said, str(entry.get("message", entry.get("raw", "")))]).replace("\n", "\n\t")
    return plain(line.encode("utf-8", "replace")) + b"\n"
