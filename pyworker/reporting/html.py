"""The report as one HTML file: no script, nothing to load, readable by a screen reader. It is the accessible copy.

The templates are the package's own; none ever comes with a request. Everything they print is a finished text of the
Document, escaped, in a text node: nothing from outside stands in an attribute, a style or an address.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from pyworker.reporting.qr import png_data_uri

if TYPE_CHECKING:
    from jinja2 import Environment

    from pyworker.reporting.fonts import Family
    from pyworker.reporting.view import Document

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "templates")


@cache
def _environment() -> Environment:
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, auto_reload=False)


def page(document: Document) -> bytes:
    """The accessible copy."""
    template = _environment().get_template("report.html")
    text = template.render(document=document, code_uri=png_data_uri(document.code))
    return text.encode("utf-8", "replace")


def layout(document: Document, paper: str, families: tuple[Family, ...]) -> str:
    """The source the PDF is made from: tables for a layout engine that has nothing else."""
    template = _environment().get_template("report.pdf.html")
    return template.render(document=document, paper=paper, families=families)
