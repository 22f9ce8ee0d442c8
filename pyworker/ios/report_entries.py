"""A crash report -> the entry that tells of it, and what it adds to the triage, in a technician's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pyworker.collecting.entries import instant
from pyworker.collecting.triage import SENSORS, Evidence
from pyworker.ios import ips

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyworker.collecting.collection import Collection
    from pyworker.ios.afc import File

SOURCE = "crash_reports"

# Kinds of reports (ips.KINDS_BY_TYPE) -> kind of the triage and a line of words. The others are no faults.
_TRIAGE = {
    "panic": ("panic", "The phone's kernel stopped and it restarted."),
    "jetsam": ("jetsam", "The phone ran out of memory and ended processes."),
    "crash": ("app_crash", "A process crashed."),
    "hang": ("anr", "A process did not react."),
    "resource": ("resource_limit", "A process used more than it may of the processor, the disk or the memory."),
    "reset": ("forced_reset", "The phone was restarted by force or lost power."),
}
_PARTS = {
    "missing_sensors": "A sensor does not answer.", "watchdog": "A system service stopped answering.",
    "power_controller": "The power controller (SMC) reported a fault.", "secure_enclave": "The Secure Enclave failed.",
    "display": "The display processor failed.", "always_on_processor": "The always-on processor (AOP) failed.",
    "storage": "The storage failed.", "baseband": "The modem failed.", "i2c": "A chip on the I2C bus does not answer.",
}


class Happening(NamedTuple):
    """triage: its kind there, "" for what is no fault. words: the technician's. text: the report's own."""

    triage: str
    words: str
    text: str
    process: str
    group: str = ""
    sensors: tuple[str, ...] = ()


def add_report(path: str, file: File, into: Collection) -> None:
    """The report becomes an artifact, an entry, and evidence of the triage where it tells of a fault."""
    report = ips.parse(file.data)
    named = ips.parse_name(path)
    kind = ips.kind_of(report, named)
    what = happening(kind, report, report.process or named.process)
    time = rfc3339(report.timestamp) or (f"{named.day}T00:00:00" if named.day else None)
    artifact = into.report(path.replace("/", "_"), file.data)
    if file.truncated:
        into.cut("size")
    said = {
        "source": SOURCE, "time": time, "level": "info" if not what.triage else "fault" if kind == "panic" else "error",
        "process": what.process, "tag": kind, "message": what.text or named.process or kind, "file": artifact,
    }
    into.entry({name: value for name, value in said.items() if value})
    if what.triage:
        evidence = Evidence(SOURCE, f"{path.rpartition('/')[2]}: {what.text}" if what.text else path, artifact)
        # The whole phone panics or is reset: the process that was running then is not to blame.
        process = None if kind in ("panic", "reset") else what.process or None
        into.triage.add(what.triage, what.words, evidence, process=process, time=time, group=what.group,
                        sensors=what.sensors)


def happening(kind: str, report: ips.Report, process: str) -> Happening:
    """kind: of the report, as ips.kind_of has it. process: the one it names, or ""."""
    triage, words = _TRIAGE.get(kind, ("", ""))
    text = _cause(report)
    if kind == "panic":
        return _panic(triage, words, report.panic_line or text, process, tuple(report.missing_sensors))
    if kind == "crash" and report.watchdog:
        words = "The system ended a process that did not react in time (0x8badf00d)."
        return Happening("watchdog", words, text, process)
    if kind == "jetsam":
        process = report.largest_process or process
        text = f"largest process: {process}" if process else text
    return Happening(triage, words, text, process)


def _panic(triage: str, words: str, text: str, process: str, sensors: tuple[str, ...]) -> Happening:
    group = "missing_sensors" if sensors else ips.panic_group(text) if text else "other"
    return Happening(triage, f"{words} {_part(group, sensors)}".strip(), text, process, group, sensors)


def _part(group: str, sensors: Sequence[str]) -> str:
    """What a panic says of the part that failed, for a technician."""
    if not sensors:
        return _PARTS.get(group, "")
    named = (f"{name} ({SENSORS[name.upper()]})" if name.upper() in SENSORS else name for name in sensors)
    return f"Sensors that do not answer: {', '.join(named)}."


def _cause(report: ips.Report) -> str:
    cause = report.cause
    return " ".join(cause[name] for name in ("exception", "signal", "termination") if cause.get(name))


def rfc3339(timestamp: str) -> str | None:
    """A report's "2026-11-25 10:15:00.00 +0100"; None for what is no time."""
    day, _, rest = timestamp.partition(" ")
    clock, _, zone = rest.partition(" ")
    if len(zone) == 5 and zone[0] in "+-" and zone[1:].isdigit():
        zone = f"{zone[:3]}:{zone[3:]}"
    elif zone:
        return None
    time = f"{day}T{clock}{zone}"
    return time if day[4:5] == "-" and instant(time) is not None and len(clock) >= 8 else None
