"""logs.collect of an iPhone: a real worker, real pipes, a virtual phone."""

from __future__ import annotations

import json
import time

import pytest
from doors import cancel
from logs_desk import desk

OS_TRACE, SYSLOG, CRASHES = "com.apple.os_trace_relay", "com.apple.syslog_relay", "com.apple.crashreportcopymobile"


@pytest.fixture
def iphone(tmp_path):
    with desk("iphone-clean", tmp_path) as here:
        yield here


def ips(kind: str, body: object, **header: object) -> str:
    head = {"bug_type": kind, "timestamp": "2026-11-20 10:15:00.00 +0100", "os_version": "iPhone OS 18.1", **header}
    return json.dumps(head) + "\n" + (body if isinstance(body, str) else json.dumps(body))


def folder(**files: str) -> dict[str, object]:
    return {name: {"text": text, "mtime": "2026-11-20T09:15:00Z"} for name, text in files.items()}


def test_a_device_id_is_a_whole_request(iphone):
    result = iphone.collect()
    data = result["data"]
    assert set(data["counts"]["by_source"]) == {"crash_reports", "os_trace"}
    assert data["sources"]["os_trace"]["end"] == "duration"
    assert "pending_reports_not_flushed" in result["warnings"]
    assert {item["kind"] for item in data["triage"]} == {"watchdog", "app_crash", "jetsam"}
    assert {artifact["name"] for artifact in data["artifacts"]} > {"reports/Notizen-2024-11-02-101500.ips"}


@pytest.mark.parametrize(
    ("scope", "services"),
    [("default", {OS_TRACE, CRASHES}), ("system", {OS_TRACE}), ("crash", {CRASHES}), ("full", {OS_TRACE, CRASHES})],
)
def test_each_scope_asks_for_its_part(iphone, scope, services):
    iphone.collect(scope=scope, duration_ms=300)
    asked = {entry.service for entry in iphone.iphone.record}
    assert asked & {OS_TRACE, SYSLOG, CRASHES} == services
    assert "com.apple.crashreportmover" not in asked


def test_the_log_is_never_asked_for_with_the_debug_bit(iphone):
    iphone.collect(scope="full", duration_ms=300)
    flags = [entry.detail["StreamFlags"] for entry in iphone.iphone.record if entry.request == "StartActivity"]
    assert flags == [12]
    assert not [entry for entry in iphone.iphone.record if entry.request == "CreateArchive"]


def test_it_listens_as_long_as_it_was_asked_to(iphone):
    iphone.iphone.description["log"] = {
        "repeat": True,
        "interval_s": 0.01,
        "entries": [{"pid": 1, "process": "/sbin/launchd", "level": "Notice", "message": "tick"}],
    }
    began = time.monotonic()
    data = iphone.collect(scope="system", duration_ms=1500)["data"]
    assert 1.4 < time.monotonic() - began < 4
    assert data["log_count"] > 20
    assert not data["truncated"]


def test_it_stops_when_it_has_enough(iphone):
    iphone.iphone.description["log"] = {
        "repeat": True,
        "entries": [{"pid": 1, "process": "/sbin/launchd", "level": "Notice", "message": "tick"}],
    }
    began = time.monotonic()
    data = iphone.collect(scope="system", limit=1000, duration_ms=20000)["data"]
    assert time.monotonic() - began < 15
    assert (data["log_count"], data["truncated_because"]) == (1000, "limit")


def test_an_entry_has_the_members_of_the_record(iphone):
    iphone.iphone.description["log"] = [
        {
            "pid": 68,
            "process": "/System/Library/SpringBoard",
            "sender": "/System/Library/FrontBoard",
            "level": "Fault",
            "time": 1795593600.25,
            "subsystem": "com.apple.FrontBoard",
            "category": "Watchdog",
            "thread": 77,
            "message": 'one\ntwo \u00fc "q"',
        }
    ]
    (entry,) = iphone.entries(iphone.collect(scope="system", duration_ms=300)["data"])
    assert entry == {
        "source": "os_trace",
        "time": "2026-11-25T08:00:00.250000Z",
        "level": "fault",
        "process": "SpringBoard",
        "pid": 68,
        "tid": 77,
        "subsystem": "com.apple.FrontBoard",
        "category": "Watchdog",
        "library": "FrontBoard",
        "message": 'one\ntwo \u00fc "q"',
    }


