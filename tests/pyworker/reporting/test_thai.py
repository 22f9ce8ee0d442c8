"""Thai signs do not collide, and what is copied out of a document is what was written."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_asking import ask, bytes_of

from pyworker.reporting import thai
from pyworker.reporting.fonts import FOLDER
from pyworker.reporting.thai import NARROW, RAISED, RAISED_NARROW, SHORT, plain, shaped

THAI = st.text(st.characters(min_codepoint=0x0E01, max_codepoint=0x0E5B, exclude_categories=("Cn",)), max_size=20)


def variant(page, sign):
    return chr(page + ord(sign) - 0x0E00)


@pytest.mark.parametrize(("written", "drawn"), [
    ("\u0e01\u0e48", "\u0e01\u0e48"),  # a tone above a consonant
    ("\u0e17\u0e35\u0e48", "\u0e17\u0e35" + variant(RAISED, "\u0e48")),  # above a vowel
    ("\u0e19\u0e49\u0e33", "\u0e19" + variant(RAISED, "\u0e49") + "\u0e33"),  # above the ring of sara am
    ("\u0e1b\u0e48", "\u0e1b" + variant(NARROW, "\u0e48")),  # beside a tall consonant
    ("\u0e1b\u0e35\u0e48", "\u0e1b" + variant(NARROW, "\u0e35") + variant(RAISED_NARROW, "\u0e48")),
    ("\u0e1b\u0e33", "\u0e1b" + variant(NARROW, "\u0e4d") + "\u0e32"),
    ("\u0e0d\u0e39", variant(SHORT, "\u0e0d") + "\u0e39"),  # a tail gives way
    ("\u0e0e\u0e38", variant(SHORT, "\u0e0e") + variant(RAISED, "\u0e38")),  # a vowel goes lower
    ("\u0e0d abc \u0e40", "\u0e0d abc \u0e40"),
])
def test_a_sign_is_put_where_it_has_room(written, drawn):
    assert shaped(written) == drawn


@given(THAI)
def test_what_is_copied_is_what_was_written(text):
    """But for sara am, which may come as its two parts."""
    copied = "".join(chr(plain(ord(sign))) for sign in shaped(text))
    assert sorted(copied.replace("\u0e33", "\u0e4d\u0e32")) == sorted(text.replace("\u0e33", "\u0e4d\u0e32"))


@given(st.text(max_size=20))
def test_other_scripts_stay_as_they_are(text):
    if not any("\u0e00" <= letter <= "\u0e7f" for letter in text):
        assert shaped(text) == text


@pytest.mark.parametrize("weight", ["regular", "bold"])
def test_the_font_has_every_variant_that_is_chosen(weight):
    from reportlab.pdfbase.ttfonts import TTFontFile

    has = TTFontFile(f"{FOLDER}/thai-{weight}.ttf").charToGlyph
    signs = [chr(point) for point in range(0x0E01, 0x0E2F)]
    for consonant in signs:
        for below in ("", *thai.LOWER_VOWELS):
            for above in ("", *thai.UPPER_VOWELS):
                for tone in ("", *thai.TONES):
                    for am in ("", thai.AM):
                        syllable = shaped(consonant + below + above + tone + am)
                        assert not [hex(ord(sign)) for sign in syllable if ord(sign) not in has], syllable


def test_thai_in_a_document():
    from pypdf import PdfReader

    note = "\u0e0b\u0e48\u0e2d\u0e21 \u0e17\u0e35\u0e48\u0e23\u0e49\u0e32\u0e19 \u0e1b\u0e39\u0e48"
    made = ask(format="pdf", content={
        "device": {"device_id": "d", "platform": "ios"}, "notes": note, "title": note})
    assert made["warnings"] == []
    reader = PdfReader(io.BytesIO(bytes_of(made)))
    assert note in reader.pages[0].extract_text()
    assert reader.metadata.title.startswith(note)
