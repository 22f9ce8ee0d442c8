"""logs.collect of an Android phone: a real worker, real pipes, a virtual phone."""

from __future__ import annotations

import threading
import time

import pytest
from logs_desk import desk

from pyworker.android import log_reads
from pyworker.virtual.android.logcat import lines
from pyworker.virtual.android.phone import Output

RECENT = log_reads.logcat(log_reads.RECENT, True, None, None).request
EVERYTHING = log_reads.logcat(log_reads.BUFFERS, True, None, None).request
LINE = b"2026-11-25 09:12:01.123 +0100  1234  1250 I Tag: message %d\n"


@pytest.fixture
def android(tmp_path):
    with desk("android-clean", tmp_path) as here:
        yield here


@pytest.fixture
def inline():
    with desk("android-clean", None) as here:
        yield here


def test_a_device_id_is_a_whole_request(android):
    data = android.collect()["data"]
    assert (data["scope"], data["device"]["platform"], data["redact"]) == ("default", "android", "standard")
    assert set(data["counts"]["by_source"]) >= {"dropbox", "main"}
    assert [artifact["name"] for artifact in data["artifacts"]][:2] == ["entries.jsonl.gz", "log.txt"]
    assert data["folder"].startswith("logs-VP14CLEAN0001-")
    assert data["first"] < data["last"]
    assert data["dropped"] == 6
    assert {item["kind"] for item in data["triage"]} >= {"anr", "app_crash", "last_reboot_reason", "reboot"}


@pytest.mark.parametrize(
    ("scope", "commands"),
    [
        ("default", ["dumpsys dropbox --print", RECENT]),
        ("system", [EVERYTHING]),
        ("crash", ["dumpsys dropbox --print", log_reads.logcat(("crash",), True, None, None).request]),
        ("full", ["dumpsys dropbox --print", EVERYTHING]),
    ],
)
def test_each_scope_asks_for_its_part(android, scope, commands):
    data = android.collect(scope=scope)["data"]
    assert android.commands() == commands
    assert ("dropbox" in data["sources"]) == (scope != "system")


def test_every_entry_has_the_buffer_it_came_from(android):
    held = android.android.description["logcat"]
    data = android.collect(scope="system")["data"]
    assert data["counts"]["by_source"] == {name: len(text.splitlines()) for name, text in held.items() if text}


def test_without_a_folder_the_entries_are_in_the_answer(inline):
    data = inline.collect(limit=5, scope="system")["data"]
    assert len(data["entries"]) == 5
    assert inline.commands()[-1].endswith(" -t 5")
    assert data["truncated_because"] == "limit"


def test_a_limit_keeps_the_newest_also_of_a_phone_that_does_not_know_it(inline):
    inline.android.outputs[EVERYTHING + " -t 7"] = Output(b"".join(LINE % number for number in range(5000)))
    data = inline.collect(limit=7, scope="system")["data"]
    assert [entry["message"] for entry in data["entries"]] == [f"message {number}" for number in range(4993, 5000)]
    assert (data["truncated"], data["truncated_because"]) == (True, "limit")


def test_a_limit_leaves_room_for_the_log_beside_the_crash_reports(inline):
    data = inline.collect(limit=4)["data"]
    assert data["counts"]["by_source"]["dropbox"] == 2
    assert data["log_count"] == 4
    # The newest of the reports.
    assert [entry["tag"] for entry in data["entries"] if entry["source"] == "dropbox"] == [
        "SYSTEM_BOOT",
        "data_app_anr",
    ]


def test_an_answer_that_would_not_fit_keeps_its_newest_entries(inline):
    wide = b"2026-11-25 09:12:01.123 +0100  1234  1250 I Tag: %d " + "\u20ac".encode() * 1200 + b"\n"
    inline.android.outputs[EVERYTHING + " -t 5000"] = Output(b"".join(wide % number for number in range(3000)))
    data = inline.collect(limit=5000, scope="system", timeout_ms=60000)["data"]
    assert data["truncated"]
    assert data["entries"][-1]["message"].startswith("2999 ")
    assert 100 < data["log_count"] < 3000


def test_since_reaches_the_phone_as_a_number_and_holds_if_the_phone_ignores_it(android):
    old = LINE.replace(b"09:12", b"08:12") % 1
    android.android.outputs[EVERYTHING + " -T 1795595400.000"] = Output(old + LINE % 2)
    data = android.collect(scope="system", since="2026-11-25T09:30:00+01:00")["data"]
    assert data["log_count"] == 0
    assert android.commands()[-1].endswith(" -T 1795595400.000")
    android.android.outputs[EVERYTHING + " -T 1795593600.000"] = Output(old + LINE % 2)
    data = android.collect(scope="system", since="2026-11-25T08:00:00Z")["data"]
    assert [entry["message"] for entry in android.entries(data)] == ["message 2"]
    assert "message 1" not in android.text(data)


def test_since_leaves_older_crash_reports_out(android):
    data = android.collect(scope="crash", since="2024-06-01T00:00:00+02:00")["data"]
    assert data["counts"]["by_source"]["dropbox"] == 2


