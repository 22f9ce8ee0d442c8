"""The one family of commands with a number in it: what the worker writes passes the gate, nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyworker.android import dropbox_print, gate, log_reads, script

BUFFERS = st.lists(st.sampled_from(log_reads.BUFFERS), min_size=1, max_size=6)
MOMENTS = st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


def service(command: str) -> str:
    return "exec:" + script.build([command], script.new_nonce(), script.NO_PHONE_LIMIT)


@given(BUFFERS, st.booleans(), st.none() | st.integers(), MOMENTS)
def test_whatever_is_asked_for_the_gate_knows_the_command(buffers, modern, lines, since):
    command = log_reads.logcat(buffers, modern, lines, since).request
    assert log_reads.is_logcat(command)
    assert gate.allows(service(command))


@pytest.mark.parametrize(
    "command",
    [
        "logcat",
        "logcat -c",
        "logcat -d -c",
        "logcat -G 1M",
        "logcat -d -b main",
        "logcat -d -b all -v threadtime",
        "logcat -d -b main -v threadtime -f /sdcard/x",
        "logcat -d -b main -v threadtime -t 0",
        "logcat -d -b main -v threadtime -t 1000000",
        "logcat -d -b main -v threadtime -t 5; reboot",
        "logcat -d -b main -v threadtime -T 1.5",
        "logcat -d -b main -v threadtime\n",
        "logcat -d -b main -v threadtime -T 1.500 -t 5",
        "logcat -d -b main -b $(reboot) -v threadtime",
        "logcat -d -b main -v threadtime --pid=1",
        "logcat -d -b main -v threadtime -t \u0663",
        "ps -A -o PID,NAME,ARGS",
        "dumpsys dropbox --print data_app_crash",
    ],
)
def test_nothing_else_passes(command):
    assert not log_reads.is_logcat(command)
    assert not gate.allows(service(command))


def test_a_buffer_that_is_not_listed_is_a_defect():
    with pytest.raises(ValueError):
        log_reads.logcat(["main; reboot"], True, None, None)


def test_a_moment_is_seconds_with_three_digits():
    since = datetime(2026, 11, 25, 8, 30, 0, 123456, tzinfo=UTC)
    assert log_reads.logcat(["main"], True, 5, since).request.endswith(" -T 1795595400.123")
    # Older logcats understand no such moment; what they send is sifted here.
    assert " -T" not in log_reads.logcat(["main"], False, 5, since).request


def test_it_is_in_the_list_that_people_read():
    assert [row for row in gate.listing() if row.what == log_reads.LISTED]


@pytest.mark.parametrize(
    ("text", "processes"),
    [
        (b"  PID NAME\n    1 init\n 1234 com.example.app\n", {1: "init", 1234: "com.example.app"}),
        (
            b"USER     PID   PPID  VSIZE  RSS     WCHAN    PC         NAME\nroot      1     0     868    484   c00d4774 0001a3bc S /init\n"
            b"u0_a12    871   120   461232 21000 ffffffff 40037cc4 S com.example\n",
            {1: "/init", 871: "com.example"},
        ),
    ],
)
def test_both_forms_of_ps(text, processes):
    from pyworker.android.output import Output

    assert log_reads.PROCESSES.parse(Output(text)) == processes


@given(
    st.lists(
        st.sampled_from(
            [
                b"=" * 40 + b"\n",
                b"2026-11-20 03:00:00 data_app_crash (text, 9 bytes)\n",
                b"Process: com.example\n",
                b"PID: 12\n",
                b"Subject: x\n",
                b"\n",
                b"Kernel panic - not syncing: x\n",
                b"\xff\n",
                b"2026-11-20 03:00:00 SYSTEM_LAST_KMSG (text)\n",
                b">>> a <<<\n",
            ]
        )
    )
)
def test_a_report_begins_with_a_ruler_and_a_name_and_whatever_comes_is_taken(lines):
    text = b"".join(lines)
    began = sum(first.startswith(b"=") and second.startswith(b"2026") for first, second in pairwise(lines))
    reports = list(dropbox_print.reports([text]))
    assert len(reports) == began
    assert all(report.tag in ("data_app_crash", "SYSTEM_LAST_KMSG") for report in reports)


def test_an_endless_report_is_kept_in_part():
    head = b"=" * 40 + b"\n2026-11-20 03:00:00 data_app_anr (text, 9 bytes)\n"
    (report,) = dropbox_print.reports([head, *[b"x" * 1000 + b"\n"] * 2000])
    assert len(report.text) <= dropbox_print.LONGEST_REPORT + 1001
