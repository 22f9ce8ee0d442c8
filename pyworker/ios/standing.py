"""How a phone stands towards this computer: one table of states, each with what a technician can do about it.

Pairing is never asked for, so "never trusted", "the question is on its screen" and "Don't Trust was tapped" look alike
until lockdownd says one of the last two by itself; the hint for the first therefore serves all three.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pyworker.ios.stream import TLS_FAILED

if TYPE_CHECKING:
    from pyworker.ios.unanswered import Unanswered


class Standing(NamedTuple):
    """state: one of platforms.STATES. reason: why questions that need a session have no answer, "" in a session.

    warning: a name in findings.WARNINGS, or "". hint: one sentence for a technician, or "".
    """

    state: str
    reason: str = ""
    warning: str = ""
    hint: str = ""


READY = Standing("ready")

NEVER_TRUSTED = Standing(
    "untrusted", "not_paired", "device_untrusted",
    "Unlock the iPhone and tap Trust when it asks; if it does not ask, unplug it and plug it in again.")
DIALOG_PENDING = Standing(
    "untrusted", "not_paired", "device_untrusted",
    "The iPhone is asking whether to trust this computer: unlock it and tap Trust.")
DENIED = Standing(
    "untrusted", "not_paired", "device_untrusted",
    "Somebody tapped Don't Trust: unplug the iPhone, plug it in again, unlock it and tap Trust.")
STALE_RECORD = Standing(
    "untrusted", "not_paired", "device_untrusted",
    "The iPhone has forgotten that it trusted this computer: unplug it, plug it in again, unlock it and tap Trust.")
DAMAGED_RECORD = Standing(
    "untrusted", "not_paired", "device_untrusted",
    "This computer's record of the iPhone's trust is damaged: remove the pairing, plug the iPhone in again, tap Trust.")
TLS_REFUSED = Standing(
    "untrusted", "not_paired", "device_untrusted",
    "The iPhone ended the secure connection; if it goes on, unplug it, plug it in again, unlock it and tap Trust.")
SESSION_REFUSED = Standing(
    "untrusted", "refused", "device_untrusted",
    "The iPhone refused to talk to this computer: unlock it, unplug it and plug it in again.")

BEFORE_FIRST_UNLOCK = Standing(
    "locked", "locked", "device_locked",
    "The iPhone has not been unlocked since it started: unlock it with its passcode and try again.")
LOCKED = Standing(
    "locked", "", "device_locked",
    "The iPhone is locked: unlock it and keep its screen on for the values that are missing.")

NO_RECORD = Standing(
    "offline", "timeout", "timeout",
    "usbmuxd, the service that owns the cable, does not say whether the iPhone trusts this computer: restart it.")

SILENT = Standing(
    "offline", "timeout", "timeout",
    "The iPhone does not answer: unplug it, plug it in again, and restart it if that does not help.")
GARBLED = Standing(
    "offline", "unreadable", "",
    "The iPhone's answers make no sense: unplug it, plug it in again, and try another cable if that does not help.")
GONE = Standing(
    "offline", "disconnected", "device_disconnected",
    "The iPhone went away: plug it in again and leave it plugged in.")

_BY_CODE = {
    "InvalidHostID": STALE_RECORD,
    "PairingDialogResponsePending": DIALOG_PENDING,
    "UserDeniedPairing": DENIED,
    "PasswordProtected": BEFORE_FIRST_UNLOCK,
    TLS_FAILED: TLS_REFUSED,
}
_BY_REASON = {
    "timeout": SILENT, "unreadable": GARBLED, "key_missing": GARBLED, "disconnected": GONE,
    "locked": BEFORE_FIRST_UNLOCK, "not_paired": NEVER_TRUSTED,
}
# Where there is no point in asking lockdownd anything more.
HOPELESS = frozenset((SILENT, GARBLED, GONE))


def without_session(cause: Unanswered) -> Standing:
    """What it means that lockdownd, StartSession or the TLS after it failed like this."""
    return _BY_CODE.get(cause.code) or _BY_REASON.get(cause.reason, SESSION_REFUSED)
