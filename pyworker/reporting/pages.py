"""Page x of y, without drawing the document twice.

The engine knows how many pages there are only after it drew them, and draws everything again to print the number,
which is a third of all the time a long report takes. So the footers' right half is drawn here: the canvas keeps each
page open until the last one is done, and writes the line on all of them then (reportlab's usual recipe). The engine
makes its document from a class in one of its modules; that name is changed while a report is drawn, under the render
lock. A test holds both to it: each page's text, and that the name is there to be changed.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pyworker.reporting.fonts import MONO

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyworker.reporting.fonts import Family

MILLIMETRE = 72 / 25.4
SIZE = 7.5
GREY = 0x44 / 0xFF
RIGHT_MARGIN = 15 * MILLIMETRE
BASELINE = 8.45 * MILLIMETRE


class PageCount:
    """pages: how many were drawn."""

    __slots__ = ("pages",)

    def __init__(self) -> None:
        self.pages = 0


@contextmanager
def numbered(phrase: str, families: Sequence[Family]) -> Iterator[PageCount]:
    """While open, the engine's documents get the phrase ("Page {page} of {pages}") at the right of each page's foot."""
    from reportlab.platypus.doctemplate import BaseDocTemplate
    from xhtml2pdf import document
    from xhtml2pdf.builders.printmarks import MarkedCanvas

    count = PageCount()

    class NumberedCanvas(MarkedCanvas):  # type: ignore[misc]
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self._open_pages: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self._open_pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            pages, count.pages = self._open_pages, len(self._open_pages)
            for number, state in enumerate(pages, 1):
                self.__dict__.update(state)
                _foot(self, phrase.format(page=number, pages=len(pages)), families)
                super().showPage()
            super().save()

    class NumberedDocument(document.PmlBaseDoc):  # type: ignore[misc]
        def _makeCanvas(self, filename: Any = None, canvasmaker: Any = None) -> Any:
            return BaseDocTemplate._makeCanvas(self, filename=filename, canvasmaker=NumberedCanvas)

    usual = document.PmlBaseDoc
    document.PmlBaseDoc = NumberedDocument
    try:
        yield count
    finally:
        document.PmlBaseDoc = usual


def _foot(canvas: Any, text: str, families: Sequence[Family]) -> None:
    runs: list[tuple[str, str]] = []
    for char in text:
        font = next((_registered(family) for family in families if family.name != MONO and family.covers(ord(char))),
                    _registered(families[0]))
        if runs and runs[-1][0] == font:
            runs[-1] = font, runs[-1][1] + char
        else:
            runs.append((font, char))
    width = sum(canvas.stringWidth(run, font, SIZE) for font, run in runs)
    canvas.saveState()
    canvas.setFillGray(GREY)
    x = canvas._pagesize[0] - RIGHT_MARGIN - width
    for font, run in runs:
        canvas.setFont(font, SIZE)
        canvas.drawString(x, BASELINE, run)
        x += canvas.stringWidth(run, font, SIZE)
    canvas.restoreState()


def _registered(family: Family) -> str:
    """The name the engine gives a family's regular face in reportlab's registry."""
    return f"{family.name.lower()}_00"
