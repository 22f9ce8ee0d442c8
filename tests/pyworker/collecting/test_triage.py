"""What a technician is told first: gathered over places, counted once, bounded."""

from __future__ import annotations

import pytest

from pyworker.collecting import triage as module
from pyworker.collecting.logcat_signs import find_signs
from pyworker.collecting.triage import Evidence, Triage


def signs(log: bytes):
    triage = Triage(lambda text: text)
    find_signs(log, triage)
    return triage.result()


STAMP = b"2026-11-25 09:12:01.123 +0100  1234  1250 "


@pytest.mark.parametrize(
    ("line", "kind", "process"),
    [
        (
            b"E AndroidRuntime: FATAL EXCEPTION: main\n"
            + STAMP
            + b"E AndroidRuntime: Process: com.example.app, PID: 77",
            "app_crash",
            "com.example.app",
        ),
        (
            b"I am_crash: [77,0,com.example.app,8961,java.lang.IllegalStateException,no,Main.java,12]",
            "app_crash",
            "com.example.app",
        ),
        (
            b"F libc    : Fatal signal 11 (SIGSEGV), code 1 (SEGV_MAPERR), fault addr 0x0 in tid 9 (Thread-2), pid 77 (com.example.app)",
            "native_crash",
            "com.example.app",
        ),
        (b"F DEBUG   : pid: 77, tid: 9, name: Thread-2  >>> com.example.app <<<", "native_crash", "com.example.app"),
        (b"E ActivityManager: ANR in com.example.app (com.example.app/.Main)", "anr", "com.example.app"),
        (b"I am_anr  : [0,77,com.example.app,9961,Input dispatching timed out]", "anr", "com.example.app"),
        (b"W Watchdog: *** WATCHDOG KILLING SYSTEM PROCESS: Blocked in handler on main thread", "watchdog", None),
        (b"E kernel  : Kernel panic - not syncing: Fatal exception", "kernel_panic", None),
        (b"I lowmemorykiller: Killing 'com.example.app' (77), adj 900", "low_memory", "com.example.app"),
        (
            b"I lowmemorykiller: Kill 'com.example.app' (77), uid 10123, oom_score_adj 900 to free 1kB",
            "low_memory",
            "com.example.app",
        ),
        (b"I am_low_memory: 12", "low_memory", None),
    ],
)
def test_a_line_of_the_log_tells_what_happened_to_whom_and_when(line, kind, process):
    told = signs(STAMP + line + b"\n")
    assert [(item["kind"], item["process"], item["count"]) for item in told] == [(kind, process, 1)]
    assert told[0]["first"] == told[0]["last"] == "2026-11-25T09:12:01.123+01:00"
    assert told[0]["evidence"][0]["text"].startswith("2026-11-25 09:12:01.123 +0100")


@pytest.mark.parametrize(
    "line", [b"I T: ANR", b"I T: 1 >>> 2", b"I lowmemorykiller: Using psi monitors", b"I T: no Fatal signal here"]
)
def test_words_that_only_sound_like_it_tell_nothing(line):
    assert signs(STAMP + line + b"\n") == []


def test_one_crash_told_by_three_places_is_one_crash():
    triage = Triage(lambda text: text)
    for source in ("main", "events", "dropbox"):
        triage.add("app_crash", "An app crashed.", Evidence(source, "x"), process="com.example.app")
    triage.add("app_crash", "An app crashed.", Evidence("main", "x"), process="com.example.app")
    assert [(item["count"], len(item["evidence"])) for item in triage.result()] == [(2, 4)]


def test_the_gravest_comes_first():
    triage = Triage(lambda text: text)
    for kind in reversed(module.KINDS):
        triage.add(kind, "w", Evidence("s", "t"))
    assert [item["kind"] for item in triage.result()] == list(module.KINDS)


def test_evidence_and_groups_are_bounded():
    triage = Triage(lambda text: text)
    for number in range(5000):
        triage.add("app_crash", "w" * 5000, Evidence("s", "t" * 5000), process=f"p{number}")
    told = triage.result()
    assert len(told) <= module.MOST_GROUPS + 1
    assert sum(item["count"] for item in told) == 5000
    assert max(len(evidence["text"]) for item in told for evidence in item["evidence"]) <= module.LONGEST_TEXT
    assert all(
        len(item["evidence"]) <= module.MOST_EVIDENCE and len(item["words"]) <= module.LONGEST_TEXT for item in told
    )


def test_missing_sensors_come_with_their_meaning_where_it_is_known():
    triage = Triage(lambda text: text)
    triage.add("panic", "w", Evidence("s", "t"), group="missing_sensors", sensors=("mic1", "XYZ9"))
    triage.add("panic", "w", Evidence("s", "t"), group="missing_sensors", sensors=("TG0B",))
    (item,) = triage.result()
    assert [sensor["name"] for sensor in item["sensors"]] == ["mic1", "XYZ9", "TG0B"]
    assert "charging port" in item["sensors"][0]["meaning"] and item["sensors"][1]["meaning"] is None
    assert item["count"] == 2


def test_evidence_is_redacted():
    triage = Triage(lambda text: text.replace("secret", "<x>"))
    triage.add("app_crash", "a secret", Evidence("s", "the secret"), process="secret")
    (item,) = triage.result()
    assert "secret" not in str(item)


def test_a_line_full_of_signs_counts_once():
    assert signs(STAMP + b"E ActivityManager: " + b"ANR in com.example.app " * 500 + b"\n")[0]["count"] == 1
