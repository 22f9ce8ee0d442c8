"""How well the system guards itself: boot, encryption, SELinux, the age of its patches, Knox, debugging."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from pyworker.android import bootloader, reads, root
from pyworker.findings import MISSING, Finding, Unread
from pyworker.probes import DEEP, Probe, Witness

if TYPE_CHECKING:
    from pyworker.android.getprop import Properties
    from pyworker.probes import Observations

COLOURS: dict[str, object] = {word: word for word in ("green", "yellow", "orange", "red")}
ENCRYPTION: dict[str, object] = {word: word for word in ("encrypted", "unencrypted", "unsupported")}
ENCRYPTION_TYPES: dict[str, object] = {word: word for word in ("file", "block", "none")}
ONE_ZERO: dict[str, object] = {"1": True, "0": False}
_PATCH = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}$")
OLDEST_PATCH = date(2015, 1, 1)  # Google counts patch levels since August 2015
CLOCK_UNSET_BEFORE = date(2015, 1, 1)


def patch_date(properties: Properties) -> object:
    """ro.build.version.security_patch as YYYY-MM-DD."""
    text = properties.get("ro.build.version.security_patch")
    if text is None:
        return MISSING if properties.whole else Unread("truncated")
    if not _PATCH.match(text):
        return Unread("unreadable")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return Unread("unreadable")
    return text if day >= OLDEST_PATCH else Unread("implausible")


def _warranty(properties: Properties) -> object:
    bits = {text for key in ("ro.boot.warranty_bit", "ro.warranty_bit", "ro.vendor.boot.warranty_bit")
            if (text := properties.get(key)) is not None}
    if not bits:
        return MISSING if properties.whole else Unread("truncated")
    if not bits <= {"0", "1"}:
        return Unread("unreadable")
    return "1" in bits if len(bits) == 1 else Unread("conflict")


VERIFIED_BOOT = reads.property_witness("ro.boot.verifiedbootstate", COLOURS)
VENDOR_VERIFIED_BOOT = reads.property_witness("vendor.boot.verifiedbootstate", COLOURS)
VERITY = reads.property_witness("ro.boot.veritymode")
CRYPTO_STATE = reads.property_witness("ro.crypto.state", ENCRYPTION)
CRYPTO_TYPE = reads.property_witness("ro.crypto.type", ENCRYPTION_TYPES)
SELINUX = root.SELINUX
PATCH = Witness(reads.GETPROP, "ro.build.version.security_patch", patch_date)
CLOCK = Witness(reads.CLOCK, "seconds since 1970", lambda seconds: seconds)
WARRANTY = Witness(reads.GETPROP, "ro.boot.warranty_bit", _warranty)
DEBUGGABLE = reads.property_witness("ro.debuggable", ONE_ZERO)
BUILD_TYPE, BUILD_TAGS = reads.property_witness("ro.build.type"), reads.property_witness("ro.build.tags")


def patch_age_days(seen: Observations) -> Any:
    """Days between the patch level and the phone's own clock."""
    patch, seconds = seen.answer(PATCH), seen.answer(CLOCK)
    if isinstance(patch, Unread) or isinstance(seconds, Unread):
        return patch if isinstance(patch, Unread) else seconds
    today = datetime.fromtimestamp(seconds, UTC).date()
    age = (today - date.fromisoformat(patch)).days
    return age if today >= CLOCK_UNSET_BEFORE and age >= -31 else Unread("implausible")


def security_state(seen: Observations) -> Finding:
    lock = bootloader.bootloader(seen)
    ours, vendors = seen[VERIFIED_BOOT], seen[VENDOR_VERIFIED_BOOT]
    disagree = None not in (ours, vendors) and ours != vendors
    members = {
        "bootloader": lock.answer,
        "verified_boot": Unread("conflict") if disagree else VERIFIED_BOOT,
        "verity_mode": VERITY,
        "encryption": CRYPTO_STATE,
        "encryption_type": CRYPTO_TYPE,
        "selinux": SELINUX,
        "security_patch": PATCH,
        "security_patch_age_days": patch_age_days(seen),
        "knox_warranty_tripped": WARRANTY,
        "debuggable": DEBUGGABLE,
        "build_type": BUILD_TYPE,
        "build_tags": BUILD_TAGS,
    }
    return seen.gathers(members, (*lock.notes, "age_by_the_phones_clock"), lock.spoofable)


SECURITY_STATE = Probe("security_state", DEEP, (
    *bootloader.BOOTLOADER.witnesses, VERIFIED_BOOT, VENDOR_VERIFIED_BOOT, VERITY, CRYPTO_STATE, CRYPTO_TYPE, SELINUX,
    PATCH, CLOCK, WARRANTY, DEBUGGABLE, BUILD_TYPE, BUILD_TAGS), security_state)
