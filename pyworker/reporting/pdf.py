"""The report as a PDF: laid out by xhtml2pdf with nothing to reach for and no clock to look at.

The engine is given the strictest of its policies: no network, no file but the packaged fonts, bounds on time, size and
depth. It draws one document at a time in a process (its state is global), so one lock holds the render, the engine's
global settings and the fixed date together. What it cannot do well it is never asked: no CSS or address comes from
content, tables come in short runs, every text was cut to fit.

Streams are not compressed (png.py says why): a page costs some 20 KiB, its fonts 40 KiB, a logo up to 140 KiB.
"""

from __future__ import annotations

import io
import os
import threading
from typing import TYPE_CHECKING, NamedTuple

from pyworker.errors import failure
from pyworker.reporting import engine, fonts, html, thai
from pyworker.reporting.document import with_unprintable
from pyworker.reporting.pages import numbered

if TYPE_CHECKING:
    from xhtml2pdf.config.resources import ResourceAccessPolicy

    from pyworker.reporting.view import Document
    from pyworker.reporting.words import Words

_RENDER = threading.Lock()

# A report of 2,000 rows takes a third of it.
MOST_SECONDS = 25.0
# 2,000 rows in nested markup are 1.5 MiB.
LARGEST_SOURCE = 8 * 1024 * 1024
# The fonts of all families, and a logo.
MOST_RESOURCES = 16
DEEPEST = 60
# The engine keeps a source this long in memory instead of in a temporary file; negative means any.
IN_MEMORY = -1
# 2000-01-01: some moment must be written, and the report's own is printed on it. It says only that none was asked.
FIXED_EPOCH = "946684800"


class Rendered(NamedTuple):
    pdf: bytes
    pages: int
    missing_glyphs: int


def render(document: Document, words: Words, paper: str, seconds: float) -> Rendered:
    """paper: "A4" or "Letter". Raises timeout; never anything of the engine's own."""
    engine.load()
    from xhtml2pdf.config.resources import RenderLimitError, ResourceAccessPolicy

    fitted = fonts.fit(html.layout(document, paper))
    if fitted.missing:
        fitted = fonts.fit(html.layout(with_unprintable(document, words, fitted.missing), paper))._replace(
            missing=fitted.missing)
    # The head is not drawn: the document's title is text.
    head, body, drawn = html.with_fonts(fitted.text, fitted.families).partition("<body>")
    source = head + body + thai.shaped(drawn)
    if not _RENDER.acquire(timeout=max(seconds, 0.0)):
        raise failure("timeout")
    try:
        policy = ResourceAccessPolicy.server(
            fonts.FOLDER, allow_remote=False, max_render_seconds=min(seconds, MOST_SECONDS),
            max_document_bytes=LARGEST_SOURCE, max_resources=MOST_RESOURCES, max_depth=DEEPEST)
        with numbered(document.words["page"], fitted.families) as count:
            pdf = _draw(source, policy)
    except RenderLimitError:
        raise failure("timeout", "the report takes too long to lay out") from None
    finally:
        _RENDER.release()
    return Rendered(pdf, count.pages, fitted.missing)


def _draw(source: str, policy: ResourceAccessPolicy) -> bytes:
    from xhtml2pdf import pisa

    made = io.BytesIO()
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = FIXED_EPOCH
    try:
        pisa.CreatePDF(
            source, made, path=os.path.join(fonts.FOLDER, "report.html"), encoding="utf-8", raise_exception=True,
            resource_policy=policy, capacity=IN_MEMORY)
    finally:
        if before is None:
            del os.environ["SOURCE_DATE_EPOCH"]
        else:
            os.environ["SOURCE_DATE_EPOCH"] = before
    return made.getvalue()
