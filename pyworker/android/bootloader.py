"""Whether the bootloader is locked: "locked" or "unlocked", told by every source that says something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyworker.android import reads, root
from pyworker.android.bootloader_sources import SOURCES, UNLOCKED
from pyworker.findings import Finding, Unread
from pyworker.probes import BASIC, Probe, Witness

if TYPE_CHECKING:
    from pyworker.android.getprop import Properties
    from pyworker.probes import Observations

STATES = {key: reads.property_witness(key, words) for key, words in SOURCES.items()}
# red is a known word that says nothing about the lock; any other unknown word keeps the judge from saying more.
WORDS_WITHOUT_MEANING = ("red",)


def _odd_words(properties: Properties) -> object:
    said = {key: (properties.get(key) or "").lower() for key in SOURCES}
    return [key for key, word in said.items()
            if word and word not in SOURCES[key] and word not in WORDS_WITHOUT_MEANING]


def _whole(properties: Properties) -> object:
    return True if properties.whole else Unread("truncated")


UNKNOWN_WORDS = Witness(reads.GETPROP, "lock states in unknown words", _odd_words)
WHOLE = Witness(reads.GETPROP, "listing is whole", _whole)
EVER_UNLOCKED = reads.property_witness("ro.is_ever_orange")


def bootloader(seen: Observations) -> Finding:
    """Null with `conflict` when two sources disagree; "locked" only out of a whole listing, as the source that would
    disagree may stand in the part that is missing."""
    said = {seen[witness] for witness in STATES.values()} - {None}
    _ = seen.answer(EVER_UNLOCKED)
    spoofable = root.rooted(seen)
    notes = ["oem_unlock_switch_is_no_lock_state"] + (["bootloader_evidence_spoofable"] if spoofable else [])
    if len(said) > 1:
        return _null(seen, "conflict", notes, spoofable)
    if said == {UNLOCKED}:
        return seen.finds(UNLOCKED, notes, spoofable)
    if not seen.heard(WHOLE):
        return _null(seen, None if not said else "truncated", notes, spoofable)
    if seen[UNKNOWN_WORDS]:
        return _null(seen, "unreadable", notes, spoofable)
    if not said:
        return _null(seen, "key_missing", notes, spoofable)
    return seen.finds(str(said.pop()), notes, spoofable)


def _null(seen: Observations, reason: str | None, notes: list[str], spoofable: bool) -> Finding:
    finding = seen.cannot_tell(reason or seen.reason(WHOLE) or "key_missing", notes)
    finding.spoofable = spoofable
    return finding


BOOTLOADER = Probe(
    "bootloader", BASIC, (*STATES.values(), UNKNOWN_WORDS, WHOLE, EVER_UNLOCKED, *root.WITNESSES), bootloader)
