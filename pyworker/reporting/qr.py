"""The code on the page, as a picture for HTML. In the PDF the engine draws it itself."""

from __future__ import annotations

from pyworker.reporting.engine import qr_modules
from pyworker.reporting.png import BILEVEL, png_data_uri

# White margin around the code, in modules: readers need four (ISO/IEC 18004).
QUIET_ZONE = 4
PIXELS_A_MODULE = 4


def qr_data_uri(text: str) -> str:
    modules = qr_modules(text)
    side = (len(modules) + 2 * QUIET_ZONE) * PIXELS_A_MODULE
    margin = [False] * QUIET_ZONE
    blank = [[False] * (len(modules) + 2 * QUIET_ZONE)] * QUIET_ZONE
    lines = []
    for row in [*blank, *([*margin, *row, *margin] for row in modules), *blank]:
        bits = "".join(("0" if dark else "1") * PIXELS_A_MODULE for dark in row).ljust(-(-side // 8) * 8, "1")
        lines += [int(bits, 2).to_bytes(len(bits) // 8, "big")] * PIXELS_A_MODULE
    return png_data_uri(side, side, BILEVEL, lines)
