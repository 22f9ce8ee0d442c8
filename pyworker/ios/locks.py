"""Who holds this iPhone: Activation Lock, Find My, management. A wrong "no" costs the price of a phone.

The rules (from published reports of what the values do on real phones):
- Activation Lock is on when the NVRAM flag says YES or the phone is associated with Find My. It is off only when
  the flag reads NO, the association is a real false, the phone is activated and set-up is done. Everything else is
  null.
- On an erased phone in Setup Assistant the association is always false, lock or not: there only YES counts.
- The flag comes by two roads, lockdown's values and the registry entry `options`. They are one variable: if they
  differ, nothing is known of it. A road that does not have it is no witness; a road that failed, or said something
  that cannot be understood, was not heard: then only a YES of the other one counts. The phone itself keeps the
  variable in the namespace of the system's own; both roads were seen to leave that out, and it is understood.
- Flag NO with an association is no contradiction between witnesses of one thing: a supervised phone has Find My
  without the lock. By the first rule it counts as locked; the note says what to look at.
- Management is "no" only when both of MCInstall's calls were answered, no profile can be an enrolment, nothing
  claims the phone, and set-up is done: before that only Apple's server knows whether an organisation owns it.
- A missing key is never a "no". A flag that is absent is unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyworker.findings import MISSING, Finding, Unread
from pyworker.ios import reads
from pyworker.ios.management import MDM, carries_mdm
from pyworker.ios.plist import UNREADABLE, boolean, certain_boolean, text
from pyworker.ios.reads import SESSION, told
from pyworker.probes import BASIC, Probe, Witness

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyworker.probes import Observations, Read

HELLO = Unread("setup_assistant_unreliable")
CONFLICT = Unread("conflict")

# lockdown's word for a phone that Apple's server let in. Factory and wildcard activation say nothing about an owner.
ACTIVATED = "Activated"
UNACTIVATED = "Unactivated"
# Written when the assistant leaves. The words for a restore are written before it does, and prove nothing.
SET_UP_BY_ASSISTANT = "SetupUsingAssistant"
RESTORE_RUNNING = "RestoringFromBackup"

# In front of the name of a variable that only the system may write (XNU, and the daemon that writes the flag).
SYSTEMS_OWN = "40A0DDD2-77F8-4392-B4A3-1E7304206516:"

# A road that answered and does not have the value. Any other reason is an attempt that failed.
_NOT_THERE = ("key_missing", "unsupported")


# --- witnesses ----------------------------------------------------------------------------------------------------

def _lock_flag(value: Any) -> Any:
    """NVRAM holds YES or NO, as bytes with or without NULs at the end; anything else is not understood."""
    said = text(value)
    if isinstance(said, Unread):
        return said
    return said.upper() if said.upper() in ("YES", "NO") else UNREADABLE


def _variable(road: Read, name: str, kind: Callable[[Any], Any], *, inside: str = "") -> Witness:
    """A variable of NVRAM, with or without its namespace; `inside` the member of the answer that holds them."""
    def pick(answer: Any) -> Any:
        variables = answer.get(inside) if inside and isinstance(answer, dict) else answer
        if variables is None:
            return MISSING
        if not isinstance(variables, dict):
            return UNREADABLE
        values = [kind(variables[key]) for key in (name, SYSTEMS_OWN + name) if variables.get(key) is not None]
        return CONFLICT if len(set(values)) > 1 else values[0] if values else MISSING

    return Witness(road, f"{inside}.{name}" if inside else name, pick)


def _real_boolean(value: Any) -> Any:
    """Where a true opens the way to a "no", nothing but a real true will do."""
    return value if isinstance(value, bool) else UNREADABLE


def _of_profiles(look: Callable[[list[dict[str, Any]]], Any]) -> Callable[[Any], Any]:
    return lambda answer: look(answer) if isinstance(answer, list) else UNREADABLE


def _types_shown(profiles: list[dict[str, Any]]) -> dict[str, list[str | None]]:
    """Profile -> its payload types; None among them stands for payloads that the phone does not show."""
    return {profile["identifier"]: [*profile["payload_types"], *([] if profile["types_complete"] else [None])]
            for profile in profiles}


def _of_enrolment(member: str) -> Callable[[Any], Any]:
    return _of_profiles(lambda profiles: next(
        (profile[member] for profile in profiles if carries_mdm(profile) and profile[member] is not None), MISSING))


FLAG_IN_VALUES = _variable(reads.ALL_VALUES, "fm-activation-locked", _lock_flag, inside="NonVolatileRAM")
FLAG_IN_REGISTRY = _variable(reads.NVRAM_OPTIONS, "fm-activation-locked", _lock_flag)
ACCOUNT_IN_VALUES = _variable(reads.ALL_VALUES, "fm-account-masked", text, inside="NonVolatileRAM")
ACCOUNT_IN_REGISTRY = _variable(reads.NVRAM_OPTIONS, "fm-account-masked", text)
ASSOCIATED = SESSION
STATE = reads.member_as(reads.ALL_VALUES, "ActivationState", text)
SETUP_DONE = reads.whole(reads.SETUP_DONE, _real_boolean)
SETUP_STATE = reads.whole(reads.SETUP_STATE, text)

CHAPERONED = reads.whole(reads.CHAPERONE, certain_boolean)
SUPERVISED = reads.member_as(reads.CLOUD_CONFIGURATION, "IsSupervised", boolean)
MANDATORY = reads.member_as(reads.CLOUD_CONFIGURATION, "IsMandatory", boolean)
UNREMOVABLE = reads.member_as(reads.CLOUD_CONFIGURATION, "IsMDMUnremovable", boolean)
APPLIED = reads.member_as(reads.CLOUD_CONFIGURATION, "ConfigurationWasApplied", boolean)
UI_COMPLETE = reads.member_as(reads.CLOUD_CONFIGURATION, "CloudConfigurationUIComplete", boolean)
ENROLMENT_URL = reads.member_as(reads.CLOUD_CONFIGURATION, "ConfigurationURL", text)
# The same for an enrolment that begins with a page to log in to (iOS 13 and later).
ENROLMENT_PAGE = reads.member_as(reads.CLOUD_CONFIGURATION, "ConfigurationWebURL", text)
ORGANIZATION = reads.member_as(reads.CLOUD_CONFIGURATION, "OrganizationName", text)
CONFIGURED = Witness(reads.CLOUD_CONFIGURATION, "CloudConfiguration", lambda configuration: (
    bool(configuration) if isinstance(configuration, dict) else UNREADABLE))
PAYLOAD_TYPES = Witness(reads.PROFILES, "payload types", _of_profiles(_types_shown))
INSTALLED = Witness(reads.PROFILES, "profiles", _of_profiles(lambda profiles: [
    {name: value for name, value in profile.items() if name != "types_complete"} for profile in profiles]))
ENROLLED_BY = Witness(reads.PROFILES, "organization of the enrolment", _of_enrolment("organization"))
REMOVAL_DISALLOWED = Witness(
    reads.PROFILES, "removal of the enrolment disallowed", _of_enrolment("removal_disallowed"))

_SET_UP = (SETUP_DONE, SETUP_STATE, STATE, SESSION)
_FLAG = (FLAG_IN_VALUES, FLAG_IN_REGISTRY)
_ACCOUNT = (ACCOUNT_IN_VALUES, ACCOUNT_IN_REGISTRY)


# --- what several verdicts rest on --------------------------------------------------------------------------------

def _flag(seen: Observations) -> Any:
    """The lock flag by its two roads: "YES", "NO", or the reason nothing is known of it."""
    answers = [told(seen, road) for road in _FLAG]
    if "YES" in answers and "NO" in answers:
        return CONFLICT
    failed = [answer for answer in answers if isinstance(answer, Unread) and answer.reason not in _NOT_THERE]
    if "YES" in answers:
        return "YES"
    if failed:
        return failed[0]
    return "NO" if "NO" in answers else MISSING


def _set_up(seen: Observations) -> bool | Unread:
    """True: set-up is done. False: the phone is in Setup Assistant. Unread: nobody knows."""
    if told(seen, STATE) == UNACTIVATED:
        return False
    done, state = seen.answer(SETUP_DONE), seen.answer(SETUP_STATE)
    if done is False or state == RESTORE_RUNNING:
        return False
    for answer in (done, state):
        if isinstance(answer, Unread) and answer.reason not in _NOT_THERE:
            return answer
    if done is True:
        return True
    return True if state == SET_UP_BY_ASSISTANT else MISSING


def _first_unheard(*answers: Any) -> Unread | None:
    """The reason to give for several silences: an attempt that failed says more than a key that is not there."""
    silent = [answer for answer in answers if isinstance(answer, Unread)]
    return next((answer for answer in silent if answer != MISSING), silent[0] if silent else None)


# --- Activation Lock ----------------------------------------------------------------------------------------------

def activation_locked(seen: Observations) -> Finding:
    """True when a witness says locked. False only when the flag was read by a road that has it and none failed, all
    that was read says no, and set-up is done."""
    flag = _flag(seen)
    associated = seen.answer(ASSOCIATED)
    state = told(seen, STATE)
    set_up = _set_up(seen)
    if associated is True:
        note = ("find_my_without_lock_flag",) if flag == "NO" else ()
        return seen.finds(True, notes=("apple_is_the_authority", *note))
    if flag == "YES":
        return seen.finds(True, notes=("apple_is_the_authority",))
    unheard = _lock_unknown(flag, associated, state, set_up)
    if unheard is not None:
        return seen.cannot_tell(unheard.reason, notes=("apple_is_the_authority",))
    return seen.finds(False, notes=("apple_is_the_authority",))


def _lock_unknown(flag: Any, associated: Any, state: Any, set_up: bool | Unread) -> Unread | None:
    if flag == CONFLICT:
        return CONFLICT
    if set_up is False:
        return HELLO
    unheard = _first_unheard(flag, associated, state, set_up)
    if unheard is not None:
        return unheard
    if state != ACTIVATED:
        return Unread("unusual_activation")
    # Whatever is not exactly this is not a "no": the last gate is written as what must hold.
    return None if flag == "NO" and associated is False and set_up is True else UNREADABLE


def find_my_enabled(seen: Observations) -> Finding:
    """The association, where it can be believed. A lock flag that says YES contradicts a false one."""
    associated = seen.answer(ASSOCIATED)
    if associated is True:
        return seen.finds(True)
    set_up = _set_up(seen)
    if set_up is False:
        return seen.cannot_tell(HELLO.reason)
    state = told(seen, STATE)
    unheard = _first_unheard(associated, state, set_up)
    if unheard is not None:
        return seen.cannot_tell(unheard.reason)
    if _flag(seen) in ("YES", CONFLICT):
        return seen.cannot_tell(CONFLICT.reason)
    return seen.finds(False) if state == ACTIVATED else seen.cannot_tell("unusual_activation")


def activation_state(seen: Observations) -> Finding:
    """lockdown's own word: Activated, Unactivated, FactoryActivated … It says nothing about an owner's account."""
    state = told(seen, STATE)
    return seen.cannot_tell(state.reason) if isinstance(state, Unread) else seen.finds(state)


def activation_lock_account(seen: Observations) -> Finding:
    """The masked account the lock belongs to, as NVRAM keeps it: what to ask the owner for. Personal."""
    answers = [told(seen, road) for road in _ACCOUNT]
    named = {answer for answer in answers if not isinstance(answer, Unread)}
    if len(named) == 1:
        return seen.finds(named.pop())
    return seen.cannot_tell("conflict" if named else (_first_unheard(*answers) or MISSING).reason)


# --- management ---------------------------------------------------------------------------------------------------

def mdm_enrolled(seen: Observations) -> Finding:
    types = seen.answer(PAYLOAD_TYPES)
    configured = seen.answer(CONFIGURED)
    mandatory, unremovable, applied = seen.answer(MANDATORY), seen.answer(UNREMOVABLE), seen.answer(APPLIED)
    shown = [] if isinstance(types, Unread) else [name for names in types.values() for name in names]
    if any(name is not None and name.lower() == MDM for name in shown):
        return seen.finds(True)
    if True in (mandatory, unremovable) and applied is True:
        return seen.finds(True)
    set_up = _set_up(seen)
    finished = seen.answer(UI_COMPLETE)
    if set_up is False or finished is False:
        return seen.cannot_tell("dep_assignment_not_visible")
    unheard = _first_unheard(types, configured, set_up)
    if unheard is None:
        # A flag that is there and cannot be understood may be the one that matters.
        unheard = next((answer for answer in (mandatory, unremovable, applied, finished)
                        if isinstance(answer, Unread) and answer != MISSING), None)
    if unheard is not None:
        return seen.cannot_tell(unheard.reason)
    claims = (seen.answer(ENROLMENT_URL), seen.answer(ENROLMENT_PAGE))
    if True in (mandatory, unremovable) or any(claim != MISSING for claim in claims):
        return seen.cannot_tell("conflict")  # an organisation claims the phone, and no enrolment is to be seen
    if None in shown:
        return seen.cannot_tell("key_missing", notes=("profile_contents_not_shown",))
    return seen.finds(False)


def supervised(seen: Observations) -> Finding:
    cloud, chaperoned = seen.answer(SUPERVISED), seen.answer(CHAPERONED)
    set_up = _set_up(seen)
    if set_up is True and (cloud, chaperoned) in ((True, False), (False, True)):
        return seen.cannot_tell("conflict")
    if True in (cloud, chaperoned):
        return seen.finds(True)
    if set_up is False:
        return seen.cannot_tell("dep_assignment_not_visible")
    if cloud == MISSING and seen.answer(CONFIGURED) is False:
        cloud = False  # answered: there is no configuration at all
    unheard = _first_unheard(cloud, chaperoned, set_up)
    return seen.finds(False) if unheard is None else seen.cannot_tell(unheard.reason)


def mdm_organization(seen: Observations) -> Finding:
    """Who manages or supervises the phone, by the cloud configuration, else by the enrolment's profile."""
    named = seen.answer(ORGANIZATION)
    if isinstance(named, Unread):
        profile = seen.answer(ENROLLED_BY)
        if isinstance(profile, Unread):
            unheard = _first_unheard(named, profile) or MISSING
            return seen.cannot_tell(unheard.reason)
        named = profile
    return seen.finds(named)