@pytest.mark.parametrize(
    "fault", [("StartActivity", "wrong_keys"), ("StartActivity", "close"), ("StartActivity", "garbage")]
)
def test_syslog_is_read_where_os_trace_cannot_be_started(iphone, fault):
    iphone.iphone.faults.add(OS_TRACE, *fault)
    data = iphone.collect(scope="system", duration_ms=500)["data"]
    assert data["counts"]["by_source"] == {"syslog": 7}
    assert data["unparsed"] == 0
    assert data["first"] == "11-04T09:12:01"
    assert not data["truncated"]
    # The host in each line is the phone's name.
    assert "iPhone-von-Mira" not in iphone.text(data)


def test_a_long_answer_to_start_activity_is_no_obstacle(iphone):
    iphone.iphone.faults.add(
        OS_TRACE, "StartActivity", "wrong_keys", value={"Status": "RequestSuccessful", "Note": "x" * 5000}
    )
    assert iphone.collect(scope="system", duration_ms=300)["data"]["counts"]["by_source"] == {"os_trace": 6}


def test_a_quiet_phone_is_told_to_be_listened_to(iphone):
    iphone.collect(scope="system", duration_ms=1200, progress_token="p")
    told = [line["params"] for line in iphone.worker.lines if line.get("method") == "$/progress"]
    listening = [params["done"] for params in told if params["stage"] == "listening"]
    assert len(listening) >= 2
    assert listening == sorted(listening)
    assert {params["total"] for params in told if params["stage"] == "listening"} == {1200}


def test_disconnected_in_the_middle_keeps_what_was_read(iphone):
    iphone.iphone.description["log"] = {
        "repeat": True,
        "interval_s": 0.002,
        "entries": [{"pid": 1, "process": "/sbin/launchd", "level": "Notice", "message": "tick"}],
    }
    iphone.iphone.faults.add(OS_TRACE, "entry", "unplug", skip=100)
    result = iphone.collect(scope="full", duration_ms=5000)
    data = result["data"]
    assert (data["truncated"], data["truncated_because"]) == (True, "disconnected")
    assert data["counts"]["by_source"]["os_trace"] >= 90
    assert data["counts"]["by_source"]["crash_reports"] == 5
    assert "device_disconnected" in result["warnings"]


def test_nonsense_in_the_middle_keeps_what_was_read(iphone):
    iphone.iphone.faults.add(OS_TRACE, "entry", "huge_length", skip=3)
    data = iphone.collect(scope="system", duration_ms=1000)["data"]
    assert (data["log_count"], data["truncated_because"]) == (3, "unreadable")


def test_a_crash_folder_that_stalls_costs_its_share_of_the_time(iphone):
    iphone.iphone.faults.add(CRASHES, "*", "stall")
    began = time.monotonic()
    result = iphone.collect(scope="default", duration_ms=500, timeout_ms=6000)
    assert time.monotonic() - began < 7
    data = result["data"]
    assert data["counts"]["by_source"] == {"os_trace": 6}
    assert data["sources"]["crash_reports"]["end"] == "timeout"
    assert "timeout" in result["warnings"]


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("untrusted", "device_untrusted"),
        ("stale_record", "device_untrusted"),
        ("denied", "device_untrusted"),
        ("before_first_unlock", "device_locked"),
    ],
)
def test_a_phone_that_tells_nothing_is_an_error_and_leaves_no_file(iphone, state, kind):
    iphone.iphone.state = state
    error = iphone.refused()
    assert error["data"]["kind"] == kind and error["data"]["hint"]
    assert iphone.files() == []


def test_a_cancelled_collection_leaves_no_file(iphone):
    iphone.iphone.description["log"] = {
        "repeat": True,
        "interval_s": 0.001,
        "entries": [{"pid": 1, "process": "/sbin/launchd", "level": "Notice", "message": "tick" * 50}],
    }
    iphone.start("c", duration_ms=60000, progress_token="p")
    iphone.worker.until(
        lambda said: next(
            (line for line in said if line.get("method") == "$/progress" and line["params"]["done"] > 20_000), None
        )
    )
    iphone.worker.send(cancel("c"))
    assert iphone.worker.answer("c")["error"]["code"] == -32800
    iphone.worker.until(lambda _: True if iphone.files() == [] else None, 5.0)


