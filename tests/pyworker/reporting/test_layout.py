"""What is laid out: lengths and rows that fit, the page numbers, and the engine's own behaviour that we lean on."""

import io

import pytest
from report_asking import ask, bytes_of, reference

from pyworker.reporting import ink
from pyworker.reporting.ink import Ink
from pyworker.reporting.qr import qr_data_uri
from pyworker.reporting.words import Words

DEVICE = {"device": {"device_id": "d", "platform": "ios"}}


def page_texts(made):
    from pypdf import PdfReader

    return [page.extract_text() for page in PdfReader(io.BytesIO(bytes_of(made))).pages]


@pytest.mark.parametrize("length", [0, 1, 1_999, 2_000, 2_001, 50_000, 2_000_000])
def test_a_line_is_cut_to_what_fits_and_says_how_much_is_missing(length):
    pen = Ink(Words("en"))
    line = pen.line("x" * length)
    assert len(line) < ink.LONGEST + 100
    assert pen.shortened is (length > ink.LONGEST)
    if pen.shortened:
        assert f"{length - ink.LONGEST:,}".replace(",", "") in line.replace(",", "")


def test_a_cell_has_a_bounded_number_of_lines():
    text = Ink(Words("en")).text("\n".join(map(str, range(500))), 50)
    assert len(text.lines) == ink.LINES_A_CELL + 1
    assert "476 more" in text.lines[-1]


def test_rows_share_one_budget():
    pen = Ink(Words("en"))
    assert pen.rows(range(1_500)) == (range(1_500), "")
    shown, more = pen.rows(range(1_500))
    assert len(shown) == ink.MOST_ROWS - 1_500
    assert "1000 more" in more
    assert pen.shortened


def test_every_page_says_its_number_and_how_many_there_are():
    asked = reference("monster")
    made = ask(format="pdf", **asked)
    texts = page_texts(made)
    assert len(texts) == made["data"]["pages"] >= 12
    for number, text in enumerate(texts, 1):
        assert f"Page {number} of {len(texts)}" in text


def test_the_head_of_a_long_table_is_repeated_with_its_title():
    texts = page_texts(ask(format="pdf", **reference("monster")))
    assert sum("Crashes and restarts" in text for text in texts) >= 3


def test_long_words_are_all_there():
    made = ask(format="pdf", content={**DEVICE, "notes": "A" * 1_900})
    assert sum(text.count("A") for text in page_texts(made)) >= 1_900


def test_a_report_of_too_many_rows_says_how_many_more_there_are():
    triage = [{"kind": "app_crash", "count": 1, "process": f"P{number}"} for number in range(2_300)]
    logs = {"ok": True, "data": {"log_count": 1, "triage": triage}, "warnings": []}
    made = ask(content={**DEVICE, "results": {"logs.collect": logs}}, options={"audience": "technician"})
    html = bytes_of(made).decode()
    assert html.count("App crash") < 2_001
    assert "more in the JSON copy" in html
    assert "content_shortened" in made["warnings"]


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_both_papers(paper):
    from pypdf import PdfReader

    made = ask(format="pdf", content=DEVICE, options={"paper": paper})
    box = PdfReader(io.BytesIO(bytes_of(made))).pages[0].mediabox
    assert (round(box.width), round(box.height)) == ((595, 842) if paper == "A4" else (612, 792))


def test_characters_no_font_has_show_as_boxes_and_are_counted():
    made = ask(format="pdf", content={**DEVICE, "notes": "smile \U0001f600\U0001f600"})
    assert made["warnings"] == ["missing_glyphs"]
    assert made["data"]["missing_glyphs"] == 2
    assert "shown as" in " ".join(page_texts(made))


def test_no_stream_depends_on_a_compressor():
    import re
    import zlib

    made = bytes_of(ask(format="pdf", **reference("clean-iphone")))
    streams = re.findall(rb"/FlateDecode[^>]*>>\s*stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL)
    assert len(streams) == made.count(b"FlateDecode") == 1  # the logo
    assert len(streams[0]) > len(zlib.decompress(streams[0]))


def test_the_document_names_its_language_and_title():
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(bytes_of(ask(format="pdf", **reference("company-android")))))
    assert str(reader.trailer["/Root"]["/Lang"]) == "de"
    assert reader.metadata.title.startswith("Gerätebericht rep_1")


def test_the_code_is_a_picture_that_anybody_can_decode():
    from base64 import b64decode

    from PIL import Image

    picture = Image.open(io.BytesIO(b64decode(qr_data_uri("rep_abc123 0123456789abcdef0123").partition(",")[2])))
    assert picture.mode == "1"
    assert picture.width == picture.height
    # The finder pattern of ISO/IEC 18004: seven dark modules after the quiet zone, then a light one.
    row = [picture.getpixel((at * 4 + 2, 4 * 4 + 2)) == 0 for at in range(13)]
    assert row[:12] == [False] * 4 + [True] * 7 + [False]
