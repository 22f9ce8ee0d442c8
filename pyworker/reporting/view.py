"""What the templates are given: a report as blocks of finished text. No template looks at content, and none decides anything.

Every text in here went through Ink: it is neutralised, cut to what fits, and in the report's language.
State is one of STATES; templates show it by a word, a shape and a colour.
"""

from __future__ import annotations

from typing import NamedTuple

# good: as one hopes. attention: look at it. unknown: asked, no answer. absent: nobody asked. plain: nothing to judge.
STATES = ("good", "attention", "unknown", "absent", "plain")


class Text(NamedTuple):
    """lines: at least one. rtl: reads from right to left. mono: a number or name to be compared letter by letter."""

    lines: tuple[str, ...]
    rtl: bool = False
    mono: bool = False


class Pair(NamedTuple):
    label: Text
    value: Text
    state: str = "plain"


class Cell(NamedTuple):
    text: Text
    state: str = ""
    small: bool = False


class Column(NamedTuple):
    """width: in percent of the page's; the widths of a table add up to 100."""

    title: str
    width: int
    numeric: bool = False


class Table(NamedTuple):
    """chunks: the rows, in runs short enough for the PDF engine, which takes quadratic time over one long table.

    plain: who sees the table needs no titles over its columns; who hears it does.
    """

    columns: tuple[Column, ...]
    chunks: tuple[tuple[tuple[Cell, ...], ...], ...]
    more: str = ""
    plain: bool = False


class Bar(NamedTuple):
    """filled: 0 to 100. The label says the same in words."""

    filled: int
    label: str
    state: str


class Tile(NamedTuple):
    label: str
    word: str
    detail: str
    state: str


class Section(NamedTuple):
    """name: fixed, for anchors and tests. Blocks are printed in the order of the fields; an empty one prints nothing.

    half: may stand beside the next half. absent: nobody tested this; it is not printed, but named with the others of its kind.
    """

    name: str
    title: str
    intro: str = ""
    bar: Bar | None = None
    pairs: tuple[Pair, ...] = ()
    tables: tuple[Table, ...] = ()
    paragraphs: tuple[Text, ...] = ()
    log_blocks: tuple[tuple[str, ...], ...] = ()
    half: bool = False
    absent: bool = False


class Signature(NamedTuple):
    role: Text
    name: Text | None


class Logo(NamedTuple):
    """uri: data: URI of a PNG. width and height in millimetres, fitted into the space the header has."""

    uri: str
    width: float
    height: float


class Document(NamedTuple):
    language: str
    title: str
    copy: str
    shop_name: Text | None
    shop_lines: tuple[Text, ...]
    logo: Logo | None
    facts: tuple[Pair, ...]
    device: Text
    device_line: Text | None
    identity: Section
    tiles: tuple[Tile, ...]
    sections: tuple[Section, ...]
    verification: tuple[Pair, ...]
    verify_text: str
    code: str
    privacy: tuple[str, ...]
    notices: tuple[str, ...]
    closing: tuple[Text, ...]
    signatures: tuple[Signature, ...]
    footer: str
    words: dict[str, str]