def test_a_panic_names_the_missing_sensors_and_what_they_sit_on(iphone):
    panic = "panic(cpu 1 caller 0x1): userspace watchdog timeout: no successful checkins\nMissing sensor(s): mic1 PRS0\n"
    iphone.iphone.description["crash_folder"] = folder(
        **{
            "panic-full-2026-11-20-101500.0002.ips": ips("210", {"panicString": panic}),
            "panic-full-2026-11-21-101500.0002.ips": ips(
                "210", {"panicString": panic}, timestamp="2026-11-21 10:15:00.00 +0100"
            ),
            "panic-full-2026-11-22-101500.ips": ips(
                "210", {"panicString": "panic(cpu 0 caller 0x2): SMC PANIC - ASSERT"}
            ),
        }
    )
    triage = {item["group"]: item for item in iphone.collect(scope="crash")["data"]["triage"]}
    sensors = triage["missing_sensors"]
    assert (sensors["kind"], sensors["count"], sensors["first"], sensors["last"]) == (
        "panic",
        2,
        "2026-11-20T10:15:00.00+01:00",
        "2026-11-21T10:15:00.00+01:00",
    )
    assert [sensor["name"] for sensor in sensors["sensors"]] == ["mic1", "PRS0"]
    assert "charging port" in sensors["sensors"][0]["meaning"] and "charging port" in sensors["words"]
    assert triage["power_controller"]["count"] == 1


def test_crashes_of_both_generations_and_watchdog_terminations(iphone):
    legacy = (
        "Incident Identifier: 5EED\nException Type:  EXC_CRASH (SIGKILL)\n"
        "Termination Reason: Namespace SPRINGBOARD, Code 0x8badf00d\n"
    )
    iphone.iphone.description["crash_folder"] = folder(
        **{
            "Old-2026-11-20-101500.ips": ips("109", legacy, app_name="Old", bundleID="com.example.old"),
            "New-2026-11-20-101500.ips": ips(
                "309", {"exception": {"type": "EXC_BAD_ACCESS", "signal": "SIGSEGV"}}, app_name="New"
            ),
            "Cut-2026-11-20-101500.ips": ips("309", '{"procName": "Cut", "exception": {"type": "EXC_', app_name="Cut"),
            "JetsamEvent-2026-11-20-101500.ips": ips("298", {"largestProcess": "Camera"}),
            "notes.txt": "no report",
        }
    )
    data = iphone.collect(scope="crash")["data"]
    assert {(item["kind"], item["process"]) for item in data["triage"]} == {
        ("watchdog", "Old"),
        ("app_crash", "New"),
        ("app_crash", "Cut"),
        ("jetsam", "Camera"),
    }
    assert data["log_count"] == 4
    assert len([artifact for artifact in data["artifacts"] if artifact["name"].startswith("reports/")]) == 4


def test_a_report_with_a_hostile_name_stays_inside(iphone, tmp_path):
    iphone.iphone.description["crash_folder"] = folder(
        **{
            "..\\..\\x-2026-11-20-101500.ips": ips("309", {}, app_name="x"),
            "a\u202eb-2026-11-20-101500.ips": ips("309", {}, app_name="../../y"),
        }
    )
    data = iphone.collect(scope="crash")["data"]
    assert data["log_count"] == 2
    assert all(name == data["folder"] or name.startswith(f"{data['folder']}/") for name in iphone.files())
    assert [path.name for path in tmp_path.iterdir()] == [data["folder"]]


def test_reports_are_redacted_like_the_log(iphone):
    secret = iphone.iphone.description["lockdown"]["values"]["SerialNumber"]
    iphone.iphone.description["crash_folder"] = folder(
        **{
            "App-2026-11-20-101500.ips": ips(
                "309", {"note": f"serial {secret} a@b.example", "crashReporterKey": "5eed" + "0" * 36}, app_name="App"
            )
        }
    )
    data = iphone.collect(scope="crash")["data"]
    report = iphone.content(data, "reports/App-2026-11-20-101500.ips").decode()
    assert secret not in report and "a@b.example" not in report and "5eed0" not in report
    assert data["redacted"]["serial"] == 1 and data["redacted"]["email"] == 1


def test_since_leaves_older_reports_and_entries_out(iphone):
    data = iphone.collect(since="2026-01-01T00:00:00Z", duration_ms=300)["data"]
    assert data["counts"]["by_source"] == {"os_trace": 6}


def test_a_limit_leaves_room_for_the_log_beside_the_crash_reports(iphone):
    data = iphone.collect(limit=4, duration_ms=2000)["data"]
    assert data["counts"]["by_source"] == {"crash_reports": 2, "os_trace": 2}


def test_without_a_folder_the_entries_are_in_the_answer():
    with desk("iphone-clean", None) as here:
        data = here.collect(duration_ms=300)["data"]
        assert data["log_count"] == 11
        assert "artifacts" not in data


def test_a_mac_has_no_log_over_the_cable(iphone):
    assert iphone.refused(platform="macos")["data"]["kind"] == "platform_unsupported"
