"""Apple's crash reports (.ips): what a file's name tells, what its header line tells, and what its body tells.

A report is one line of JSON, the header, then a body: text up to iOS 14 (bug_type 109), a second JSON document since
(309 and others). The rules, from published reports:
- Line 1 is parsed alone. Its members vary: `app_name` or `name`, empty, padded or missing; flags are booleans before
  iOS 14 and 0 or 1 after; `bundleID` is missing for system processes; `bug_type` is a string of digits.
- A body may be cut anywhere or be pasted with typographic quotes. The header is kept and the body marked unreadable;
  a panic's first line and a termination code are still found in what is there.
- A header that is itself damaged is searched for the members that matter.
- Members nobody at Apple writes (`blame`, `symbolicated`) were added by a jailbreak's crash reporter.
- Everything is linear in the size of the file; nothing raises.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

# bug_type -> kind, after the names the types have in Apple's table of what is sent in (OSAnalytics' submissionConfig)
# and published reports of them. The others are "other": updates, graphics restarts, low batteries, sandbox and the like.
_TYPES_BY_KIND: dict[str, str] = {
    "crash": "109 159 309 409",
    "user_fault": "308 385",
    "panic": "110 210",
    "jetsam": "98 198 298 301",
    "resource": "142 145 185 202 206 227 327",
    "reset": "115 151",
    "hang": "207 222 223 228 310 328",
    "stackshot": "186 188 288 509",
    "analytics": "193 211 224 225 226 229 230 233 234 236 237 278 303 304 311 313 329 330 331",
}
KINDS_BY_TYPE: dict[str, str] = {number: kind for kind, numbers in _TYPES_BY_KIND.items() for number in numbers.split()}
# Types that the table gives to one of these kinds were seen on files that their names give to the other.
_NAME_IS_SURER = frozenset(("resource", "user_fault"))

# Name of the file -> kind, where the name says it. Tried in this order; the rest are crashes of a process.
_KINDS_BY_NAME: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("panic", re.compile(r"panic-(full|base)\b", re.IGNORECASE)),
    ("reset", re.compile(r"(forceReset|ResetCounter)\b", re.IGNORECASE)),
    ("jetsam", re.compile(r"(JetsamEvent|LowMemory|SystemMemoryReset)\b", re.IGNORECASE)),
    ("user_fault", re.compile(r"ExcUserFault_")),
    ("resource", re.compile(r"ExcResource_|.*\.\w+_resource(_fatal)?(?=-|\.|$)")),
    ("stackshot", re.compile(r"stacks?(hot|\+|-)")),
    ("analytics", re.compile(
        r"(Analytics-|log-aggregated|log-power|log-session|xp_amp_|SiriSearchFeedback-|awdd?_|WiFiLQM|SFA-"
        r"|proactive_event_tracker-)")),
    ("other", re.compile(r"(OTAUpdate|gpuEvent|LowBatteryLog)-")),
)
_PROCESS_PREFIX = re.compile(r"(ExcUserFault_|ExcResource_)")
_RESOURCE_SUFFIX = re.compile(r"\.\w+_resource(_fatal)?$")
# Name-2026-09-21-101010(.0002).ips(.ca)(.synced), with "_" before the date in the older generation; the time may
# have dashes in it (OTAUpdate).
_STAMP = re.compile(r"[-_.](20\d\d)-([01]\d)-([0-3]\d)(?:-([0-2]\d)([0-5]\d)([0-5]\d))?(?!\d)")
DAY = re.compile(r"20\d\d-[01]\d-[0-3]\d")
_REPORT_ENDING = re.compile(r"\.(ips|crash|panic|beta|diag|hang|spin)(\.|$)", re.IGNORECASE)

WATCHDOG_CODE = 0x8BADF00D
_WATCHDOG = re.compile(r"0x0{0,16}8badf00d\b|\b2343432205\b", re.IGNORECASE)
_PANIC_STRING = re.compile(r'"panicString"\s*:\s*"((?:[^"\\]|\\.)*)', re.DOTALL)
_MEMBER = re.compile(r'"([A-Za-z_]{2,40})"\s*:\s*(?:"((?:[^"\\]|\\.){0,500})"|(-?\d{1,19}|true|false))')
_TEXT_MEMBER = re.compile(r"^([A-Z][A-Za-z /]{2,40}):[ \t]*(.*)$", re.MULTILINE)
_DECODER = json.JSONDecoder(strict=False)
_QUOTES = str.maketrans({"\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"', "\u00bb": '"', "\u2033": '"'})

# No header is longer; a first line beyond it is not one.
LONGEST_HEADER = 64 * 1024
# What a sentence from a report may take in an answer. The first line of a panic is some 100 to 300 characters.
LONGEST_LINE = 600
# The list of missing sensors stands in the first line of a panic or shortly below it.
SENSOR_LINES = 8
# How deep a report's text is searched for "Termination …" lines: they stand above the threads.
TEXT_SEARCHED = 64 * 1024

# What the first line of a panic names, in the field's words. The first that matches wins.
_PANIC_GROUPS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("missing_sensors", re.compile(r"missing sensor", re.IGNORECASE)),
    ("watchdog", re.compile(r"watchdog timeout|no (successful )?check-?ins|WDT timeout|\bwatchdogd\b", re.IGNORECASE)),
    ("power_controller", re.compile(r"\bSMC\b")),
    ("secure_enclave", re.compile(r"\bSEP\b|AppleSEP|SEPOS")),
    ("display", re.compile(r"\bDCP\b|AppleDCP")),
    ("always_on_processor", re.compile(r"\bAOP\b|AppleAOP")),
    ("storage", re.compile(r"\bANS2?\b|\bNAND\b|NVMe|AppleANS", re.IGNORECASE)),
    ("baseband", re.compile(r"baseband", re.IGNORECASE)),
    ("i2c", re.compile(r"\bi2c\d*\b", re.IGNORECASE)),
)
_SENSORS = re.compile(
    r"missing sensors?\(?s?\)?\s*(?::\s*)?((?:[A-Z][A-Z0-9]{1,7}(?:[ ,]+|\b)){1,20})", re.IGNORECASE)


class Name(NamedTuple):
    """What a file's name tells. day: "YYYY-MM-DD" in the phone's time, or "". process: "" for events of the phone."""

    kind: str
    process: str
    day: str


class Report(NamedTuple):
    """header: as read, {} when there was none. body: the second document, or text, or None when unreadable or absent.
    body_state: "json", "text", "unreadable" or "absent". text: what followed the header, as it was.
    """

    header: dict[str, Any]
    body: Any
    body_state: str
    text: str

    @property
    def kind(self) -> str:
        return KINDS_BY_TYPE.get(self.bug_type, "other")

    @property
    def bug_type(self) -> str:
        given = self.header.get("bug_type", "")
        return str(given).strip() if isinstance(given, (str, int)) and not isinstance(given, bool) else ""

    @property
    def process(self) -> str:
        for member in ("app_name", "name"):
            given = self.header.get(member)
            if isinstance(given, str) and given.strip():
                return given.strip()
        body = self.body if isinstance(self.body, dict) else {}
        return _sentence(body.get("procName"))

    @property
    def bundle_id(self) -> str:
        return _sentence(self.header.get("bundleID"))

    @property
    def timestamp(self) -> str:
        return _sentence(self.header.get("timestamp"))

    @property
    def os_version(self) -> str:
        return _sentence(self.header.get("os_version"))

    @property
    def blame(self) -> list[str] | None:
        """Libraries a jailbreak's crash reporter blames; [] when it blames none; None when no such tool was there."""
        if "blame" not in self.header:
            return None
        given = self.header["blame"]
        return [item for item in given if isinstance(item, str)] if isinstance(given, list) else []

    @property
    def panic_string(self) -> str:
        """panicString as far as it is there, also from a body that is cut, or from text; "" when there is none."""
        for document in (self.body, self.header):
            said = document.get("panicString") if isinstance(document, dict) else None
            if isinstance(said, str):
                return said
        found = _PANIC_STRING.search(self.text)
        if found is not None:
            return _unescaped(found.group(1))
        start = self.text.find("panic(") if self.body_state == "text" and self.kind == "panic" else -1
        return self.text[start:] if start >= 0 else ""

    @property
    def panic_line(self) -> str:
        """The first line of the panic, which names what failed; the others are registers, versions and threads."""
        return _sentence(self.panic_string)

    @property
    def missing_sensors(self) -> list[str]:
        """What a panic calls "Missing sensor(s)": in its first line, or in one of the few below it."""
        return missing_sensors("\n".join(self.panic_string[:TEXT_SEARCHED].split("\n")[:SENSOR_LINES]))

    @property
    def watchdog(self) -> bool:
        """Whether the system killed the process because it did not react in time (termination code 0x8badf00d)."""
        if isinstance(self.body, dict):
            termination = self.body.get("termination")
            code = termination.get("code") if isinstance(termination, dict) else None
            if code == WATCHDOG_CODE:
                return True
        return _WATCHDOG.search(self.text[:TEXT_SEARCHED]) is not None

    @property
    def cause(self) -> dict[str, str]:
        """{"exception", "signal", "termination"}: those of them that the report names."""
        said: dict[str, str] = {}
        if isinstance(self.body, dict):
            exception, termination = self.body.get("exception"), self.body.get("termination")
            if isinstance(exception, dict):
                said["exception"] = _sentence(exception.get("type"))
                said["signal"] = _sentence(exception.get("signal"))
            if isinstance(termination, dict):
                said["termination"] = " ".join(filter(None, (
                    _sentence(termination.get("namespace")), _sentence(termination.get("indicator")))))
        else:
            lines = dict(_TEXT_MEMBER.findall(self.text[:TEXT_SEARCHED]))
            kind = re.match(r"(\w+)(?:\s+\((\w+)\))?", lines.get("Exception Type", ""))
            if kind is not None:
                said["exception"], said["signal"] = kind.group(1), kind.group(2) or ""
            said["termination"] = _sentence(lines.get("Termination Reason", lines.get("Termination Description")))
        return {name: value for name, value in said.items() if value}

    @property
    def largest_process(self) -> str:
        """What a jetsam report names as the process that used most memory."""
        return _sentence(self.body.get("largestProcess")) if isinstance(self.body, dict) else ""


