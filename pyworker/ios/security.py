"""How the phone is protected: locked now, trust, developer mode, backup password.

lockdown's PasswordProtected tells whether the phone is locked *now* and no more: it is false on an unlocked phone
with a passcode (libimobiledevice #1191). Nothing says whether a passcode is set: the key that once did, in
MobileGestalt, is gone since 17.4 and was unreliable before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyworker.findings import MISSING, Finding, Unread
from pyworker.ios import reads
from pyworker.ios.plist import boolean, text
from pyworker.ios.reads import SESSION, private, told
from pyworker.probes import DEEP, Probe

if TYPE_CHECKING:
    from pyworker.probes import Observations

# Developer mode came with iOS 16: a phone without the key and an older system does not have it.
DEVELOPER_MODE_SINCE = 16

PASSWORD_PROTECTED = reads.member_as(reads.ALL_VALUES, "PasswordProtected", boolean)
VERSION = reads.member_as(reads.ALL_VALUES, "ProductVersion", text)
DEVELOPER_MODE = reads.whole(reads.DEVELOPER_MODE, boolean)
BACKUP_ENCRYPTED = reads.whole(reads.BACKUP_ENCRYPTION, boolean)


def security_state(seen: Observations) -> Finding:
    return seen.gathers({
        "password_protected": told(seen, PASSWORD_PROTECTED),
        "trusted": _trusted(seen),
        "developer_mode": _developer_mode(seen),
        "backup_encrypted": seen.answer(BACKUP_ENCRYPTED),
        "passcode_set": Unread("not_exposed"),
    }, notes=("password_protected_means_locked_now", "trust_prompt_is_the_systems"))


def _trusted(seen: Observations) -> Any:
    """Whether the phone trusts this computer: it answers some questions only then, and has some values only then."""
    answer = seen.answer(SESSION)
    if not isinstance(answer, Unread) or private(seen):
        return True
    return False if answer.reason == "not_paired" else answer


def _developer_mode(seen: Observations) -> Any:
    mode = seen.answer(DEVELOPER_MODE)
    if mode == MISSING:
        major = str(seen[VERSION] or "").partition(".")[0]
        if major.isascii() and major.isdigit() and int(major[:4]) < DEVELOPER_MODE_SINCE:
            return Unread("unsupported")
    return mode


PROBES = (Probe("security_state", DEEP, (
    PASSWORD_PROTECTED, SESSION, DEVELOPER_MODE, VERSION, BACKUP_ENCRYPTED), security_state),)
