"""The report as one HTML file: no script, nothing to load, readable by a screen reader. It is the accessible copy.

The templates are the package's own; none ever comes with a request. Everything they print is a finished text of the
Document, escaped, in a text node: nothing from outside stands in an attribute, a style or an address.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from pyworker.reporting.fonts import MONO
from pyworker.reporting.qr import qr_data_uri

if TYPE_CHECKING:
    from jinja2 import Environment

    from pyworker.reporting.fonts import Family
    from pyworker.reporting.view import Document

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "templates")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, auto_reload=False)


def page(document: Document) -> bytes:
    """The accessible copy."""
    template = _environment().get_template("report.html")
    text = template.render(document=document, code_uri=qr_data_uri(document.code))
    return text.encode("utf-8", "replace")


def layout(document: Document, paper: str) -> str:
    """The source the PDF is made from: tables for a layout engine that has nothing else. See `with_fonts`."""
    template = _environment().get_template("report.pdf.html")
    return template.render(document=document, paper=paper, fonts=_FONTS_GO_HERE, mono=_MONO_GOES_HERE)


_FONTS_GO_HERE = "/* fonts */"
_MONO_GOES_HERE = "/* mono */"


def with_fonts(source: str, families: tuple[Family, ...]) -> str:
    """A layout with the fonts its text turned out to need, in order of preference for each character."""
    faces = [
        f'@font-face {{ font-family: "{family.name}"; src: url("{file}"); font-weight: {_WEIGHTS[weight]}; }}'
        for family in families for weight, file in family.faces.items()]
    proportional = ", ".join(f'"{family.name}"' for family in families if family.name != MONO)
    # Text is escaped: the first of these is the template's own.
    head, _, rest = source.partition("<style>")
    style, _, body = rest.partition("</style>")
    style = style.replace(_FONTS_GO_HERE, "\n".join([*faces, f"html {{ font-family: {proportional}; }}"]))
    style = style.replace(_MONO_GOES_HERE, f'"{MONO}", {proportional}')
    return f"{head}<style>{style}</style>{body}"


_WEIGHTS = {"regular": "normal", "bold": "bold"}
