"""syslog_relay's text, rule by rule."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyworker.collecting.ios_text import LEVELS, entries_of, parse, unvis

HEAD = "Nov 25 09:12:01 Annas-iPhone "


def one(text: str) -> dict[str, Any]:
    return parse(text.encode())[0]


def test_an_entry_of_ios_9_and_older():
    assert one(HEAD + "SpringBoard[55] <Notice>: hello") == {
        "source": "syslog",
        "time": "11-25T09:12:01",
        "level": "notice",
        "process": "SpringBoard",
        "pid": 55,
        "message": "hello",
    }


def test_an_entry_of_ios_10_and_newer_names_the_library():
    entry = one(HEAD + "locationd(CoreLocation)[52] <Error>: no")
    assert (entry["process"], entry["library"], entry["pid"], entry["level"]) == (
        "locationd",
        "CoreLocation",
        52,
        "error",
    )


@pytest.mark.parametrize(("name", "process", "library"), [
    ("kernel()", "kernel", None), ("Till (beta)(CoreFoundation)", "Till (beta)", "CoreFoundation"),
    ("Till (beta)", "Till (beta)", None), ("Two Words(UIKit)", "Two Words", "UIKit"), ("(odd)", "(odd)", None)])
def test_a_name_may_hold_brackets_and_a_library_may_be_empty(name: str, process: str, library: str | None):
    entry = one(HEAD + name + "[402] <Error>: (a)[3]: b")
    assert (entry["process"], entry.get("library"), entry["pid"], entry["message"]) == (
        process,
        library,
        402,
        "(a)[3]: b",
    )


def test_launchd_puts_the_service_between():
    entry = one(HEAD + "com.apple.xpc.launchd[1] (com.example.helper[402]) <Warning>: exited")
    assert (entry["process"], entry["tag"], entry["level"], entry["message"]) == (
        "com.apple.xpc.launchd",
        "com.example.helper[402]",
        "warning",
        "exited",
    )


@pytest.mark.parametrize(
    ("rest", "level", "message"),
    [
        ("backboardd[60]: <Notice>: simulator", "notice", "simulator"),
        ("backboardd[60]: no level", None, "no level"),
        ("backboardd[60] <Notice>:", "notice", ""),
        ("backboardd[60] <Notice>: ", "notice", ""),
        ("backboardd[60]: <string: 0x1> dump", None, "<string: 0x1> dump"),
        ("backboardd[60]: <Whatever>: x", None, "<Whatever>: x"),
        ("backboardd[60] <Notice>: <data: 4> <Error>: x", "notice", "<data: 4> <Error>: x"),
    ],
)
def test_only_the_words_of_the_list_are_levels(rest, level, message):
    entry = one(HEAD + rest)
    assert (entry.get("level"), entry["message"]) == (level, message)


@pytest.mark.parametrize("word", LEVELS)
def test_every_level_has_its_word(word):
    assert one(HEAD + f"p[1] <{word}>: m")["level"] == LEVELS[word]


def test_the_day_is_padded_with_a_blank():
    assert one("Nov  4 09:12:01 Annas-iPhone p[1] <Notice>: m")["time"] == "11-04T09:12:01"


def test_the_stream_begins_with_nul_and_entries_end_in_lf_and_nul():
    assert list(entries_of(b"\0first\n\0second\nstill second\n\0third\0\0\n\0")) == [
        b"first",
        b"second\nstill second",
        b"third",
    ]


def test_a_message_may_hold_line_ends():
    assert one(HEAD + "p[1] <Error>: one\ntwo\n\tthree")["message"] == "one\ntwo\n\tthree"


@pytest.mark.parametrize(
    ("encoded", "text"),
    [
        (r"Gr\M-C\M-<\M-C\M^_e", "Grüße"),
        (r"caf\M-C\M-)", "café"),
        (r"tab\^Ihere", "tab\there"),
        (r"a\\b", r"a\b"),
        (r"\303\274", "ü"),
        (r"no\M-C utf", r"no\M-C utf"),
        ("plain", "plain"),
        (r"C:\new", r"C:\new"),
    ],
)
def test_characters_beyond_ascii_may_be_encoded(encoded, text):
    assert unvis(encoded) == text


def test_restore_mode_has_a_prefix():
    assert one("SYSLOG: " + HEAD + "restored[9] <Notice>: m")["process"] == "restored"


def test_lines_that_were_folded_together_count_as_dropped():
    assert parse(f"{HEAD}--- last message repeated 3 times ---".encode())[1] == 3


@pytest.mark.parametrize(
    ("message", "lost"), [("*** 12 messages dropped", 12), ("3 messages lost", 3), ("dropped 3 messages", 0)]
)
def test_lost_messages_count_as_dropped(message, lost):
    assert parse(f"{HEAD}logd[30] <Notice>: {message}".encode())[1] == lost


@pytest.mark.parametrize(
    "text",
    ["no entry", "Foo 25 09:12:01 host p[1] <Notice>: m", "Nov 25 09:12:01", "2026-11-25 09:12:01 lockdownd x", ""],
)
def test_what_does_not_parse_is_kept(text):
    assert one(text) == {"source": "syslog", "raw": text}


@given(st.binary(max_size=500))
def test_any_bytes_become_entries(data):
    for entry in entries_of(data):
        parsed, lost = parse(entry)
        assert ("raw" in parsed) != ("message" in parsed)
        assert lost >= 0
