"""Crash reports of both generations, cut and damaged ones too. All are invented after published reports."""

from __future__ import annotations

import json
import random

import pytest

from pyworker.ios import analytics, crash_folder, ips

HEADER = {
    "app_name": "Notes", "timestamp": "2026-09-08 19:17:17.00 +0200", "app_version": "1.0", "slice_uuid": "0a1b",
    "build_version": "1", "platform": 2, "bundleID": "com.apple.mobilenotes", "share_with_app_devs": 0,
    "is_first_party": 1,
    "bug_type": "309", "os_version": "iPhone OS 18.5 (22F76)", "roots_installed": 0, "name": "Notes",
    "incident_id": "00000000-0000-0000-0000-000000000001"}
BODY = {
    "procName": "Notes", "pid": 812, "captureTime": "2026-09-08 19:17:16.9000 +0200", "modelCode": "iPhone14,5",
    "exception": {"codes": "0x0, 0x0", "type": "EXC_CRASH", "signal": "SIGKILL"},
    "termination": {"code": 2343432205, "namespace": "FRONTBOARD", "indicator": "scene-update watchdog transgression"}}
MODERN = json.dumps(HEADER) + "\n" + json.dumps(BODY, indent=2)

OLD_HEADER = {
    "app_name": "Player ", "timestamp": "2019-01-02 12:34:56.03 -0500", "app_version": "", "slice_uuid": "9f",
    "adam_id": 0,
    "share_with_app_devs": False, "is_first_party": True, "bug_type": "109", "os_version": "iPhone OS 12.1 (16B92)"}
OLD_BODY = """Incident Identifier: 00000000-0000-0000-0000-000000000002
Hardware Model:      iPhone9,3
Process:             Player [410]
Path:                /Applications/Player.app/Player

Date/Time:           2019-01-02 12:34:55.9 -0500
OS Version:          iPhone OS 12.1 (16B92)

Exception Type:  EXC_BAD_ACCESS (SIGSEGV)
Exception Codes: KERN_INVALID_ADDRESS at 0x0000000000000000
Termination Reason: Namespace SPRINGBOARD, Code 0x8badf00d
Triggered by Thread:  0
"""
LEGACY = json.dumps(OLD_HEADER) + "\n" + OLD_BODY

LINE = ("panic(cpu 2 caller 0xfffffff01abcdef0): userspace watchdog timeout: "
        "no successful checkins from thermalmonitord in 180 seconds")
PANIC_HEADER = {
    "bug_type": "210", "timestamp": "2026-09-06 18:48:38.00 +0200", "os_version": "iPhone OS 18.5 (22F76)",
    "roots_installed": 0, "incident_id": "0"}
PANIC_BODY = {
    "build": "iPhone OS 18.5 (22F76)", "product": "iPhone14,5",
    "panicString": LINE + "\nservice: backboardd, total successful checkins in 9 seconds\nKernel slide: 0x0",
    "otherString": "x" * 400}
PANIC = json.dumps(PANIC_HEADER) + "\n" + json.dumps(PANIC_BODY)
JETSAM = json.dumps({"bug_type": "298", "timestamp": "2026-09-10 10:10:10.00 +0200",
    "os_version": "iPhone OS 18.5 (22F76)"}) \
    + "\n" + json.dumps({"largestProcess": "Maps", "processes": []})


def test_a_modern_crash_has_a_header_and_a_second_document():
    report = ips.parse(MODERN.encode())
    assert (report.kind, report.process, report.bundle_id) == ("crash", "Notes", "com.apple.mobilenotes")
    assert (report.body_state, report.timestamp) == ("json", "2026-09-08 19:17:17.00 +0200")
    assert report.watchdog
    assert report.cause == {
        "exception": "EXC_CRASH", "signal": "SIGKILL", "termination": "FRONTBOARD scene-update watchdog transgression"}


def test_a_legacy_crash_has_a_header_and_text():
    report = ips.parse(LEGACY.encode())
    assert (report.kind, report.process, report.body_state) == ("crash", "Player", "text")
    assert report.watchdog
    assert report.cause["exception"] == "EXC_BAD_ACCESS"
    assert report.cause["signal"] == "SIGSEGV"


