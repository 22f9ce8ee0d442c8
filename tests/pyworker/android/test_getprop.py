"""`getprop`: multi-line values, brackets in values, malformed lines, and a listing that was cut."""

from __future__ import annotations

import android_dumps as dumps
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyworker.android.getprop import LISTED_AT_LEAST, Properties, parse_getprop
from pyworker.findings import Unread


def _values(text: str) -> dict[str, str]:
    parsed = parse_getprop(text)
    assert isinstance(parsed, Properties)
    return parsed.values


def test_a_value_may_run_over_several_lines():
    text = "[a]: [1]\n[persist.sys.boot.reason.history]: [reboot,1760000300\nshutdown,battery,1750000000\ncold,1740000000]\n[b]: [2]\n"
    assert _values(text) == {
        "a": "1", "persist.sys.boot.reason.history": "reboot,1760000300\nshutdown,battery,1750000000\ncold,1740000000", "b": "2"}


def test_a_bracket_may_stand_alone_on_the_last_line_of_a_value():
    assert _values("[persist.sys.pq.lcd]: [on;\n]\n[b]: [2]\n") == {"persist.sys.pq.lcd": "on;\n", "b": "2"}


@pytest.mark.parametrize("value", [
    "", "a]b", "[x]", "a: b", "k=v", "one, two", 'quoted "x"', "größe", "user@host", "a]: [b", "]", "[", "trailing "])
def test_a_value_may_hold_anything(value):
    assert _values(f"[before]: [1]\n[key]: [{value}]\n[z]: [2]\n") == {"before": "1", "key": value, "z": "2"}


@pytest.mark.parametrize("line", ["[ro.serialno]:", "[ro.serialno]: ", "o.serialno]: [x", "ro.product.model=One", "# comment"])
def test_a_malformed_line_is_counted_and_the_next_ones_are_read(line):
    parsed = parse_getprop(f"[a]: [1]\n{line}\n[b]: [2]\n")
    assert (parsed.values, parsed.malformed) == ({"a": "1", "b": "2"}, 1)


def test_a_missing_space_after_the_colon_does_no_harm():
    assert _values("[key]:[value]\n") == {"key": "value"}


def test_an_unclosed_value_ends_where_the_next_property_begins():
    parsed = parse_getprop("[a]: [1\n[b]: [2]\n")
    assert (parsed.values, parsed.malformed) == ({"b": "2"}, 1)


def test_the_order_of_the_lines_does_not_matter():
    backwards = "".join(f"[{key}]: [{value}]\n" for key, value in reversed(dumps.PROPERTIES.items()))
    assert _values(backwards) == _values(dumps.getprop()) == dumps.PROPERTIES


def test_a_build_prop_file_is_no_listing():
    assert parse_getprop("# begin build properties\nro.build.id=X\nro.build.tags=release-keys\n") == Unread("unreadable")


def test_a_listing_that_was_cut_is_not_whole():
    text = dumps.getprop()
    assert parse_getprop(text).whole
    assert not parse_getprop(text, cut=True).whole
    assert not parse_getprop(text[:text.index("release-keys") + 5]).whole
    assert not parse_getprop(text + "[zz.last]: [half a val").whole


def test_a_long_listing_without_the_end_of_the_alphabet_was_cut():
    many = {f"ro.a{number:03}": "x" for number in range(LISTED_AT_LEAST)}
    assert not parse_getprop(dumps.getprop(base=many)).whole
    assert parse_getprop(dumps.getprop({"vold.has_quota": "1"}, base=many)).whole


def test_a_last_property_without_line_end_is_a_property():
    parsed = parse_getprop(dumps.getprop().rstrip("\n"))
    assert parsed.whole and parsed.values["wifi.interface"] == "wlan0"


NAMES = st.text("abcdefghij.-_", min_size=1, max_size=12)
VALUES = st.text(st.characters(exclude_characters="\r\0[", exclude_categories=["Cs"]), max_size=20).filter(
    lambda value: "\n" not in value.rstrip("\n") and not value.startswith("\ufeff"))


@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=8))
def test_what_is_printed_is_read_back(values):
    printed = "".join(f"[{key}]: [{value}]\n" for key, value in values.items())
    several_lines = {key: value for key, value in values.items() if value.rstrip().endswith("]") and "\n" in value}
    assert several_lines or _values(printed) == values
