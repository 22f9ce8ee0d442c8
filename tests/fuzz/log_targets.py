"""Logs: logcat in every format, dropbox reports, the old syslog, and the redaction that all of it passes."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from pyworker.android import dropbox_print
from pyworker.collecting import ios_text, logcat_signs
from pyworker.collecting.chunks import Newest, whole_lines
from pyworker.collecting.entries import valid_utf8
from pyworker.collecting.logcat import LogcatParser
from pyworker.collecting.redaction import Redactor
from pyworker.collecting.since import NewerLines
from pyworker.collecting.tally import Tally
from pyworker.collecting.triage import Triage
from tests.fuzz.target import Target

_LOGCATS = [
    b"--------- beginning of main\n"
    b"2026-10-10 10:00:00.123456 +0200  1000  1234  1235 I ActivityManager: Start proc 4711:com.example.app/u0a1\n"
    b"10-10 10:00:00.123  1234  1235 E AndroidRuntime: FATAL EXCEPTION: main\n"
    b"10-10 10:00:00.124  1234  1235 E AndroidRuntime: java.lang.IllegalStateException: imei 490154203237518\n"
    b"--------- switch to crash\n[ 1760000000.123  1234: 1235 W/tag ]\nchatty: uid=1000 identical 5 lines\n",
    b"I/tag     ( 1234): at 52.5163,13.3777 mail a@example.org mac 02:00:5e:10:00:ff\r\n",
    b"         12.345678  1234  1235 F libc    : Fatal signal 11 (SIGSEGV), code 1 in tid 1235 (main)\n",
]


def logcat(data: bytes) -> object:
    """Every entry is a line of JSON, as many as are counted."""
    redactor = Redactor("strict", {"serial": ["A1B2C3D4E5"]})
    tally, triage = Tally(), Triage(redactor.clean_text)
    parser = LogcatParser(tally, {1234: "com.example.app"}, True)
    now = datetime(2026, 10, 10, 12, 0, tzinfo=UTC)
    newer, newest = NewerLines(datetime(2026, 10, 10, 8, 0, tzinfo=UTC), now), Newest(50, 8192)
    entries = 0
    for chunk in whole_lines([data]):
        clean = redactor.clean(valid_utf8(chunk))
        newest.add(newer.only(clean))
        logcat_signs.find_signs(clean, triage)
        parsed = parser.feed(clean)
        assert sum(1 for line in parsed.lines.splitlines() if json.loads(line) or True) == parsed.entries
        entries += parsed.entries
    parser.flush()
    return entries, list(newest.chunks())


_DROPBOX = [
    b"Drop box contents: 2 entries\n\n========================================\n"
    b"2026-01-31 10:15:00 data_app_crash (compressed text, 1732 bytes)\nProcess: com.example.app\nPID: 4711\n"
    b"Flags: 0x1\n\njava.lang.RuntimeException: no\n\tat a.b.c(D.java:1)\n\n"
    b"========================================\n2026-01-31 10:16:00 SYSTEM_TOMBSTONE (text, 9 bytes)\n"
    b"pid: 1, tid: 1, name: x  >>> /system/bin/x <<<\nsignal 11 (SIGSEGV), code 1\n",
]


def dropbox_reports(data: bytes) -> object:
    return list(dropbox_print.reports(whole_lines([data])))


_SYSLOGS = [
    b"Oct 10 10:00:00 Demo-iPhone SpringBoard(FrontBoard)[57] <Notice>: a \\M-C\\M-$ b\n\0"
    b"Oct 10 10:00:01 Demo-iPhone kernel[0] <Error>: x\\134y\\^[\n\0=== last message repeated 3 times ===\n\0",
]


def syslog(data: bytes) -> object:
    return json.dumps([ios_text.parse(entry) for entry in ios_text.entries_of(data)])


TARGETS = {
    "logcat": Target(_LOGCATS, logcat),
    "dropbox_reports": Target(_DROPBOX, dropbox_reports),
    "syslog": Target(_SYSLOGS, syslog),
}