def mdm_removable(seen: Observations) -> Finding:
    """Whether the user could remove the management. not_applicable where there is none."""
    enrolled = mdm_enrolled(seen).answer
    unremovable, disallowed = seen.answer(UNREMOVABLE), seen.answer(REMOVAL_DISALLOWED)
    if enrolled is False:
        return seen.cannot_tell("not_applicable")
    if True in (unremovable, disallowed):
        return seen.finds(False)
    unheard = _first_unheard(*(
        answer for answer in (unremovable, disallowed, enrolled)
        if isinstance(answer, Unread) and answer != MISSING))
    if unheard is None and enrolled is True and False in (unremovable, disallowed):
        return seen.finds(True)
    return seen.cannot_tell((unheard or MISSING).reason)


def profiles(seen: Observations) -> Finding:
    """[{"identifier", "name", "organization", "payload_types", "removal_disallowed"}]; [] when none is installed."""
    installed = seen.answer(INSTALLED)
    return seen.cannot_tell(installed.reason) if isinstance(installed, Unread) else seen.finds(installed)


# --- locks other devices have -------------------------------------------------------------------------------------

def not_applicable(seen: Observations) -> Finding:
    return seen.cannot_tell("not_applicable")


_CLOUD = (MANDATORY, UNREMOVABLE, APPLIED, UI_COMPLETE, ENROLMENT_URL, ENROLMENT_PAGE, CONFIGURED)

PROBES = (
    Probe("activation_locked", BASIC, (*_FLAG, ASSOCIATED, *_SET_UP), activation_locked),
    Probe("find_my_enabled", BASIC, (ASSOCIATED, *_SET_UP, *_FLAG), find_my_enabled),
    Probe("activation_state", BASIC, (STATE, SESSION), activation_state),
    Probe("activation_lock_account", BASIC, (*_ACCOUNT, SESSION), activation_lock_account),
    Probe("mdm_enrolled", BASIC, (PAYLOAD_TYPES, *_CLOUD, *_SET_UP), mdm_enrolled),
    Probe("supervised", BASIC, (SUPERVISED, CHAPERONED, CONFIGURED, *_SET_UP), supervised),
    Probe("mdm_organization", BASIC, (ORGANIZATION, ENROLLED_BY), mdm_organization),
    Probe("mdm_removable", BASIC, (
        PAYLOAD_TYPES, REMOVAL_DISALLOWED, *_CLOUD, *_SET_UP), mdm_removable),
    Probe("profiles", BASIC, (INSTALLED,), profiles),
    Probe("frp_locked", BASIC, (), not_applicable),
    Probe("efi_locked", BASIC, (), not_applicable),
)
