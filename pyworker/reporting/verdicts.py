"""How a finding is judged on paper: which value asks for attention, and with which word it is said.

Null is never good, whatever the finding; a value that is not in the table below is printed without a judgement. Values
that come from a phone with signs of root are never good either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pyworker.reporting.results import Reading
    from pyworker.reporting.words import Words


class Judgement(NamedTuple):
    """state: one of view.STATES. word: the value in a word or two. why: the reason of a null, else ""."""

    state: str
    word: str
    why: str = ""


# finding -> (state and word of true, state and word of false); a word is a key in the catalogue's "states".
_SWITCHES: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "activation_locked": (("attention", "on"), ("good", "off")),
    "find_my_enabled": (("attention", "on"), ("good", "off")),
    "mdm_enrolled": (("attention", "enrolled"), ("good", "not_enrolled")),
    "supervised": (("attention", "yes"), ("good", "no")),
    "mdm_removable": (("plain", "yes"), ("attention", "no")),
    "work_profile": (("attention", "yes"), ("good", "no")),
    "frp_locked": (("attention", "locked"), ("good", "not_locked")),
    "frp_armed": (("attention", "yes"), ("plain", "no")),
    "knox_guard": (("attention", "locked"), ("plain", "no")),
    "efi_locked": (("attention", "locked"), ("good", "not_locked")),
    "jailbreak_signs": (("attention", "found"), ("plain", "none_found")),
    "root_signs": (("attention", "found"), ("plain", "none_found")),
}
# Findings that are groups, and the member of each that is its verdict.
_LEADING = {"jailbreak_signs": "signs_seen", "root_signs": "signs_seen", "knox_guard": "barred"}
# Findings that are one of a few words: the state of each, and how it is said.
_NAMED = {
    ("bootloader", "locked"): ("good", "locked"),
    ("bootloader", "unlocked"): ("attention", "unlocked"),
}
_UNKNOWN_SWITCH = (("plain", "yes"), ("plain", "no"))


def judge(reading: Reading | None, words: Words) -> Judgement:
    """None: nobody asked. A value that is neither true nor false has an empty word: it is printed as what it is."""
    if reading is None:
        return Judgement("absent", words.state("not_tested"))
    if reading.kept_back:
        return Judgement("plain", words.state("kept_back"))
    if reading.value is None:
        if reading.reason in ("not_applicable", "unsupported"):
            return Judgement("plain", words.state("not_applicable"), words.reason(reading.reason))
        return Judgement("unknown", words.state("not_determined"), words.reason(reading.reason))
    value = reading.value
    leading = _LEADING.get(reading.name)
    if leading is not None and isinstance(value, dict):
        value = value.get(leading)
        if value is None:
            return Judgement("unknown", words.state("not_determined"), words.reason(reading.unknown.get(leading)))
    if isinstance(value, bool):
        of_true, of_false = _SWITCHES.get(reading.name, _UNKNOWN_SWITCH)
        state, word = of_true if value else of_false
    elif isinstance(value, str) and (reading.name, value) in _NAMED:
        state, word = _NAMED[reading.name, value]
    else:
        return Judgement("plain", "")
    if reading.spoofable and state == "good":
        state = "unknown"
    return Judgement(state, words.state(word))
