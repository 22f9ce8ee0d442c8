"""`dumpsys dropbox --print`: the crash reports in the system's box, one after another as they come. No I/O.

    ========================================
    2026-01-31 10:15:00 data_app_crash (compressed text, 1732 bytes)
    Process: com.example.app
    PID: 4711
    …

A report is a line of its own name after a ruler; its text goes on to the next such pair. Facts: AOSP
DropBoxManagerService, ActivityManagerService (the first lines of a report), debuggerd (tombstones).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# An ANR's stacks of all processes are a few hundred kilobytes.
LONGEST_REPORT = 512 * 1024

# tag -> kind of the triage. The tags begin with who it happened to.
KINDS = {
    "system_server_crash": "system_crash", "system_server_watchdog": "watchdog", "system_server_anr": "anr",
    "system_server_lowmem": "low_memory", "data_app_crash": "app_crash", "system_app_crash": "app_crash",
    "data_app_anr": "anr", "system_app_anr": "anr", "data_app_native_crash": "native_crash",
    "system_app_native_crash": "native_crash", "system_server_native_crash": "native_crash",
    "SYSTEM_TOMBSTONE": "native_crash", "SYSTEM_TOMBSTONE_PROTO_WITH_HEADERS": "native_crash",
    "SYSTEM_RESTART": "reboot", "SYSTEM_BOOT": "reboot", "APANIC_CONSOLE": "kernel_panic",
    "APANIC_THREADS": "kernel_panic",
}
# These are kept after every restart; only what they say makes a panic of one.
_KERNEL_LOGS = frozenset(("SYSTEM_LAST_KMSG", "SYSTEM_RECOVERY_KMSG", "SYSTEM_RECOVERY_LOG"))

_RULER = re.compile(rb"={20,}\s*$")
_NAME = re.compile(
    rb"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d{1,3})? ([\w.@-]{1,64})(?: \((.{0,80})\)?)?\s*$", re.ASCII)
_MEMBER = re.compile(rb"^(Process|PID|Package|Subject|Build|Flags|Foreground|SystemUptimeMs|Loading-Progress|Lifetime)"
                     rb": *(.{0,300})$", re.MULTILINE)
_TOMBSTONE_NAME = re.compile(rb"^(?:Cmdline: (\S{1,200})|pid: (\d{1,10}), .{0,200}?>>> (\S{1,200}) <<<)", re.MULTILINE)
_SIGNAL = re.compile(rb"^signal \d{1,3} \(SIG\w{1,10}\).{0,120}$", re.MULTILINE)
_PANIC = re.compile(rb"^.{0,200}Kernel panic - not syncing.{0,200}$", re.MULTILINE)


class Report(NamedTuple):
    """day, clock: the phone's local time. text: as it was printed, at most LONGEST_REPORT. kind: of the triage, or ""."""

    day: str
    clock: str
    tag: str
    kind: str
    process: str
    pid: int | None
    words: str
    text: bytes


def reports(chunks: Iterable[bytes]) -> Iterator[Report]:
    """chunks: whole lines. A report that is cut at the end of the stream is given as far as it goes."""
    name: re.Match[bytes] | None = None
    after_ruler = False
    lines: list[bytes] = []
    size = 0
    for chunk in chunks:
        for line in chunk.splitlines():
            began = _NAME.match(line) if after_ruler else None
            if began is not None:
                if name is not None:
                    yield _report(name, lines)
                name, lines, size = began, [], 0
            elif name is not None and not _RULER.match(line) and size < LONGEST_REPORT:
                lines.append(line)
                size += len(line) + 1
            after_ruler = _RULER.match(line) is not None
    if name is not None:
        yield _report(name, lines)


def _report(name: re.Match[bytes], lines: list[bytes]) -> Report:
    text = b"\n".join(lines).strip(b"\n")
    tag = name[3].decode()
    members = {found[1].decode(): found[2].decode("utf-8", "replace").strip() for found in _MEMBER.finditer(text[:4096])}
    process, pid = _whose(tag, members, text)
    panic = _PANIC.search(text) if tag in _KERNEL_LOGS or tag.startswith("APANIC") else None
    kind = "kernel_panic" if panic is not None else KINDS.get(tag, "")
    words = panic[0].decode("utf-8", "replace").strip() if panic is not None else _words(members, text)
    return Report(name[1].decode(), name[2].decode(), tag, kind, process.partition(" ")[0],
                  int(pid) if pid.isascii() and pid.isdigit() and len(pid) <= 10 else None, words, text)


def _whose(tag: str, members: dict[str, str], text: bytes) -> tuple[str, str]:
    """The process and its pid, "" where not told. A tombstone has them in lines of its own."""
    process, pid = members.get("Process", ""), members.get("PID", "")
    if process or not ("omb" in tag.lower() or "native" in tag):
        return process, pid
    tombstone = _TOMBSTONE_NAME.search(text[:16384])
    if tombstone is None:
        return process, pid
    return (tombstone[1] or tombstone[3] or b"").decode("utf-8", "replace"), pid or (tombstone[2] or b"").decode()


def _words(members: dict[str, str], text: bytes) -> str:
    """What it says of itself in a line: its subject, its signal, or the first line that is none of its members."""
    signal = _SIGNAL.search(text[:65536])
    said = members.get("Subject") or (signal[0].decode("utf-8", "replace") if signal is not None else "")
    if said:
        return said
    for line in text[:16384].split(b"\n"):
        if line.strip() and not _MEMBER.match(line):
            return line.strip()[:300].decode("utf-8", "replace")
    return ""