@pytest.mark.parametrize(
    "since", ["2026-02-30T00:00:00Z", "2026-11-25T24:30:00Z", "yesterday", "2026-11-25T00:00:00Z; reboot"]
)
def test_a_moment_that_is_none_is_an_invalid_parameter(android, since):
    assert android.refused(since=since)["code"] == -32602
    assert android.commands() == []


@pytest.mark.parametrize(
    "params",
    [
        {"limit": 0},
        {"limit": 100001},
        {"limit": "5"},
        {"limit": 2.5},
        {"scope": "all"},
        {"redact": "no"},
        {"duration_ms": 1},
        {"bufer": "main"},
    ],
)
def test_parameters_are_checked(android, params):
    assert android.refused(**params)["code"] == -32602


def test_a_log_of_ten_megabytes_is_counted_to_the_line(android):
    log = list(lines(10_000_000))
    android.android.outputs[EVERYTHING] = Output(lambda: iter(log))
    data = android.collect(scope="system")["data"]
    assert data["log_count"] == b"".join(log).count(b"\n")
    assert data["bytes"] == sum(map(len, log))
    assert data["unparsed"] == 0
    assert android.text(data).encode() == b"".join(log)


def test_what_identifies_the_phone_is_in_no_file(android):
    log = (
        b"2026-11-25 09:12:01.123 +0100  1  2 I T: serial VP14CLEAN0001 mail a@b.example imei=490154203237518\n"
        b"serial VP14CLEAN0001 in a line that does not parse\n"
    )
    android.android.outputs[EVERYTHING] = Output(log)
    data = android.collect(scope="system")["data"]
    assert data["redacted"] == {"email": 1, "imei": 1, "serial": 2}
    everything = android.text(data) + str(android.entries(data))
    assert "VP14CLEAN0001" not in everything and "490154203237518" not in everything
    untouched = android.collect(scope="system", redact="none")["data"]
    assert untouched["redacted"] == {}
    assert "VP14CLEAN0001" in android.text(untouched)


def test_processes_have_names_where_the_phone_tells_them(android):
    android.android.outputs["ps -A -o PID,NAME"] = Output(b"  PID NAME\n 1234 com.example.app\n    1 init\n")
    android.android.outputs[EVERYTHING] = Output(LINE % 1)
    data = android.collect(scope="system")["data"]
    assert data["counts"]["by_process"] == {"com.example.app": 1}


def test_an_old_phone_is_asked_in_the_way_it_understands(tmp_path):
    with desk("android-clean", tmp_path) as here:
        refusal = b'Invalid parameter "year" to -v\n' + b"Usage: logcat [options] [filterspecs]\n" * 100
        unknown = b"Unable to open log device '/dev/log/crash': No such file or directory\n"
        here.android.outputs[EVERYTHING] = Output(refusal, status=1)
        here.android.outputs[log_reads.logcat(log_reads.BUFFERS, False, None, None).request] = Output(unknown, status=1)
        here.android.outputs[log_reads.logcat(log_reads.OLD_BUFFERS, False, None, None).request] = Output(
            b"--------- beginning of /dev/log/main\n11-25 09:12:01.123  1  2 I T: m\n"
        )
        data = here.collect(scope="system")["data"]
        assert (data["log_count"], data["unparsed"], data["counts"]["by_source"]) == (1, 0, {"main": 1})
        assert data["first"] == "11-25T09:12:01.123"


def test_a_phone_that_gives_no_log_says_so(android):
    for names in (log_reads.BUFFERS, log_reads.OLD_BUFFERS, ("main",)):
        for modern in (True, False):
            android.android.outputs[log_reads.logcat(names, modern, None, None).request] = Output(
                b"Permission denied\n", status=1
            )
    result = android.collect(scope="system")
    assert result["data"]["sources"]["logcat"]["end"] == "refused"
    assert "partial_data" in result["warnings"]


def test_disconnected_in_the_middle_keeps_what_was_read(android):
    log = list(lines(3_000_000))
    android.android.outputs[EVERYTHING] = Output(lambda: iter(log))
    android.android.faults.add("shell,v2", "drop", after=1_500_000)
    result = android.collect(scope="system")
    data = result["data"]
    assert (data["truncated"], data["truncated_because"]) == (True, "disconnected")
    assert "device_disconnected" in result["warnings"]
    assert 5_000 < data["log_count"] < 20_000
    assert data["sources"]["logcat"]["end"] == "disconnected"


def test_a_phone_that_stalls_is_given_up_in_time_with_what_it_said(android):
    android.android.outputs[EVERYTHING] = Output(LINE % 1 * 5000)
    android.android.faults.add("shell,v2", "stall", after=150_000)
    began = time.monotonic()
    data = android.collect(scope="system", timeout_ms=3000)["data"]
    assert time.monotonic() - began < 4.0
    assert (data["truncated_because"], data["sources"]["logcat"]["end"]) == ("timeout", "timeout")
    assert data["log_count"] > 1000