def test_a_process_that_was_not_killed_for_being_slow_is_no_watchdog():
    assert not ips.parse(MODERN.replace("2343432205", "11")).watchdog
    assert not ips.parse(LEGACY.replace("0x8badf00d", "0xdead10cc")).watchdog


def test_a_panic_gives_its_first_line():
    report = ips.parse(PANIC)
    assert (report.kind, report.process, report.panic_line) == ("panic", "", LINE)
    assert ips.panic_group(report.panic_line) == "watchdog"


def test_a_panic_that_is_cut_in_its_body_still_gives_its_first_line():
    report = ips.parse(PANIC.encode()[:PANIC.index("backboardd")])
    assert (report.body_state, report.panic_line) == ("unreadable", LINE)


def test_missing_sensors_may_stand_below_the_first_line_and_no_further():
    below = {**PANIC_BODY, "panicString": LINE + "\nSD: 0 BC: 1 Missing sensor(s): TG0B Prs0\nDebugger message: panic"}
    far = {**PANIC_BODY, "panicString": LINE + "\n" * 50 + "Missing sensor(s): TG0B"}
    assert ips.parse(json.dumps(PANIC_HEADER) + "\n" + json.dumps(below)).missing_sensors == ["TG0B", "Prs0"]
    assert ips.parse(json.dumps(PANIC_HEADER) + "\n" + json.dumps(far)).missing_sensors == []


def test_a_panic_in_the_shapes_copies_of_it_have():
    header = json.dumps(PANIC_HEADER)
    with_line_ends = header + "\n" + json.dumps(PANIC_BODY).replace("\\n", "\n")
    with_notes = header + "\n" + json.dumps(PANIC_BODY) + "\n--- notes of the shop ---\n"
    in_one_document = json.dumps({**PANIC_HEADER, **PANIC_BODY})
    as_text = json.dumps({**PANIC_HEADER, "bug_type": "110"}) + "\nIncident Identifier: 0\n" + LINE + "\nmore"
    for copy in (with_line_ends, with_notes, in_one_document, as_text):
        report = ips.parse(copy)
        assert (report.kind, report.panic_line) == ("panic", LINE)


def test_a_jetsam_report_names_the_largest_process():
    report = ips.parse(JETSAM)
    assert (report.kind, report.process, report.largest_process) == ("jetsam", "", "Maps")


def test_a_body_with_typographic_quotes_is_unreadable_and_its_header_is_kept():
    curly = json.dumps(HEADER) + "\n" + json.dumps(BODY).replace('"', "\u201d")
    report = ips.parse(curly.encode())
    assert (report.body_state, report.process) == ("unreadable", "Notes")


def test_a_header_with_typographic_quotes_is_read():
    assert ips.parse(json.dumps(HEADER).replace('"', "\u201c") + "\n").process == "Notes"


@pytest.mark.parametrize("damage", [lambda header: header[1:], lambda header: header[2:], lambda header: header[:-40]])
def test_a_damaged_header_still_gives_what_matters(damage):
    line = json.dumps({"bug_type": "309", **HEADER})
    report = ips.parse(damage(line) + "\n" + json.dumps(BODY))
    assert (report.kind, report.os_version) == ("crash", "iPhone OS 18.5 (22F76)")


def test_a_pretty_printed_header_is_read():
    report = ips.parse(json.dumps(HEADER, indent=2) + "\n" + json.dumps(BODY))
    assert (report.process, report.body_state) == ("Notes", "json")


def test_other_encodings_and_byte_order_marks():
    assert ips.parse(MODERN.encode("utf-16")).process == "Notes"
    assert ips.parse(b"\xef\xbb\xbf" + MODERN.encode()).process == "Notes"


def test_a_blame_array_is_told_from_no_blame_array():
    blamed = json.dumps({"blame": ["/usr/lib/libsubstrate.dylib", 5], **OLD_HEADER})
    assert ips.parse(blamed).blame == ["/usr/lib/libsubstrate.dylib"]
    assert ips.parse(json.dumps({"blame": [], **OLD_HEADER})).blame == []
    assert ips.parse(LEGACY).blame is None


@pytest.mark.parametrize("content", [b"", b"\n", b"hello\nworld", b"{}\n{}", b"[1]\n", b"\xff" * 50, b"{" * 5000,
    b'{"a":' * 3000])
