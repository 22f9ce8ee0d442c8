"""What identifies a person or a phone, or lets somebody in, taken out of log text: <kind> in its place, and counted.

    standard   this very phone's identifiers in any spelling, IMEI, EID, ICCID, IMSI, phone numbers, e-mail, hardware
               addresses, IPv6 addresses, network and account names, coordinates, passwords, cookies and access tokens
    strict     also all IP addresses, web addresses, UUIDs, long numbers and long hexadecimal words

The parts: known_identifiers.py (what the worker knows of this phone), labelled.py (because a label says so), by_shape.py
(wherever it stands), folding.py (the text as its reader sees it).

The rule that everything here obeys: the time is linear in the text, whatever it holds. A hundred megabytes go through,
so the text is searched for what every match must contain with searches over bytes; only what stands around a hit is
looked at more closely, and never more than a fixed number of bytes of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyworker.collecting.by_shape import by_shape, mac_addresses, strictly
from pyworker.collecting.folding import Folded
from pyworker.collecting.known_identifiers import spellings
from pyworker.collecting.labelled import labelled
from pyworker.collecting.shapes import Span, shaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

NONE, STANDARD, STRICT = "none", "standard", "strict"


class Redactor:
    """mode: NONE, STANDARD or STRICT. known: kind -> this phone's identifiers of it. counts: kind -> replaced so far."""

    __slots__ = ("counts", "mode", "_known")

    def __init__(self, mode: str, known: Mapping[str, Iterable[str]] | None = None) -> None:
        self.mode = mode
        self.counts: dict[str, int] = {}
        self._known = spellings(known or {})

    def clean(self, text: bytes) -> bytes:
        """`text`, whole lines of it, without what identifies. Replacements are ASCII, with no quotes in them."""
        if self.mode == NONE:
            return text
        folded = Folded(text)
        spans = self._spans(folded.text)
        return self._replaced(text, [Span(*folded.span(start, end), kind) for start, end, kind in spans]) if spans else text

    def clean_text(self, text: str) -> str:
        return self.clean(text.encode("utf-8", "replace")).decode("utf-8", "replace")

    def _spans(self, text: bytes) -> list[Span]:
        seen = shaped(text)
        # Of equals the first counts: what is known is sure, so is a hardware address, and a label surer than a length.
        spans = list(_literals(seen.lower, self._known))
        spans += mac_addresses(seen)
        spans += labelled(seen)
        spans += by_shape(seen)
        if self.mode == STRICT:
            spans += strictly(seen)
        return spans

    def _replaced(self, text: bytes, spans: list[Span]) -> bytes:
        # Of two that overlap, the one that begins first, and of those the longer; what the other has beyond it goes too.
        spans.sort(key=lambda span: (span.start, -span.end))
        pieces: list[bytes] = []
        at = 0
        for start, end, kind in spans:
            if start >= at:
                pieces += (text[at:start], b"<", kind.encode(), b">")
                self.counts[kind] = self.counts.get(kind, 0) + 1
            at = max(at, end)
        pieces.append(text[at:])
        return b"".join(pieces)


def _literals(lower: bytes, known: list[tuple[bytes, str]]) -> Iterator[Span]:
    for literal, kind in known:
        at = lower.find(literal)
        while at >= 0:
            yield Span(at, at + len(literal), kind)
            at = lower.find(literal, at + len(literal))