def is_report(path: str) -> bool:
    """Whether a file of the crash folder is a report at all."""
    return _REPORT_ENDING.search(path.rpartition("/")[2]) is not None


def parse_name(path: str) -> Name:
    file = path.rpartition("/")[2]
    stamps = list(_STAMP.finditer(file))
    stamp = stamps[-1] if stamps else None
    stem = file[:stamp.start()] if stamp is not None else _REPORT_ENDING.split(file)[0]
    day = "-".join(stamp.group(1, 2, 3)) if stamp is not None else ""
    kind = next((kind for kind, pattern in _KINDS_BY_NAME if pattern.match(file)), "crash")
    process = ""
    if kind in ("crash", "user_fault", "resource"):
        process = _RESOURCE_SUFFIX.sub("", _PROCESS_PREFIX.sub("", stem, count=1))
    return Name(kind, process, day)


def kind_of(report: Report, name: Name) -> str:
    """What the header says. Where it says nothing the name does; but what says that it is something unknown is not the
    crash that a name without a mark stands for."""
    if report.kind != "other":
        return name.kind if {report.kind, name.kind} <= _NAME_IS_SURER else report.kind
    return "other" if report.bug_type and name.kind == "crash" else name.kind


def parse(data: bytes | str) -> Report:
    """Any bytes, whole or cut. What is no report has an empty header."""
    content = _decoded(data)
    line, _, rest = content.partition("\n")
    header = _header(line)
    if not header and line.lstrip().startswith("{") and rest:
        header, rest = _header_over_lines(content)
    body, state = _body(rest)
    return Report(header, body, state, rest)


