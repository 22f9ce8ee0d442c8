"""Factory reset protection: is the phone locked by it now, and would it be after a reset.

A phone that is locked this way normally lets no computer in, so `true` is rarely seen. `false` needs the phone to be
set up, and nothing to say that the protection is on: the mode is 0, or the phone answered that there is no such
setting (which means not active or not supported), or the service behind it says that it is not active (Android 15). A
mode that could not be read is neither. Facts: AOSP Settings.Global/Secure, PersistentDataBlockService.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyworker.android import reads, root
from pyworker.android.settings_tables import flag
from pyworker.findings import Finding, Unread
from pyworker.probes import BASIC, Probe, Witness

if TYPE_CHECKING:
    from pyworker.android.accounts import Accounts
    from pyworker.android.persistent_data_block import PersistentDataBlock
    from pyworker.probes import Observations

GOOGLE = "com.google"
MAIN_USER = 0
FIRST_SDK_WITH_THE_PROTECTION = 22  # Android 5.1
FIRST_SDK_THAT_IGNORES_THE_SWITCH = 35  # from Android 15 on an allowed OEM unlock no longer disarms the protection


def _active(block: PersistentDataBlock) -> object:
    if block.active is None:
        return Unread("truncated")
    if not block.active and block.enforced is None:
        return Unread("truncated")
    # Where the service does not enforce, its state is what a variable started with.
    return block.active if block.active or block.enforced else Unread("unsupported")


def _google_accounts(accounts: Accounts) -> object:
    """How many the phone's main user has; none of its users may have one for a 0."""
    main = [user for user in accounts.users if user.user == MAIN_USER]
    count = sum(user.types.count(GOOGLE) for user in main)
    if count:
        return count
    return 0 if accounts.whole and main and not accounts.count(GOOGLE) else Unread(
        "truncated" if not accounts.whole else "conflict")


def _number(text: object) -> object:
    digits = str(text)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 10 else Unread("unreadable")


MODE_SECURE = Witness(reads.FRP_MODE_SECURE, "secure_frp_mode", flag)
MODE_GLOBAL = Witness(reads.FRP_MODE_GLOBAL, "secure_frp_mode", flag)
PROVISIONED = Witness(reads.DEVICE_PROVISIONED, "device_provisioned", flag)
USER_SET_UP = Witness(reads.USER_SETUP_COMPLETE, "user_setup_complete", flag)
ACTIVE = Witness(reads.PERSISTENT_DATA_BLOCK, "FRP state", _active)
CREDENTIAL = Witness(reads.PERSISTENT_DATA_BLOCK, "Has FRP credential handle",
                     lambda block: Unread("key_missing") if block.credential is None else block.credential)
GOOGLE_ACCOUNTS = Witness(reads.ACCOUNT, "accounts of type com.google", _google_accounts)
OEM_UNLOCK_ALLOWED = reads.property_witness("sys.oem_unlock_allowed", {"1": 1, "0": 0})
SDK = Witness(reads.GETPROP, "ro.build.version.sdk",
              lambda properties: _number(properties.get("ro.build.version.sdk") or ""))


def frp_locked(seen: Observations) -> Finding:
    """True when a witness says so and none contradicts; False as told at the top of this file; else null."""
    modes = {seen[MODE_SECURE], seen[MODE_GLOBAL]}
    active = seen[ACTIVE]
    spoofable = root.rooted(seen)
    notes = ("frp_lock_is_rarely_seen",)
    if 1 in modes or active is True:
        if active is False or modes >= {0, 1} or (active is True and 0 in modes and 1 not in modes):
            return seen.cannot_tell("conflict", notes)
        return seen.finds(True, notes, spoofable)
    for witness in (PROVISIONED, USER_SET_UP):
        if seen.reason(witness) is not None:
            return seen.cannot_tell(seen.reason(witness), notes)
    if not (seen[PROVISIONED] == 1 and seen[USER_SET_UP] == 1):
        return seen.cannot_tell("setup_incomplete", notes)
    for witness in (MODE_SECURE, MODE_GLOBAL):
        reason = seen.reason(witness)
        if reason not in (None, "key_missing") and active is not False:
            return seen.cannot_tell(reason, notes)
    # A service that is there and was not understood may say what the settings do not.
    unheard = seen.reason(ACTIVE)
    if unheard not in (None, "key_missing", "unsupported") and 0 not in modes:
        return seen.cannot_tell(unheard, notes)
    return seen.finds(False, notes, spoofable)


def frp_armed(seen: Observations) -> Finding:
    """Whether the protection would lock the phone after a reset: a Google account of the main user arms it, and a phone
    that is locked by it now stays so. An allowed OEM unlock disarms it before Android 15, on some phones; then two
    sources say two things."""
    locked = frp_locked(seen).answer
    accounts, credential = seen[GOOGLE_ACCOUNTS], seen[CREDENTIAL]
    allowed, sdk = seen[OEM_UNLOCK_ALLOWED], seen[SDK]
    spoofable = root.rooted(seen)
    if locked is True:
        return seen.finds(True, spoofable=spoofable)
    if sdk is not None and sdk < FIRST_SDK_WITH_THE_PROTECTION:
        return seen.cannot_tell("unsupported")
    if accounts:
        if allowed == 1 and (sdk is None or sdk < FIRST_SDK_THAT_IGNORES_THE_SWITCH):
            return seen.cannot_tell("conflict")
        return seen.finds(True, spoofable=spoofable)
    if accounts is None:
        return seen.cannot_tell(seen.reason(GOOGLE_ACCOUNTS))
    if seen[PROVISIONED] == 0 or seen[USER_SET_UP] == 0:
        return seen.cannot_tell("setup_incomplete")
    if credential is True or locked == Unread("conflict"):
        return seen.cannot_tell("conflict")  # no account, but a screen lock that outlives a reset, or perhaps a lock now
    return seen.finds(False, spoofable=spoofable)


FRP_LOCKED = Probe("frp_locked", BASIC, (
    MODE_SECURE, MODE_GLOBAL, PROVISIONED, USER_SET_UP, ACTIVE, *root.WITNESSES), frp_locked)
FRP_ARMED = Probe("frp_armed", BASIC, (
    GOOGLE_ACCOUNTS, CREDENTIAL, OEM_UNLOCK_ALLOWED, SDK, PROVISIONED, USER_SET_UP, MODE_SECURE, MODE_GLOBAL, ACTIVE,
    *root.WITNESSES), frp_armed)
