#!/usr/bin/env python3
"""Make the report's fonts from the free fonts of Debian 12, the same bytes every time.

    apt install fonts-noto-core fonts-noto-mono fonts-wqy-microhei && pip install fonttools==4.68.0
    python pyworker/templates/fonts/subset.py

Why subsets: reportlab uses a font's outlines, widths and character map only, so hinting and layout tables are dead
weight in the package, and the one font that has Chinese, Japanese and Korean as TrueType outlines holds 20,000
characters that no national standard set names. Why our own copies: a report that took the fonts of the computer it
was made on would look, and hash, differently on the next one.

Not among them: Devanagari and the other scripts of India, and emoji. The engine does not join their letters, and a word in
wrong letters is worse than a mark in its place. Thai is written by glyphs of its own instead: see reporting/thai.py.

Writes the .ttf files beside itself, and fonts.json: per file its source and the SHA-256 of source and subset, per family
the characters that all its faces cover, as ranges. The worker reads fonts.json to choose fonts per document without
opening any of them.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from fontTools import subset  # type: ignore
from fontTools.ttLib import TTCollection, TTFont  # type: ignore
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphComponent  # type: ignore

from pyworker.reporting import thai

HERE = Path(__file__).resolve().parent
DEBIAN = Path("/usr/share/fonts/truetype")

# Latin, Greek, Cyrillic, punctuation, currency, letter-like signs and number forms.
EUROPEAN = [(0x20, 0x7E), (0xA0, 0x58F), (0x1D00, 0x20CF), (0x2100, 0x218F), (0x2C60, 0x2C7F), (0xA640, 0xA69F),
            (0xA720, 0xA7FF), (0xFB00, 0xFB06), (0xFFFD, 0xFFFD)]
# The engine leaves a space in the run it stands in, so each font has its own.
BLANKS = [(0x20, 0x20), (0xA0, 0xA0)]
# With the joiners: they must stay in the run they shape.
ARABIC = [*BLANKS, (0x200C, 0x200D), (0x600, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFE)]
THAI = [*BLANKS, (0x200C, 0x200D), (0xE01, 0xE3A), (0xE3F, 0xE5B)]
HEBREW = [*BLANKS, (0x590, 0x5FF), (0xFB1D, 0xFB4F)]
# State marks, boxes, arrows, bullets, check marks.
SYMBOLS = [*BLANKS, (0x2190, 0x21FF), (0x2300, 0x23FF), (0x2500, 0x25FF), (0x2600, 0x27BF), (0x2B00, 0x2BFF)]
# Relations, operators, arrows: Noto Sans itself has no minus sign.
MATH = [*BLANKS, (0x2190, 0x21FF), (0x2200, 0x22FF)]
MONO = [(0x20, 0x7E), (0xA0, 0x17F), (0x2010, 0x2027), (0x20AC, 0x20AC), (0xFFFD, 0xFFFD)]
# The character sets that China, Taiwan, Japan and Korea standardised.
NATIONAL_SETS = ("gb2312", "big5", "shift_jis", "euc_kr")

Ranges = list[tuple[int, int]]


def national_characters() -> Ranges:
    found = {point for low, high in BLANKS for point in range(low, high + 1)}
    for codec in NATIONAL_SETS:
        for high in range(0x81, 0xFF):
            for low in range(0x40, 0xFF):
                text = bytes((high, low)).decode(codec, errors="ignore")
                if len(text) == 1 and ord(text) > 0x2E7F:
                    found.add(ord(text))
    return ranges(found)


def ranges(code_points: set[int]) -> Ranges:
    result: Ranges = []
    for point in sorted(code_points):
        if result and point == result[-1][1] + 1:
            result[-1] = (result[-1][0], point)
        else:
            result.append((point, point))
    return result


def make(
    source: Path, target: str, wanted: Ranges, prepare: Callable[[TTFont], Ranges] | None = None,
) -> tuple[dict[str, str], set[int]]:
    raw = source.read_bytes()
    font = TTCollection(io.BytesIO(raw)).fonts[0] if source.suffix == ".ttc" else TTFont(io.BytesIO(raw))
    font.recalcTimestamp = False
    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.notdef_outline = True
    options.glyph_names = False
    options.recalc_timestamp = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 7, 13, 14]
    wanted = wanted + prepare(font) if prepare else wanted
    options.drop_tables += ["GPOS", "GSUB", "GDEF", "FFTM", "gasp", "vhea", "vmtx", "DSIG", "MATH"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[point for low, high in wanted for point in range(low, high + 1)])
    subsetter.subset(font)
    level(font)
    made = io.BytesIO()
    font.save(made, reorderTables=True)
    (HERE / target).write_bytes(made.getvalue())
    return {
        "file": target,
        "source": source.name,
        "source_sha256": hashlib.sha256(raw).hexdigest(),
        "sha256": hashlib.sha256(made.getvalue()).hexdigest(),
    }, set(font.getBestCmap())


def with_thai_variants(font: TTFont) -> Ranges:
    """Give the glyphs that a shaping engine would choose code points of their own: see reporting/thai.py."""
    suffixes = {thai.NARROW: "narrow", thai.RAISED: "small"}
    wanted = {
        thai.NARROW: thai.UPPER_VOWELS + thai.TONES,
        thai.RAISED: thai.TONES + thai.LOWER_VOWELS,
        thai.RAISED_NARROW: thai.TONES,
        thai.SHORT: thai.GIVE_WAY_ABOVE + thai.GIVE_WAY_BELOW + thai.LOSE_TAIL,
    }
    points = {}
    for page, signs in wanted.items():
        for sign in signs:
            name = f"uni{ord(sign):04X}"
            if page == thai.RAISED_NARROW:
                variant = shifted(font, f"{name}.small", left_edge(font, f"{name}.narrow") - left_edge(font, name))
            elif page == thai.SHORT:
                variant = f"{name}.less" if sign in thai.LOSE_TAIL else f"{name}.short"
            else:
                variant = f"{name}.{suffixes[page]}"
            if variant in font.getGlyphSet():
                points[page + ord(sign) - thai.BLOCK] = variant
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap.update(points)
    return ranges(set(points))


def left_edge(font: TTFont, name: str) -> int:
    return int(font["glyf"][name].xMin)


def shifted(font: TTFont, name: str, by: int) -> str:
    """A glyph that is another one, moved sideways."""
    component = GlyphComponent()
    component.glyphName, component.x, component.y, component.flags = name, by, 0, 0x204  # USE_MY_METRICS, ROUND_XY_TO_GRID
    glyph = Glyph()
    glyph.numberOfContours = -1
    glyph.components = [component]
    added = f"{name}.narrow"
    font.setGlyphOrder([*font.getGlyphOrder(), added])
    font["glyf"][added] = glyph
    glyph.recalcBounds(font["glyf"])
    advance, _ = font["hmtx"][name]
    font["hmtx"][added] = (advance, glyph.xMin)
    return added


def level(font: TTFont) -> None:
    """Give every face the line of Noto Sans: text of another script then stands on the same height in its row."""
    size = font["head"].unitsPerEm
    ascent, descent = round(1.069 * size), -round(0.293 * size)
    font["hhea"].ascent, font["hhea"].descent, font["hhea"].lineGap = ascent, descent, 0
    table = font["OS/2"]
    table.sTypoAscender, table.sTypoDescender, table.sTypoLineGap = ascent, descent, 0
    table.usWinAscent, table.usWinDescent = ascent, -descent


def main() -> int:
    noto, wqy = DEBIAN / "noto", DEBIAN / "wqy"
    # Order is preference: a character is drawn with the first family that covers it.
    families = [
        ("Report Sans", "sans", EUROPEAN, noto / "NotoSans-Regular.ttf", noto / "NotoSans-Bold.ttf"),
        ("Report Arabic", "arabic", ARABIC, noto / "NotoSansArabic-Regular.ttf", noto / "NotoSansArabic-Bold.ttf"),
        ("Report Hebrew", "hebrew", HEBREW, noto / "NotoSansHebrew-Regular.ttf", noto / "NotoSansHebrew-Bold.ttf"),
        ("Report Thai", "thai", THAI, noto / "NotoSansThai-Regular.ttf", noto / "NotoSansThai-Bold.ttf"),
        ("Report East Asian", "east-asian", national_characters(), wqy / "wqy-microhei.ttc", None),
        ("Report Mathematics", "mathematics", MATH, noto / "NotoSansMath-Regular.ttf", None),
        ("Report Symbols", "symbols", SYMBOLS, noto / "NotoSansSymbols2-Regular.ttf", None),
        ("Report Mono", "mono", MONO, noto / "NotoSansMono-Regular.ttf", None),
    ]
    listing = []
    for family, stem, wanted, regular, bold in families:
        prepare = with_thai_variants if stem == "thai" else None
        made, covered = make(regular, f"{stem}-regular.ttf", wanted, prepare)
        faces = {"regular": made}
        if bold is not None:
            faces["bold"], covered_bold = make(bold, f"{stem}-bold.ttf", wanted, prepare)
            covered &= covered_bold
        # A private code point in a text is nobody's variant: it has no glyph.
        covered = {point for point in covered if not 0xE000 <= point < 0xF900}
        listing.append({"family": family, "faces": faces, "covers": [list(pair) for pair in ranges(covered)]})
    text = json.dumps({"families": listing}, ensure_ascii=True, separators=(",", ":"))
    (HERE / "fonts.json").write_text(text.replace('{"family"', '\n{"family"') + "\n", encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