@pytest.mark.parametrize(("state", "kind"), [("unauthorized", "device_untrusted"), ("offline", "device_disconnected")])
def test_a_phone_that_cannot_be_asked_is_an_error_and_leaves_no_file(android, state, kind):
    android.android.state = state
    error = android.refused()
    assert error["data"]["kind"] == kind and error["data"]["hint"]
    assert android.files() == []


def test_a_phone_that_goes_before_its_first_byte_is_an_error(android):
    android.android.faults.add("shell,v2", "drop")
    assert android.refused(scope="system")["data"]["kind"] == "device_disconnected"
    assert android.files() == []


def goes_offline(here):
    threading.Timer(0.05, lambda: setattr(here.android, "state", "offline")).start()


def is_refused_by_the_server(here):
    here.bench.adb_server.faults.add("host-serial", "refused_open")


@pytest.mark.parametrize(("goes", "end"), [(goes_offline, "disconnected"), (is_refused_by_the_server, "unreadable")])
def test_a_phone_that_goes_after_its_crash_reports_keeps_those(android, goes, end):
    def last_words():
        yield DROPBOX
        goes(android)

    android.android.outputs["dumpsys dropbox --print"] = Output(last_words)
    android.android.outputs[RECENT] = Output(b"", delay_s=1.0)
    result = android.collect()
    data = result["data"]
    assert data["counts"]["by_source"] == {"dropbox": 7}
    assert data["sources"]["logcat"]["end"] == data["truncated_because"] == end
    assert "partial_data" in result["warnings"]


def test_the_box_of_crash_reports_becomes_files_and_triage(android):
    android.android.outputs["dumpsys dropbox --print"] = Output(DROPBOX)
    data = android.collect(scope="crash")["data"]
    told = {(item["kind"], item["process"]): item for item in data["triage"]}
    assert told["native_crash", "com.example.game"]["count"] == 1
    assert told["watchdog", "system_server"]["evidence"][0]["text"] == "Blocked in monitor on foreground thread"
    assert told["kernel_panic", None]["first"] == "2026-11-20T03:00:00+01:00"
    assert told["low_memory", "system_server"]
    names = [artifact["name"] for artifact in data["artifacts"][2:]]
    assert "reports/2026-11-21T101500-data_app_native_crash-com.example.game.txt" in names
    assert b"SIGSEGV" in android.content(
        data, names[names.index("reports/2026-11-21T101500-data_app_native_crash-com.example.game.txt")]
    )
    assert not [name for name in names if "wtf" in name]


DROPBOX = b"""Drop box contents: 6 entries
Max entries: 1000

========================================
2026-11-20 03:00:00 SYSTEM_LAST_KMSG (compressed text, 91 bytes)
[  0.1] booting
[ 12.4] Kernel panic - not syncing: Fatal exception in interrupt
========================================
2026-11-20 04:00:00 SYSTEM_LAST_KMSG (compressed text, 91 bytes)
[  0.1] booting
========================================
2026-11-21 10:15:00 data_app_native_crash (compressed text, 900 bytes)
Process: com.example.game
PID: 4711

*** *** *** *** *** *** *** *** *** *** *** *** *** *** *** ***
pid: 4711, tid: 4720, name: Render  >>> com.example.game <<<
signal 11 (SIGSEGV), code 1 (SEGV_MAPERR), fault addr 0x0
========================================
2026-11-21 10:15:01 SYSTEM_TOMBSTONE (compressed text, 900 bytes)
pid: 4711, tid: 4720, name: Render  >>> com.example.game <<<
signal 11 (SIGSEGV), code 1 (SEGV_MAPERR), fault addr 0x0
========================================
2026-11-22 10:15:01 system_server_watchdog (compressed text, 900 bytes)
Process: system_server
Subject: Blocked in monitor on foreground thread
========================================
2026-11-22 10:16:01 system_server_lowmem (text, 90 bytes)
Process: system_server
Subject: low on memory
========================================
2026-11-22 10:17:01 system_app_wtf (text, 90 bytes)
Process: system
"""


def test_one_phone_is_collected_from_by_one_request_at_a_time(android):
    for number in range(3):
        android.start(f"r{number}", scope="system")
    for number in range(3):
        assert "result" in android.worker.answer(f"r{number}")
    folders = {line["result"]["data"]["folder"] for line in android.worker.lines if "result" in line}
    assert len(folders) == 3


def test_progress_tells_entries_and_bytes(android):
    log = list(lines(30_000_000))
    android.android.outputs[EVERYTHING] = Output(lambda: iter(log))
    began = time.monotonic()
    android.collect(scope="system", progress_token="p")
    took = time.monotonic() - began
    told = [line["params"] for line in android.worker.lines if line.get("method") == "$/progress"]
    assert len(told) <= took * 10 + 2
    for stage in ("entries", "bytes"):
        done = [params["done"] for params in told if params["stage"] == stage]
        assert done == sorted(done) and done and done[-1] > 0
