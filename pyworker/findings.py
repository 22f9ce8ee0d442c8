"""What the worker says about a phone: a value with its evidence, or null with a reason.

The closed lists live here and nowhere else: REASONS (why a value is null), WARNINGS (what the whole answer must be
read with) and NOTES (what a person must know to read a value rightly). schemas/shared.json repeats the names; a test
compares the two. A finding whose value is null always has a reason; a finding with a value never has one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    JSON = None | bool | int | float | str | Sequence["JSON"] | Mapping[str, "JSON"]

REASONS: dict[str, str] = {
    "not_paired": "the phone does not trust this computer",
    "unauthorized": "USB debugging is not authorised for this computer",
    "locked": "the phone has not been unlocked since it started, or is locked",
    "key_missing": "the phone answered, but not with this value",
    "refused": "the phone refused this question",
    "permission_denied": "the phone does not let this computer read that",
    "unsupported": "this phone's system does not have it",
    "timeout": "the phone did not answer in time",
    "disconnected": "the phone went away before it answered",
    "unreadable": "the phone's answer could not be understood",
    "truncated": "the phone's answer was cut short",
    "conflict": "two sources contradict each other",
    "implausible": "the value the phone gives cannot be right",
    "not_applicable": "this kind of device does not have it",
    "not_exposed": "no way to read it over the cable is known",
    "setup_assistant_unreliable": "the phone is not set up yet, and does not tell the truth before that",
    "dep_assignment_not_visible": "whether an organisation claims the phone shows only after set-up",
    "setup_incomplete": "the phone is not set up yet",
    "unusual_activation": "the phone was not activated in the usual way, which says nothing about an owner",
    "masked": "the phone hides this value",
}

WARNINGS: dict[str, str] = {
    "partial_data": "some of what was asked could not be read",
    "device_untrusted": "the phone does not trust this computer; only its public values were read",
    "device_locked": "the phone is locked; some values can only be read after it was unlocked once",
    "device_disconnected": "the phone went away in the middle",
    "timeout": "the phone did not answer everything in time",
    "conflicting_sources": "two sources on the phone contradict each other",
    "spoofable_evidence": "the phone shows signs of root access, so its own values may be forged",
    "battery_values_faked": "somebody replaced the battery's values by hand",
    "pending_reports_not_flushed": "the newest crash reports may still be on their way into the folder that was read",
    "truncated": "there was more than was kept",
    "missing_glyphs": "some characters could not be printed",
    "content_shortened": "some content was shortened; the JSON copy has all of it",
    "text_neutralised": "characters that could mislead a reader were replaced by a visible mark",
    "entries_unparsed": "some log lines could not be taken apart and were kept as they are",
}

NOTES: dict[str, str] = {
    "apple_is_the_authority": "Only Apple's server knows for certain whether Activation Lock is on.",
    "trust_prompt_is_the_systems": "If the phone asked to trust this computer, the system's own service asked, not the worker.",
    "password_protected_means_locked_now": "Passcode protection tells whether the phone is locked now, not whether a passcode is set.",
    "bootloader_evidence_spoofable": "On a rooted phone the bootloader's values can be forged.",
    "oem_unlock_switch_is_no_lock_state": "The OEM-unlock switch says nothing about whether the bootloader is locked.",
    "free_space_excludes_purgeable": "Free space does not count what the phone would clear by itself when room is needed.",
    "health_official_is_the_phones_own": "The official battery health is the figure the phone itself shows; the others are computed.",
    "commands_are_logged_by_the_phone": "The phone logs for itself that it was asked.",
    "find_my_without_lock_flag": "Find My is on, but the lock flag says no; on a phone that an organisation supervises both can be true.",
    "profile_contents_not_shown": "The phone lists configuration profiles without showing what is in them.",
    "no_signs_is_no_proof": "A jailbreak that hides itself leaves none of the signs that can be looked for.",
    "pending_reports_not_flushed": "The newest crash reports may still wait outside the folder that was read.",
    "frp_lock_is_rarely_seen": "A phone locked by factory reset protection rarely lets a computer in, so this is seldom on.",
    "admins_are_no_owner": "Some app may administer the phone in part; it does not own it and can be taken off in the settings.",
    "secure_folder_is_no_company": "Samsung's Secure Folder is managed like a work profile, but by the user alone.",
    "parental_control_is_no_company": "A parent's control manages this phone, not an organisation.",
    "work_profile_only": "Only the work profile is managed; the rest of the phone is its user's.",
    "knox_guard_words_are_undocumented": "What Knox Guard's words mean is not published; they are shown as the phone says them.",
    "no_root_signs_is_no_proof": "Root access that hides itself leaves none of the signs that can be looked for.",
    "age_by_the_phones_clock": "Ages are counted by the phone's own clock.",
    "estimated_capacity_may_be_design": "The estimated capacity is the design value on many phones, not a measurement.",
    "reserved_space": "Part of the storage is reserved, so used and free do not add up to the total.",
    "carrier_lock_is_not_readable": "Whether a carrier locked the phone cannot be read; these values are hints only.",
}


class Unread:
    """Why there is no value. Compares by reason, so that tables of expectations read well."""

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        if reason not in REASONS:
            raise ValueError(f"{reason!r} is not a reason")
        self.reason = reason

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unread) and other.reason == self.reason

    def __hash__(self) -> int:
        return hash(self.reason)

    def __repr__(self) -> str:
        return f"Unread({self.reason!r})"


MISSING = Unread("key_missing")


class Evidence(NamedTuple):
    """One thing a judge looked at: where it was read, under which name, and what it said (or why it said nothing)."""

    source: str
    key: str
    answer: JSON | Unread

    def as_json(self) -> dict[str, JSON]:
        if isinstance(self.answer, Unread):
            return {"source": self.source, "key": self.key, "value": None, "reason": self.answer.reason}
        return {"source": self.source, "key": self.key, "value": self.answer}


class Finding:
    """A verdict, or a group of values of one topic.

    answer: the value, or Unread. evidence: what it rests on. unknown: for a value that is an object, the reason for
    each member that is null. notes: names in NOTES. spoofable: the evidence comes from a phone that shows signs of
    root access and may be forged. warnings: names in WARNINGS that the whole answer must carry because of this finding.
    """

    __slots__ = ("answer", "evidence", "unknown", "notes", "spoofable", "warnings")

    def __init__(
        self,
        answer: JSON | Unread,
        evidence: Sequence[Evidence] = (),
        unknown: Mapping[str, str] | None = None,
        notes: Sequence[str] = (),
        spoofable: bool = False,
        warnings: Sequence[str] = (),
    ) -> None:
        if answer is None:
            raise ValueError("a finding without a value needs a reason")
        for note in notes:
            if note not in NOTES:
                raise ValueError(f"{note!r} is not a note")
        for warning in warnings:
            if warning not in WARNINGS:
                raise ValueError(f"{warning!r} is not a warning")
        for reason in (unknown or {}).values():
            if reason not in REASONS:
                raise ValueError(f"{reason!r} is not a reason")
        self.answer = answer
        self.evidence = tuple(evidence)
        self.unknown = dict(unknown or {})
        self.notes = tuple(notes)
        self.spoofable = spoofable
        self.warnings = tuple(warnings)

    @property
    def value(self) -> JSON:
        return None if isinstance(self.answer, Unread) else self.answer

    @property
    def reason(self) -> str | None:
        return self.answer.reason if isinstance(self.answer, Unread) else None

    def as_json(self) -> dict[str, JSON]:
        """{"value", "evidence"} and, only where they say something: "reason", "unknown", "notes", "spoofable"."""
        said: dict[str, JSON] = {"value": self.value}
        if isinstance(self.answer, Unread):
            said["reason"] = self.answer.reason
        said["evidence"] = [item.as_json() for item in self.evidence]
        if self.unknown:
            said["unknown"] = dict(self.unknown)
        if self.notes:
            said["notes"] = list(self.notes)
        if self.spoofable:
            said["spoofable"] = True
        return said

    def __repr__(self) -> str:
        return f"Finding({self.answer!r}, evidence={self.evidence!r})"
