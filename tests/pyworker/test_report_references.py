"""The reference reports: their words, and how their pages look.

The pictures lie in tests/reports as small greyscale PNGs. After a deliberate change: python tests/pyworker/test_report_references.py
renews them; look at what changed before committing.
"""

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from report_asking import REFERENCES, ask, bytes_of, names, reference

TOOLS = pytest.mark.skipif(
    not (shutil.which("pdftotext") or os.environ.get("CI")), reason="poppler-utils is not installed"
)
DOTS_PER_INCH = 40
# Of 255. Rasterisers differ by a shade along edges; a moved line differs by much more.
TOLERANCE = 3.0
# The monster shows that many pages work; its first and last are enough to look at.
PICTURED = 3

WORDS = {
    "clean-iphone": ["Activation Lock", "Off", "Page 1 of"],
    "owner-locked-iphone": ["Informe", "Activado", "MDM"],
    "company-android": ["Android 14", "Verwaltet", "com.example.mdm.agent"],
    "silent-phone": ["ot determined", "does not trust this computer", "Not tested"],
    "monster": ["Page 12 of"],
    "arabic": ["\ufe8d", "Page 2 of 2"],  # the presentation form of alef: shaped
    "chinese": ["\u62a5\u544a"],
}


def pdf(name):
    return bytes_of(ask(format="pdf", report_id=name, **reference(name)))


def text_of(data):
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=data, capture_output=True, check=True
    ).stdout.decode()


def pictures(data):
    """The first pages as greyscale pictures."""
    from PIL import Image

    made = subprocess.run(
        ["pdftoppm", "-r", str(DOTS_PER_INCH), "-gray", "-l", str(PICTURED), "-"],
        input=data,
        capture_output=True,
        check=True,
    ).stdout
    pages = []
    while made:
        header = made.split(b"\n", 3)
        width, height = map(int, header[1].split())
        size = len(b"\n".join(header[:3])) + 1 + width * height
        pages.append(Image.open(io.BytesIO(made[:size])).copy())
        made = made[size:]
    return pages


def test_there_is_a_reference_for_each_kind():
    assert set(names()) == set(WORDS)


@TOOLS
@pytest.mark.parametrize("name", list(WORDS))
def test_the_words_of_a_reference_report(name):
    text = text_of(pdf(name))
    for word in WORDS[name]:
        assert word in text


@TOOLS
@pytest.mark.parametrize("name", list(WORDS))
def test_the_pages_look_as_they_did(name):
    from PIL import Image, ImageChops, ImageStat

    for number, page in enumerate(pictures(pdf(name)), 1):
        kept = Image.open(REFERENCES / f"{name}-{number}.png").convert("L")
        assert page.size == kept.size
        difference = ImageStat.Stat(ImageChops.difference(page, kept)).mean[0]
        assert difference < TOLERANCE, f"page {number} of {name} differs by {difference:.1f}"


@TOOLS
def test_a_moved_block_would_be_noticed():
    from PIL import ImageChops, ImageStat

    [page, *_] = pictures(pdf("clean-iphone"))
    moved = ImageChops.offset(page, 0, 12)
    assert ImageStat.Stat(ImageChops.difference(page, moved)).mean[0] > TOLERANCE


def test_a_clean_phone_fits_on_one_page():
    assert ask(format="pdf", report_id="r", **reference("silent-phone"))["data"]["pages"] == 1


def renew():
    for name in WORDS:
        for number, page in enumerate(pictures(pdf(name)), 1):
            page.quantize(16).save(REFERENCES / f"{name}-{number}.png", optimize=True)


if __name__ == "__main__":
    renew()
