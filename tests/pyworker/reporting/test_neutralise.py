import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyworker.reporting.neutralise import MARK, is_right_to_left, neutralise


@pytest.mark.parametrize(("text", "clean"), [
    ("plain", "plain"),
    ("invoice \u202egpj.exe", f"invoice {MARK}gpj.exe"),
    ("\u2066a\u2069", f"{MARK}a{MARK}"),
    ("a\u200eb\u200fc\u061cd", f"a{MARK}b{MARK}c{MARK}d"),
    ("a\x00b\x1bc\x7fd\x9fe", f"a{MARK}b{MARK}c{MARK}d{MARK}e"),
    ("\ud800x\udfff", f"{MARK}x{MARK}"),
    ("a\u200bb\ufeffc", f"a{MARK}b{MARK}c"),
    ("x\U000e0041y", f"x{MARK}y"),
    ("a\r\nb\u2028c\x85d\re", "a\nb\nc\nd\ne"),
    ("tab\there", "tab\there"),
])
def test_what_misleads_is_replaced_by_a_mark(text, clean):
    assert neutralise(text)[0] == clean
    assert neutralise(text)[1] == clean.count(MARK)


@pytest.mark.parametrize("text", ["می\u200cخواهم", "क्\u200dष", "Việt Nam", "שָׁלוֹם", "naïve 東京 김철수", "soft\u00adhyphen"])
def test_what_a_script_is_written_with_stays(text):
    assert neutralise(text) == (text, 0)


def test_a_pile_of_marks_is_levelled():
    clean, replaced = neutralise("Z" + "\u0301" * 100)
    assert len(clean) < 10
    assert replaced == 96


@given(st.text(st.characters()))
def test_nothing_that_steers_is_left_and_neutralising_twice_changes_nothing(text):
    clean, replaced = neutralise(text)
    assert not any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t" for char in clean)
    assert not any(unicodedata.bidirectional(char) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
                   for char in clean)
    assert neutralise(clean) == (clean, 0)
    assert clean.count(MARK) <= text.count(MARK) + replaced


@pytest.mark.parametrize(("text", "expected"), [
    ("سلام 87 %", True), ("87 % سلام", True), ("שלום world", True), ("world שלום", False), ("42", False), ("", False)])
def test_the_first_letter_gives_the_direction(text, expected):
    assert is_right_to_left(text) is expected