def test_what_is_no_report_has_no_header_and_does_not_raise(content):
    report = ips.parse(content)
    assert report.header == {}
    assert (report.kind, report.process, report.panic_line, report.cause) == ("other", "", "", {})


NAMES = {
    "Fila-2026-09-08-191717.ips": ("crash", "Fila", "2026-09-08"),
    "sudo-2026-09-07-201248.ips.synced": ("crash", "sudo", "2026-09-07"),
    "Retired/App-2026-07-24.ips": ("crash", "App", "2026-07-24"),
    "Crasher_2019-01-02-123456_iPhone.crash": ("crash", "Crasher", "2019-01-02"),
    "My-App-prod-2026-10-06-171359.ips": ("crash", "My-App-prod", "2026-10-06"),
    "launchd-1789883447.990538-1-2026-09-20-135048.ips": ("crash", "launchd-1789883447.990538-1", "2026-09-20"),
    "panic-full-2026-09-06-184838.0002.ips.synced": ("panic", "", "2026-09-06"),
    "panic-base-2026-09-06-184838.ips": ("panic", "", "2026-09-06"),
    "JetsamEvent-2026-03-08-170719 2.ips": ("jetsam", "", "2026-03-08"),
    "ExcUserFault_SafariViewService-2026-03-09-121611.ips": ("user_fault", "SafariViewService", "2026-03-09"),
    "Mail.diskwrites_resource-2026-03-09-083737 2.ips": ("resource", "Mail", "2026-03-09"),
    "A B.cpu_resource_fatal-2026-09-01-172845.ips": ("resource", "A B", "2026-09-01"),
    "forceReset-full-2026-03-12-111038.0002.ips": ("reset", "", "2026-03-12"),
    "ResetCounter-2026-03-12-113903.ips": ("reset", "", "2026-03-12"),
    "stacks-2026-01-01-000000.ips": ("stackshot", "", "2026-01-01"),
    "Analytics-2026-10-05-080012.ips.ca.synced": ("analytics", "", "2026-10-05"),
    "log-aggregated-2016-08-01-000000-0400.ips.synced": ("analytics", "", "2016-08-01"),
    "AnalyticsPro-2026-01-01-000000.ips": ("crash", "AnalyticsPro", "2026-01-01"),
    "proactive_event_tracker-com_apple_Trial-com_apple_triald-2026-07-16-231317.ips": ("analytics", "", "2026-07-16"),
    "SFA-networking-2026-07-16-231317.ips": ("analytics", "", "2026-07-16"),
    "OTAUpdate-2026-06-01-00-50-57.ips": ("other", "", "2026-06-01"),
    "gpuEvent-Chess-2026-07-24-065502.ips": ("other", "", "2026-07-24"),
    "LowBatteryLog-2016-07-24-065502.ips": ("other", "", "2016-07-24"),
    "SystemMemoryReset-2026-08-01-034131.ips": ("jetsam", "", "2026-08-01"),
}


@pytest.mark.parametrize(("name", "expected"), sorted(NAMES.items()))
def test_a_name_tells_kind_process_and_day(name, expected):
    assert ips.is_report(name)
    assert tuple(ips.parse_name(name)) == expected


@pytest.mark.parametrize(("bug_type", "name", "kind"), [
    ("309", "proactive_event_tracker-a-2026-01-01-000000.ips", "crash"), ("777", "Notes-2026-01-01-000000.ips", "other"),
    ("777", "panic-full-2026-01-01-000000.ips", "panic"), ("", "Notes-2026-01-01-000000.ips", "crash"),
    ("385", "ExcUserFault_Notes-2026-01-01-000000.ips", "user_fault"), ("228", "Notes-2026-01-01-000000.ips", "hang"),
    ("385", "Notes.cpu_resource-2026-01-01-000000.ips", "resource"), ("385", "Notes-2026-01-01-000000.ips", "user_fault"),
    ("183", "OTAUpdate-2026-06-01-00-50-57.ips", "other"), ("301", "SystemMemoryReset-2026-01-01-000000.ips", "jetsam"),
    ("226", "Notes-2026-01-01-000000.ips", "analytics"), ("284", "gpuEvent-Chess-2026-01-01-000000.ips", "other")])
def test_what_says_that_it_is_something_unknown_is_no_crash(bug_type, name, kind):
    report = ips.parse(json.dumps({"bug_type": bug_type, "name": "Notes"}) + "\n{}")
    assert ips.kind_of(report, ips.parse_name(name)) == kind


