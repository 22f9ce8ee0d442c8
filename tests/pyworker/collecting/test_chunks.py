"""Streams cut into whole lines, their newest lines, what is newer than a moment, and names for files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyworker.collecting import chunks
from pyworker.collecting.chunks import Newest, whole_lines
from pyworker.collecting.entries import encoded, escaped, instant, plain, valid_utf8
from pyworker.collecting.names import Names, safe_name
from pyworker.collecting.since import NewerLines
from pyworker.collecting.wanted import moment


@given(st.lists(st.binary(max_size=50)), st.integers(1, 60))
def test_nothing_is_lost_and_chunks_end_where_lines_end(pieces, size):
    before = chunks.CHUNK
    chunks.CHUNK = size
    try:
        got = list(whole_lines(pieces))
    finally:
        chunks.CHUNK = before
    assert b"".join(got) == b"".join(pieces)
    assert all(chunk.endswith(b"\n") for chunk in got[:-1])


def test_a_line_without_end_is_cut_and_held_in_bounds():
    line = b"x" * (3 * chunks.LONGEST_LINE) + b" y"
    got = list(whole_lines(line[at : at + 1000] for at in range(0, 40 * len(line), 1000)))
    assert b"".join(got) == line
    endless = whole_lines(b"x" * 65536 for _ in range(100))
    assert max(map(len, endless)) <= chunks.CHUNK + 2 * chunks.LONGEST_LINE


@given(st.lists(st.integers(0, 30)), st.integers(1, 40))
def test_the_newest_lines_are_the_last_ones(sizes, wanted):
    log = [b"".join(b"%d.%d\n" % (chunk, line) for line in range(size)) for chunk, size in enumerate(sizes) if size]
    newest = Newest(wanted, 10_000)
    for chunk in log:
        newest.add(chunk)
    lines = b"".join(log).splitlines(keepends=True)
    assert b"".join(newest.chunks()) == b"".join(lines[-wanted:])
    assert newest.more == (len(lines) > wanted)


def test_dividers_are_no_lines_and_the_last_one_that_counts_stays():
    newest = Newest(2, 10_000)
    newest.add(b"--------- beginning of main\na\nb\n--------- switch to system\nc\nd\n")
    assert b"".join(newest.chunks()) == b"--------- switch to system\nc\nd\n"


def test_the_newest_lines_fit_into_so_many_bytes():
    newest = Newest(1000, 20)
    newest.add(b"0123456789\n" * 5)
    assert b"".join(newest.chunks()) == b"0123456789\n"
    assert newest.more


BERLIN = timezone(timedelta(hours=1))


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (b"2026-11-25 09:00:00.000 +0100  1  2 I T: at\n", True),
        (b"2026-11-25 08:59:59.999 +0100  1  2 I T: before\n", False),
        (b"2026-11-25 08:00:00.000 +0000  1  2 I T: at\n", True),
        (b"2026-11-25 13:29:59.000 +0530  1  2 I T: before\n", False),
        (b"11-25 09:00:01.000  1  2 I T: the phone's zone\n", True),
        (b"11-25 08:00:01.000  1  2 I T: the phone's zone\n", False),
        (b"12-31 23:59:59.000  1  2 I T: last year\n", False),
        (b"1795593600.000  1  2 I T: at\n", True),
        (b"1795593599.999  1  2 I T: before\n", False),
        (b"--------- beginning of main\n", True),
        (b"no time, nothing kept yet\n", False),
    ],
)
def test_what_is_older_is_left_out(line, kept):
    newer = NewerLines(datetime(2026, 11, 25, 8, 0, tzinfo=UTC), datetime(2026, 11, 25, 10, 0, tzinfo=BERLIN))
    assert newer.only(line) == (line if kept else b"")


def test_a_line_without_a_time_goes_with_the_one_before():
    newer = NewerLines(datetime(2026, 11, 25, 8, 0, tzinfo=UTC), datetime(2026, 11, 25, 10, 0, tzinfo=BERLIN))
    log = b"11-25 08:00:00.000  1  2 I T: old\n old\n11-25 09:30:00.000  1  2 I T: new\n new\n"
    assert newer.only(log) == b"11-25 09:30:00.000  1  2 I T: new\n new\n"


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026-11-25T09:00:00+01:00", "2026-11-25T08:00:00+00:00"),
        ("2026-11-25t08:00:00.5z", "2026-11-25T08:00:00.500000+00:00"),
        ("2026-11-25 23:59:60Z", "2026-11-25T23:59:59+00:00"),
        ("2026-11-25T08:00:00.123456789Z", "2026-11-25T08:00:00.123456+00:00"),
    ],
)
def test_moments_of_rfc_3339(text, same):
    assert moment(text) == datetime.fromisoformat(same)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30T00:00:00Z",
        "2026-11-25T25:00:00Z",
        "2026-11-25T00:00:00",
        "0000-01-01T00:00:00Z",
        "2026-11-25T00:00:00+24:00",
        "2026-11-25T00:00:00+01:60",
        "yesterday",
    ],
)
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(ValueError):
        moment(text)


@pytest.mark.parametrize(
    ("time", "told"),
    [
        ("11-25T09:00:00", None),
        ("boot+12.5", None),
        ("2026-13-99T09:00:00", None),
        ("2026-11-25T09:00:00.123456789Z", "2026-11-25T09:00:00.123456+00:00"),
    ],
)
def test_a_time_is_an_instant_only_with_its_year(time, told):
    assert instant(time) == (told and datetime.fromisoformat(told))


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../x", "_.._x"),
        ("..\\..\\x.ips", "_.._x.ips"),
        ("/etc/passwd", "_etc_passwd"),
        ("C:\\x", "C_x"),
        (".hidden", "hidden"),
        ("-rf", "rf"),
        ("con", "_con"),
        ("NUL.txt", "_NUL.txt"),
        ("", "_"),
        ("..", "_"),
        ("微信-2026.ips", "_-2026.ips"),
        ("a\0b\nc", "a_b_c"),
        ("x.", "x"),
        ("a" * 300, "a" * 120),
        ("Notizen-2024-11-02-101500.ips", "Notizen-2024-11-02-101500.ips"),
    ],
)
def test_a_name_becomes_one_harmless_path_component(name, safe):
    assert safe_name(name) == safe


@given(st.lists(st.text(max_size=40), max_size=20))
def test_no_two_files_get_one_name_and_none_leaves_its_folder(given_names):
    names = Names()
    taken = [names.take(name) for name in given_names]
    assert len({name.lower() for name in taken}) == len(taken)
    for name in taken:
        assert name not in ("", ".", "..") and not set(name) & set("/\\:\0") and not name.startswith(".")


@given(st.binary(max_size=200))
def test_what_is_escaped_is_json_and_what_is_plain_is_text(data):
    import json

    text = valid_utf8(data)
    lines = escaped(text).split(b"\n")
    assert [json.loads(b'"%b"' % line) for line in lines] == text.decode().split("\n")
    assert not set(plain(text)) & (set(range(0x20)) - set(b"\t\n") | {0x7F})
    assert json.loads(encoded({"message": text.decode()})) == {"message": text.decode()}
