"""The packaged fonts: the bytes that were listed, the scripts that were promised, and no silent blanks."""

import hashlib
import json
from pathlib import Path

import pytest

from pyworker.reporting.fonts import BOX, FOLDER, families, fit

LISTED = json.loads(Path(FOLDER, "fonts.json").read_text("ascii"))["families"]


def test_every_font_is_the_one_that_was_listed_and_none_lies_beside_them():
    listed = {face["file"]: face["sha256"] for family in LISTED for face in family["faces"].values()}
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in Path(FOLDER).glob("*.ttf")} == listed


def test_the_licences_lie_beside_them():
    assert "SIL OPEN FONT LICENSE" in Path(FOLDER, "OFL-1.1.txt").read_text("utf-8")
    assert "Apache License" in Path(FOLDER, "Apache-2.0.txt").read_text("utf-8")


@pytest.mark.parametrize(("text", "needs"), [
    ("Latin, Ελληνικά, Кириллица, Łódź, Việt Nam, 5 €", None), ("سلام", "Report Arabic"), ("שלום", "Report Hebrew"), ("ที่ร้าน", "Report Thai"),
    ("简体中文 繁體中文", "Report East Asian"), ("日本語カタカナ", "Report East Asian"), ("한국어 김철수", "Report East Asian"),
    ("✔ ▲ ○", "Report Symbols"), ("a − b ≤ c →", "Report Mathematics")])
def test_each_script_has_a_font_and_brings_no_other(text, needs):
    fitted = fit(text)
    assert fitted.missing == 0
    assert fitted.text == text
    assert {family.name for family in fitted.families} == {"Report Sans", "Report Mono"} | ({needs} if needs else set())


def test_a_character_without_a_glyph_becomes_a_box_and_is_counted():
    # Emoji; Devanagari, whose letters the engine cannot join; a private code point, also one that Thai is drawn with.
    fitted = fit("a \U0001f600\U0001f600 \u0939 \ue148")
    assert fitted.text == f"a {BOX}{BOX} {BOX} {BOX}"
    assert fitted.missing == 4
    assert "Report Symbols" in {family.name for family in fitted.families}


def test_fitting_what_was_fitted_changes_nothing():
    once = fit("x \U0001f600 ▲ 中")
    assert fit(once.text) == once._replace(missing=0)


def test_faces_of_a_family_cover_the_same():
    for family in families():
        assert family.starts
        assert all(low <= high for low, high in zip(family.starts, family.ends, strict=True))