@pytest.mark.parametrize("name", ["foo.plist", ".DS_Store", "com.apple.backup.log", "notes.txt", "ips",
    "DiagnosticLogs"])
def test_other_files_of_the_folder_are_no_reports(name):
    assert not ips.is_report(name)


@pytest.mark.parametrize(("line", "group", "sensors"), [
    ("panic(cpu 0 caller 0x1): thermalmonitord: Missing sensor(s): mic1 PRS0 TG0B ", "missing_sensors",
    ["mic1", "PRS0", "TG0B"]),
    ("panic(cpu 0): missing sensors: mic2, PRS0 and more", "missing_sensors", ["mic2", "PRS0"]),
    ("panic(cpu 1): SMC PANIC - ASSERT", "power_controller", []),
    ("panic(cpu 1): AppleANS2CGController firmware timeout", "storage", []),
    ("panic(cpu 1): SEP ROM boot panic", "secure_enclave", []),
    ("panic(cpu 3): DCP PANIC - apt firmware", "display", []),
    ("panic(cpu 3): AOP PANIC - prox", "always_on_processor", []),
    ("panic(cpu 3): i2c0 transaction timed out", "i2c", []),
    ("panic(cpu 3): Kernel data abort", "other", [])])
def test_the_first_line_of_a_panic_names_a_group(line, group, sensors):
    assert ips.panic_group(line) == group
    assert ips.missing_sensors(line) == sensors


MUTATIONS = 10_000
SEED = 20260908


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The content with a few bytes changed, dropped, doubled or cut off."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        where = chance.randrange(len(data) + 1)
        what = chance.randrange(5)
        if what == 0:
            data[where:where + 1] = bytes([chance.randrange(256)])
        elif what == 1:
            del data[where:where + chance.randint(1, 40)]
        elif what == 2:
            data[where:where] = data[:chance.randint(1, 60)]
        elif what == 3:
            data[where:where] = chance.choice([b'"', b"\\", b"{", b"}", b"\n", b"\0", b"\xff", b"[[[[", b"1e999",
                b"NaN"])
        else:
            del data[where:]
    return bytes(data)


def test_ten_thousand_damaged_reports_raise_nothing():
    chance = random.Random(SEED)
    sources = [MODERN.encode(), LEGACY.encode(), PANIC.encode(), JETSAM.encode()]
    readable = 0
    for number in range(MUTATIONS):
        report = ips.parse(mutated(sources[number % len(sources)], chance))
        for said in (report.kind, report.process, report.bundle_id, report.timestamp, report.panic_line,
            report.largest_process):
            assert isinstance(said, str)
        assert len(report.panic_line) <= ips.LONGEST_LINE
        assert isinstance(report.watchdog, bool)
        assert all(isinstance(value, str) for value in report.cause.values())
        assert all(isinstance(name, str) for name in report.missing_sensors)
        readable += bool(report.header)
    assert readable > MUTATIONS // 4  # most damage leaves a header that can still be read


def test_ten_thousand_damaged_analytics_files_raise_nothing():
    chance = random.Random(SEED)
    content = b"\n".join([
        json.dumps({"bug_type": "211", "timestamp": "2026-10-05 08:00:12.00 +0200"}).encode(),
        json.dumps({"name": "BatteryConfigValueHistogramFinal_V2", "message": {
            "last_value_MaximumCapacityPercent": 88, "last_value_CycleCount": 511,
            "com.apple.NANDInfo.Health.MaxPercentageNANDUsed": 4}}).encode()])
    found = 0
    for _ in range(MUTATIONS):
        figures = analytics.daily_figures({"path": "Analytics-2026-10-05-080012.ips.ca",
            "data": mutated(content, chance)})
        found += isinstance(figures, dict)
    assert found > MUTATIONS // 20  # a line that is hit anywhere is lost, and there is only one


@pytest.mark.parametrize("raw", [None, 5, "x", {}, [5], [None], [{"path": 5}], [{"path": "a.ips", "data": 7}], [{}],
    [[]]])
def test_a_listing_or_heads_of_any_shape_raise_nothing(raw):
    assert crash_folder.listing(raw) is not None
    assert crash_folder.heads(raw) is not None
