"""The rules that hold across every text dump of a phone: encodings, line ends, what stands around a dump, where it is cut."""

from __future__ import annotations

import android_dumps as dumps
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyworker.android.device_policy import parse_device_policy
from pyworker.android.dump_text import answer_of, leading_integer, read_dump, text_of
from pyworker.android.dumpsys_battery import parse_battery
from pyworker.android.getprop import parse_getprop
from pyworker.android.output import NO_STATUS, Output
from pyworker.android.thermalservice import parse_thermalservice
from pyworker.findings import MISSING, Unread

RULER = "-" * 79
DUMPS = {parse_battery: dumps.BATTERY, parse_thermalservice: dumps.THERMAL, parse_device_policy: dumps.policy(),
         parse_getprop: dumps.getprop()}


def _wrapped(text: str, service: str) -> str:
    return (f"shell@phone:/ $ dumpsys {service}\n{RULER}\nDUMP OF SERVICE {service}:\n{text}"
            f"--------- 0.003s was the duration of dumpsys {service}, ending at: 2025-10-10 10:00:00\n")


@pytest.mark.parametrize("parse", DUMPS)
@pytest.mark.parametrize("damage", [
    lambda text: text.replace("\n", "\r\n").encode(),
    lambda text: text.replace("\n", "\r\r\n").encode(),
    lambda text: b"\xef\xbb\xbf" + text.encode(),
    lambda text: text.encode("utf-16"),
    lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    lambda text: text.encode("utf-16-le"),
    lambda text: text.replace("\n", "\n\n").encode(),
    lambda text: text.replace("\n", "\r\n\r\n").encode("utf-16"),
], ids=["CRLF", "CRCRLF", "UTF-8 BOM", "UTF-16LE BOM", "UTF-16BE BOM", "UTF-16 bare", "doubled", "doubled UTF-16 CRLF"])
def test_a_dump_reads_the_same_however_it_was_saved(parse, damage):
    assert parse(damage(DUMPS[parse])) == parse(DUMPS[parse])


@pytest.mark.parametrize(("parse", "service"), [(parse_battery, "battery"), (parse_thermalservice, "thermalservice"),
                                                (parse_device_policy, "device_policy")])
def test_prompt_ruler_service_line_and_duration_are_ignored(parse, service):
    assert parse(_wrapped(DUMPS[parse], service)) == parse(DUMPS[parse])


def test_only_the_asked_service_of_a_whole_report_is_read():
    other = dumps.BATTERY.replace("level: 78", "level: 1")
    report = f"DUMP OF SERVICE batterystats:\n{other}DUMP OF SERVICE battery:\n{dumps.BATTERY}DUMP OF SERVICE wifi:\n{other}"
    assert parse_battery(report).values["level"] == 78


@pytest.mark.parametrize(("said", "reason"), [
    ("Can't find service: thermalservice\n", "unsupported"),
    ("cmd: Can't find service: device_policy\n", "unsupported"),
    ("Unknown command: list-active-admins\nUsage: \n  help\n", "unsupported"),
    ("usage: dpm [subcommand] [options]\n", "unsupported"),
    ("/system/bin/sh: getenforce: inaccessible or not found\n", "unsupported"),
    ("Permission Denial: can't dump DevicePolicyManagerService from from pid=1, uid=2000\n", "permission_denied"),
    ("cat: /proc/meminfo: Permission denied\n", "permission_denied"),
    ("java.lang.SecurityException: Requires READ_PHONE_STATE\n", "permission_denied"),
    ("*** SERVICE 'battery' DUMP TIMEOUT (10000ms) EXPIRED ***\n", "timeout"),
    ("lorem ipsum\n", "unreadable"),
    ("lorem ips", "truncated"),
    ("", "key_missing"),
])
def test_an_answer_without_its_header_says_why(said, reason):
    for parse in DUMPS:
        assert parse(said) == Unread(reason)


@pytest.mark.parametrize("output", [Output(b"x", NO_STATUS), Output(b"x", 124), Output(b"x", 143), Output(b"x", 0, True)])
def test_what_the_session_cut_off_is_cut_for_the_parser(output):
    assert answer_of(lambda data, cut: (data, cut))(output) == (b"x", True)
    assert answer_of(lambda data, cut: (data, cut))(Output(b"x", 1)) == (b"x", False)


@pytest.mark.parametrize("answer", [None, 3, b"bytes", "text", [], object()])
def test_what_is_no_output_is_unreadable_and_no_error(answer):
    assert answer_of(lambda data, cut: data)(answer) == Unread("unreadable")


def test_a_last_line_without_its_end_is_no_line():
    dump = read_dump("one\ntwo")
    assert (dump.lines, dump.unfinished, dump.damaged) == (("one",), "two", "truncated")
    assert read_dump("one\n").damaged is None


@pytest.mark.parametrize(("text", "number"), [
    ("2 //comment", 2), ("-1", -1), ("3874", 3874), ("", None), ("4.2", None), ("12abc", None), ("9" * 30, None), ("null", None)])
def test_a_number_is_read_from_the_front_or_not_at_all(text, number):
    assert leading_integer(text) == number


@given(st.binary(max_size=300))
def test_no_bytes_are_too_strange_to_be_text(data):
    assert "\r" not in text_of(data)
    assert read_dump(data).refusal().reason
    assert read_dump(b"").refusal() == MISSING
