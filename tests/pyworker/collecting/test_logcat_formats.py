"""logcat's formats and oddities, rule by rule: every line is an entry, and only what makes no sense stands as raw."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyworker.collecting.entries import valid_utf8
from pyworker.collecting.logcat import LogcatParser, Parsed
from pyworker.collecting.tally import Tally


def parse(
    log: bytes, processes: dict[int, str] | None = None, switches: bool = False
) -> tuple[list[dict[str, Any]], Parsed, Tally]:
    tally = Tally()
    parser = LogcatParser(tally, processes or {}, switches)
    parsed = parser.feed(valid_utf8(log))
    parser.flush()
    entries = [json.loads(line) for line in parsed.lines.splitlines()]
    assert len(entries) == parsed.entries == tally.entries
    assert sum("raw" in entry for entry in entries) == parsed.unparsed
    assert all(("raw" in entry) != ("message" in entry) for entry in entries)
    for counted in tally.counts().values():
        assert sum(counted.values()) == len(entries)
    return entries, parsed, tally


def one(line: bytes, **more: Any) -> dict[str, Any]:
    entries, _, _ = parse(line + b"\n", **more)
    assert len(entries) == 1
    return entries[0]


USUAL = {
    "source": "logcat",
    "time": "11-25T09:12:01.123",
    "level": "info",
    "pid": 1234,
    "tid": 1250,
    "tag": "ActivityManager",
    "message": "Start proc",
}


def test_threadtime():
    assert one(b"11-25 09:12:01.123  1234  1250 I ActivityManager: Start proc") == USUAL


@pytest.mark.parametrize(
    ("stamp", "time"),
    [
        (b"2026-11-25 09:12:01.123", "2026-11-25T09:12:01.123"),
        (b"11-25 09:12:01.123456", "11-25T09:12:01.123456"),
        (b"11-25 09:12:01.123456789", "11-25T09:12:01.123456789"),
        (b"11-25 09:12:01.123 +0100", "11-25T09:12:01.123+01:00"),
        (b"2026-11-25 09:12:01.123456 -0330", "2026-11-25T09:12:01.123456-03:30"),
        (b"         1764061921.123", "2025-11-25T09:12:01.123Z"),
        (b"1764061921.123456", "2025-11-25T09:12:01.123456Z"),
        (b"   12345.678", "boot+12345.678"),
    ],
)
def test_year_zone_usec_epoch_and_monotonic_are_variants_of_it(stamp, time):
    assert one(stamp + b"  1234  1250 I ActivityManager: Start proc") == {**USUAL, "time": time}


@pytest.mark.parametrize("uid", [b"1000", b"radio", b"shell", b"u0_a123", b"99910"])
@pytest.mark.parametrize("stamp", [b"11-25 09:12:01.123", b"2026-11-25 09:12:01.123 +0000", b"1764061921.123"])
def test_a_column_of_users_by_number_or_name(uid, stamp):
    entry = one(stamp + b" " + uid.rjust(6) + b"  1234  1250 I ActivityManager: Start proc")
    assert entry["uid"] == uid.decode()
    assert (entry["pid"], entry["tid"], entry["tag"]) == (1234, 1250, "ActivityManager")


def test_the_time_format():
    entry = one(b"11-25 09:12:01.123 W/PackageManager( 1234): no such package")
    assert entry == {
        "source": "logcat",
        "time": "11-25T09:12:01.123",
        "level": "warning",
        "pid": 1234,
        "tag": "PackageManager",
        "message": "no such package",
    }


def test_the_brief_format_has_no_time():
    entry = one(b"D/dalvikvm(  871): GC_CONCURRENT freed 400K")
    assert entry == {
        "source": "logcat",
        "level": "debug",
        "pid": 871,
        "tag": "dalvikvm",
        "message": "GC_CONCURRENT freed 400K",
    }


@pytest.mark.parametrize(
    ("letter", "level"),
    [
        ("V", "verbose"),
        ("D", "debug"),
        ("I", "info"),
        ("W", "warning"),
        ("E", "error"),
        ("F", "fatal"),
        ("S", "silent"),
    ],
)
def test_each_letter_is_a_level(letter, level):
    assert one(f"11-25 09:12:01.123  1  2 {letter} T: m".encode())["level"] == level


@pytest.mark.parametrize(
    ("text", "tag", "message"),
    [
        (b"Tag     : padded", "Tag", "padded"),
        (b"Two  blanks in: message", "Two  blanks in", "message"),
        (b"vendor.qti:hal/1.0: up", "vendor.qti:hal/1.0", "up"),
        (b"a/b/c: slashes", "a/b/c", "slashes"),
        (b"Tag: first: second: third", "Tag", "first: second: third"),
        (b"Tag: ", "Tag", ""),
        (b"Tag:", "Tag", ""),
        (b"Tag     : \tindented", "Tag", "\tindented"),
        (b"        : kernel words", None, "kernel words"),
        (b"<6>[ 1.5] no colon here", None, "<6>[ 1.5] no colon here"),
    ],
)
def test_a_tag_ends_at_the_first_colon_and_blank_and_may_be_missing(text, tag, message):
    entry = one(b"11-25 09:12:01.123  1234  1250 I " + text)
    assert (entry.get("tag"), entry["message"]) == (tag, message)


def test_a_tag_with_a_colon_and_a_blank_in_the_time_format():
    entry = one(b"11-25 09:12:01.123 I/My: Tag( 12): message (1): x")
    assert (entry["tag"], entry["pid"], entry["message"]) == ("My: Tag", 12, "message (1): x")


@pytest.mark.parametrize("device", [b"main", b"/dev/log/main"])
def test_a_divider_names_the_buffer_and_is_no_entry(device):
    entries, _, tally = parse(b"--------- beginning of " + device + b"\n11-25 09:12:01.123  1  2 I T: m\n")
    assert [entry["source"] for entry in entries] == ["main"]
    assert tally.counts()["by_source"] == {"main": 1}


def test_marks_of_every_switch_give_each_line_its_buffer():
    line = b"11-25 09:12:01.123  1  2 I T: m\n"
    log = b"".join(
        (
            b"--------- beginning of main\n",
            line,
            b"--------- beginning of system\n",
            line,
            line,
            b"--------- switch to main\n",
            line,
        )
    )
    entries, _, tally = parse(log, switches=True)
    assert [entry["source"] for entry in entries] == ["main", "system", "system", "main"]
    assert tally.counts()["by_source"] == {"main": 2, "system": 2}


def test_without_such_marks_nobody_knows_the_buffer_once_a_second_one_began():
    line = b"11-25 09:12:01.123  1  2 I T: m\n"
    log = b"".join((b"--------- beginning of main\n", line, b"--------- beginning of system\n", line, line))
    assert [entry["source"] for entry in parse(log)[0]] == ["main", "logcat", "logcat"]


def test_buffers_without_end_are_not_believed():
    log = b"".join(b"--------- beginning of b%d\n11-25 09:12:01.123  1  2 I T: m\n" % number for number in range(1000))
    _, _, tally = parse(log, switches=True)
    assert len(tally.counts()["by_source"]) < 50
    assert tally.entries == 1000


def test_blank_lines_and_the_trailer_of_a_dumpstate_say_nothing():
    entries, parsed, _ = parse(b"\n11-25 09:12:01.123  1  2 I T: m\n\n   \n[logcat: 0.1s elapsed]\n\n")
    assert (len(entries), parsed.unparsed) == (1, 0)


def test_lines_may_end_in_cr_lf():
    entries, parsed, _ = parse(
        b"11-25 09:12:01.123  1  2 I T: m\r\n--------- beginning of main\r\n11-25 09:12:01.124  1  2 I T: n\r\n"
    )
    assert ([entry["message"] for entry in entries], parsed.unparsed) == (["m", "n"], 0)


def test_farms_put_a_comma_before_each_line():
    assert one(b",11-25 09:12:01.123  1234  1250 I ActivityManager: Start proc") == USUAL


def test_the_further_lines_of_a_message_are_kept_as_raw():
    entries, parsed, _ = parse(
        b"11-25 09:12:01.123  1  2 E T: first\n  second line\n\tat x.y(Z.java:1)\n11-25 09:12:01.124  1  2 E T: other\n"
    )
    assert [entry.get("raw", entry.get("message")) for entry in entries] == [
        "first",
        "  second line",
        "\tat x.y(Z.java:1)",
        "other",
    ]
    assert parsed.unparsed == 2


@pytest.mark.parametrize(
    "line",
    [
        b"logcat read: unexpected EOF!",
        b"read: Unexpected EOF!",
        b"--- no divider ---",
        b"11-25",
        b"99-99 aa:bb I T: m",
        b"11-25 09:12:01.123 nothing of the kind",
        b"11-25 09:12:01.123  1  2 Q T: no such level",
        b": ",
        b"-",
        b'{"json": 1}',
    ],
)
def test_what_does_not_parse_is_kept_as_it_is(line):
    assert one(line) == {"source": "logcat", "raw": line.decode()}


@pytest.mark.parametrize(
    ("marker", "lost"),
    [
        (b"I chatty  : uid=1000(system) Binder:1612_4 expire 6 lines", 6),
        (b"I chatty  : uid=10123(com.example) identical 41 lines", 41),
        (b"I chatty  : uid=0(root) logd expire 1 line", 1),
        (b"I liblog  : 7", 7),
        (b"I Chat    : this chatty : uid=1 expire 6 lines", 0),
        (b"I chatty  : hello", 0),
    ],
)
def test_lines_the_phone_lost_count_as_dropped(marker, lost):
    entries, parsed, _ = parse(b"11-25 09:12:01.123  1  2 " + marker + b"\n")
    assert (parsed.dropped, len(entries)) == (lost, 1)


def test_text_that_is_no_utf_8_is_kept_with_a_mark():
    assert one(b"11-25 09:12:01.123  1  2 I T: caf\xe9 \xf0\x9f\x93\x8e \xed\xa0\x80")["message"].startswith(
        "caf\ufffd \U0001f4ce "
    )


def test_quotes_backslashes_and_control_characters_survive():
    message = 'a "quoted" C:\\path \x00\x01\x1b[31m\x7f end'
    assert one(b"11-25 09:12:01.123  1  2 I T: " + message.encode())["message"] == message


def test_a_tag_with_quotes_is_still_json():
    assert one(b'11-25 09:12:01.123  1  2 I T"a\\g: m')["tag"] == 'T"a\\g'


def test_a_process_has_its_name_where_it_is_known():
    entries, _, tally = parse(
        b"11-25 09:12:01.123  7  8 I T: m\n11-25 09:12:01.123  9  9 I T: m\n", {7: 'com.example."app"'}
    )
    assert [entry.get("process") for entry in entries] == ['com.example."app"', None]
    assert tally.counts()["by_process"] == {'com.example."app"': 1, "pid:9": 1}


def test_first_and_last_where_every_line_has_its_year():
    tally = parse(
        b"2026-11-25 09:00:00.000 +0100  1  2 I T: m\n2026-11-25 08:30:00.000 +0000  1  2 I T: m\n"
        b"--------- beginning of crash\n2025-01-01 00:00:00.000 +0000  1  2 I T: m\n"
    )[2]
    assert (tally.first, tally.last) == ("2025-01-01T00:00:00.000+00:00", "2026-11-25T08:30:00.000+00:00")


def test_without_a_year_the_order_of_the_log_decides():
    tally = parse(b"12-31 23:59:59.000  1  2 I T: m\n01-01 00:00:01.000  1  2 I T: m\n")[2]
    assert (tally.first, tally.last) == ("12-31T23:59:59.000", "01-01T00:00:01.000")


def test_heads_without_end_are_counted_and_forgotten():
    from pyworker.collecting import logcat

    tally = Tally()
    parser = LogcatParser(tally, {}, False)
    for start in range(0, 3 * logcat.MOST_HEADS, 1000):
        parser.feed(b"".join(b"11-25 09:12:01.123 %d  2 I T%d: m\n" % (n, n) for n in range(start, start + 1000)))
    parser.flush()
    assert tally.entries == 3 * logcat.MOST_HEADS
    assert sum(tally.counts()["by_process"].values()) == tally.entries
    assert len(parser._heads) <= logcat.MOST_HEADS + 1000


WORDS = st.sampled_from(
    [
        "11-25 09:12:01.123",
        "2026-11-25 09:12:01.123",
        "+0100",
        "1764061921.123",
        " 1234",
        "  1250",
        " I",
        " I/",
        "Tag",
        ": ",
        ":",
        "(",
        "( 12)",
        ")",
        "\r",
        "\n",
        "\n\n",
        "--------- beginning of ",
        "main",
        "chatty",
        "expire 3 lines",
        '"',
        "\\",
        "\x00",
        "é",
        ",",
    ]
)


@given(st.lists(WORDS, max_size=40).map("".join))
def test_whatever_comes_no_line_is_lost(text):
    entries, _, _ = parse(text.encode())
    lines = [line for line in text.replace("\r\n", "\n").rstrip("\r").split("\n")]
    silent = sum(not line.strip() or line.startswith(("--------- beginning of main",)) for line in lines)
    assert len(entries) >= len(lines) - silent - text.count("--------- beginning of ")
    assert len(entries) <= len(lines)


@given(st.binary(max_size=2000))
def test_any_bytes_become_entries_that_are_json(data):
    parse(data)