def panic_group(line: str) -> str:
    """Which part of the phone the first line of a panic names; "other" when none of the known ones."""
    return next((group for group, pattern in _PANIC_GROUPS if pattern.search(line)), "other")


def missing_sensors(line: str) -> list[str]:
    """The names in "missing sensor(s): mic1 TG0B", as they stand. Names of sensors have a digit or are all capitals."""
    found = _SENSORS.search(line)
    if found is None:
        return []
    words = re.split(r"[ ,]+", found.group(1).strip())
    return [word for word in words if any(letter.isdigit() for letter in word) or word.isupper()]


def _decoded(data: bytes | str) -> str:
    if isinstance(data, str):
        return data.lstrip("\ufeff")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace").lstrip("\ufeff")
    return data.decode("utf-8", "replace").lstrip("\ufeff")


def _header(line: str) -> dict[str, Any]:
    if len(line) > LONGEST_HEADER:
        return {}
    for candidate in (line, line.translate(_QUOTES)):
        document = _document(candidate)
        if isinstance(document, dict):
            return document
    plain = line.translate(_QUOTES)
    if '"bug_type"' not in plain and 'bug_type":' not in plain:
        return {}
    salvaged: dict[str, Any] = {}
    for member, string, literal in _MEMBER.findall(plain if plain.lstrip().startswith("{") else '"' + plain):
        salvaged.setdefault(member, _unescaped(string) if not literal else _document(literal))
    return salvaged if "bug_type" in salvaged else {}


def _header_over_lines(content: str) -> tuple[dict[str, Any], str]:
    """A header that somebody pretty-printed: the first document of the text, and what comes after it."""
    stripped = content.lstrip()
    document, end = _first_document(stripped[:LONGEST_HEADER])
    if not isinstance(document, dict) or "bug_type" not in document:
        return {}, content
    return document, stripped[end:]


def _body(rest: str) -> tuple[Any, str]:
    stripped = rest.strip()
    if not stripped:
        return None, "absent"
    if stripped[0] not in "{[\u201c\u201d":
        return stripped, "text"
    document = _document(stripped)
    if document is None:
        # Whoever passed the report on may have added notes below it.
        document = _first_document(stripped)[0]
    return (None, "unreadable") if document is None else (document, "json")


def _document(text: str) -> Any:
    """The one JSON document the text is, or None. Line ends inside of strings are let through: copies have them."""
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None


def _first_document(text: str) -> tuple[Any, int]:
    """The JSON document the text begins with, and where it ends; None and 0 without one."""
    try:
        return _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return None, 0


def _unescaped(inner: str) -> str:
    """The text of a JSON string's inside, as far as it can be told when the string is cut in an escape."""
    for cut in (inner, inner[:inner.rfind("\\")] if "\\" in inner else inner):
        document = _document(f'"{cut}"')
        if isinstance(document, str):
            return document
    return inner.replace("\\n", "\n").replace('\\"', '"')


def _sentence(value: Any) -> str:
    if not isinstance(value, str):
        return ""
    first = next((line.strip() for line in value.splitlines() if line.strip()), "")
    return first[:LONGEST_LINE]
