"""`settings get` and `settings list`."""

from __future__ import annotations

import pytest

from pyworker.android.settings_tables import Settings, flag, parse_setting, parse_settings_list
from pyworker.findings import MISSING, Unread


@pytest.mark.parametrize(("said", "answer"), [
    ("1\n", "1"), ("0\r\n", "0"), ("null\n", MISSING), ("com.example/.Service\n", "com.example/.Service"),
    ("WARNING: linker: libx.so has text relocations\n1\n", "1"), ("a=b;c\n", "a=b;c"),
    ("", Unread("unreadable")), ("\n", Unread("unreadable")), ("1\n2\n", Unread("unreadable")),
    ("Exception occurred while executing 'get':\n", Unread("unreadable")), ("usage: settings [get|put]\n", Unread("unsupported")),
    ("cmd: Can't find service: settings\n", Unread("unsupported")),
    ("java.lang.SecurityException: no\n\tat x.y(Z.java:1)\n", Unread("permission_denied")),
])
def test_a_setting_is_its_line_and_null_is_no_such_name(said, answer):
    assert parse_setting(said) == answer


def test_an_empty_answer_is_never_taken_for_a_missing_name():
    assert parse_setting("") != MISSING


def test_a_list_splits_at_the_first_equals_sign_and_joins_lines():
    text = 'a=1\nb=x=y\nempty=\nnothing=null\njson={"k":\n  "v"}\nurl=https://example.org/?q=1\n'
    assert parse_settings_list(text) == Settings(
        {"a": "1", "b": "x=y", "empty": "", "nothing": "null", "json": '{"k":\n  "v"}', "url": "https://example.org/?q=1"}, True)


def test_a_list_that_was_cut_is_not_whole():
    parsed = parse_settings_list("a=1\nb=2")
    assert isinstance(parsed, Settings) and not parsed.whole and parsed.values == {"a": "1"}


@pytest.mark.parametrize(("value", "meaning"), [("0", 0), ("1", 1), ("2", Unread("unreadable")), ("", Unread("unreadable")),
                                                (MISSING, MISSING)])
def test_a_switch_is_nought_or_one(value, meaning):
    assert flag(value) == meaning
