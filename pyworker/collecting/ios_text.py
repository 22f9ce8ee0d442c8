r"""An iPhone's log as text (syslog_relay) taken apart: entries in, members out, no I/O.

    Nov 25 09:12:01 Annas-iPhone SpringBoard[55] <Notice>: message                      iOS 9 and older
    Nov 25 09:12:01 Annas-iPhone SpringBoard(FrontBoard)[55] <Notice>: message          iOS 10 and newer
    Nov 25 09:12:01 Annas-iPhone kernel()[0] <Notice>: message                          no library
    Nov 25 09:12:01 Annas-iPhone Till (beta)(CoreFoundation)[402] <Error>: message      an app's name with brackets
    Nov 25 09:12:01 Annas-iPhone com.apple.xpc.launchd[1] (com.example[402]) <Warning>: message

- The stream begins with NUL; an entry ends with a line feed and NUL, and may hold line feeds itself.
- The day is padded with a blank; there is no year and no zone. The host is the phone's name with dashes in it.
- A level may be missing (simulators), and only the words of the list are levels: messages hold `<string: …>`. A
  message may be empty, with no blank after the colon.
- Characters beyond ASCII may be encoded as vis(3) has it (\M-C\M-<).
- In restore mode each line has the prefix `SYSLOG: `.
- "--- last message repeated 3 times ---" stands for lines that were folded together.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyworker.collecting.entries import Entry

SOURCE = "syslog"

# Apple's logger ends a message after 32 KiB; vis makes four characters of one.
LONGEST_ENTRY = 256 * 1024

LEVELS = {
    "Emergency": "emergency", "Alert": "alert", "Critical": "critical", "Error": "error", "Warning": "warning",
    "Notice": "notice", "Info": "info", "Debug": "debug", "Fault": "fault", "Default": "notice",
}
_MONTHS = {name: f"{number:02d}" for number, name in enumerate(
    ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1)}

_ENTRY = re.compile(
    r"(?P<month>[A-Z][a-z]{2}) {1,2}(?P<day>\d{1,2}) (?P<clock>\d\d:\d\d:\d\d(?:\.\d{1,9})?) (?P<host>\S{1,255}) "
    r"(?P<process>[^\[\]:\n]{1,255}?)(?:(?<=\S)\((?P<library>[^()\n]{0,255})\))?\[(?P<pid>\d{1,10})\]"
    r"(?P<service> \([^()\n]{1,255}\))?(?::? ?<(?P<level>" + "|".join(LEVELS) + r")>)?: ?(?P<message>.*)",
    re.DOTALL)
_REPEATED = re.compile(r"(?:.{0,400}?)--- last message repeated (\d{1,9}) times? ---\s*\Z", re.DOTALL)
_LOST = re.compile(r"(?:\*{2,4} ?)?(\d{1,9}) messages? (?:were )?(?:dropped|lost)|[Mm]essages? dropped during", re.ASCII)
_RESTORE = "SYSLOG: "

_VIS = re.compile(r"\\(?:M-(?P<meta>[!-~])|M\^(?P<metacontrol>[?-_])|\^(?P<control>[?-_])|(?P<octal>[0-3][0-7]{2})|\\)")


def entries_of(data: bytes) -> Iterator[bytes]:
    """The entries in some whole part of the stream, without their ends."""
    for piece in data.split(b"\0"):
        entry = piece.strip(b"\r\n")
        if entry:
            yield entry


def parse(entry: bytes) -> tuple[Entry, int]:
    """The entry's members, and how many lines it says were folded or lost."""
    text = unvis(entry.decode("utf-8", "replace")).removeprefix(_RESTORE)
    repeated = _REPEATED.match(text)
    if repeated is not None:
        return {"source": SOURCE, "raw": text}, int(repeated[1])
    found = _ENTRY.match(text)
    month = _MONTHS.get(found["month"]) if found is not None else None
    if found is None or month is None:
        return {"source": SOURCE, "raw": text}, lost(text)
    parsed: Entry = {"source": SOURCE, "time": f"{month}-{int(found['day']):02d}T{found['clock']}"}
    if found["level"]:
        parsed["level"] = LEVELS[found["level"]]
    parsed["process"] = found["process"]
    parsed["pid"] = int(found["pid"])
    if found["service"]:
        parsed["tag"] = found["service"].strip(" ()")
    if found["library"]:
        parsed["library"] = found["library"]
    parsed["message"] = found["message"]
    return parsed, lost(found["message"])


def lost(message: str) -> int:
    """How many messages a marker says are gone; one where it does not say how many."""
    found = _LOST.match(message)
    return 0 if found is None else int(found[1] or 1)


def unvis(text: str) -> str:
    """vis(3)'s encoding undone, where it makes valid UTF-8; the text as it is where it does not."""
    if "\\" not in text:
        return text
    # Codes 128 to 255 are bytes of UTF-8 to be: kept apart from the text's own characters as lone surrogates.
    undone = _VIS.sub(_character, text)
    try:
        return undone.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        return text


def _character(found: re.Match[str]) -> str:
    if found["meta"]:
        code = ord(found["meta"]) | 0x80
    elif found["metacontrol"]:
        code = (ord(found["metacontrol"]) ^ 0x40) | 0x80
    elif found["control"]:
        code = ord(found["control"]) ^ 0x40
    elif found["octal"]:
        code = int(found["octal"], 8)
    else:
        return "\\"
    return chr(code) if code < 0x80 else chr(0xDC00 + code)
