"""The failures of the application, beside those of JSON-RPC itself.

One table: kind -> number, sentence, hint, retryable. The numbers are a contract with the parent and never change
meaning. Where a device layer understands what went wrong, it raises `failure(kind)` there, and nothing above
translates again.
"""

from protocol.errors import RpcError


class Kind:
    __slots__ = ("code", "message", "hint", "retryable")

    def __init__(self, code: int, message: str, hint: str, retryable: bool) -> None:
        self.code = code
        self.message = message
        self.hint = hint
        self.retryable = retryable


KINDS: "dict[str, Kind]" = {
    "device_not_found": Kind(1001, "no such device is attached", "Check the cable, then list the devices again.", True),
    "device_untrusted": Kind(
        1002,
        "the device does not trust this computer",
        "Unlock the phone and accept this computer on its screen.",
        True,
    ),
    "device_locked": Kind(1003, "the device is locked", "Unlock the phone with its passcode and try again.", True),
    "device_disconnected": Kind(1004, "the device went away", "Plug the phone in again and try again.", True),
    "timeout": Kind(1005, "the deadline passed", "Try again, or give the request more time with timeout_ms.", True),
    "policy_denied": Kind(
        1006,
        "the policy does not allow this",
        "The application decides what is allowed; it cannot be widened here.",
        False,
    ),
    "platform_unsupported": Kind(1007, "this kind of device cannot do that", "Look it up on the device itself.", False),
    "busy": Kind(1008, "too many requests are under way", "Wait for an answer, then ask again.", True),
    "report_not_found": Kind(
        1009, "there is no such report", "Save the report's data before asking for the document.", False
    ),
    "artifact_failed": Kind(
        1010, "the file could not be written", "Check that the folder exists, may be written and has room.", True
    ),
    "device_protocol_error": Kind(
        1011,
        "the device answered something that makes no sense",
        "Unplug the phone, plug it in again, try again.",
        True,
    ),
    "result_too_large": Kind(
        1012,
        "the result is larger than one answer may be",
        "Ask for less, or give the worker an artifact folder.",
        False,
    ),
    "closing": Kind(1013, "the worker is shutting down", "Start a new worker.", True),
}


def not_that_way(wanted: str, there: str) -> RpcError:
    """For `hints.connection`: the device is attached, by another way than the one to use."""
    return failure(
        "device_not_found",
        f"not by {wanted!r}, but by {there!r}",
        f"The phone is attached by {there}: leave hints.connection out, or name that way.",
    )


def failure(kind: str, detail: str = "", hint: str = "") -> RpcError:
    """The error of this kind. `detail` (never an exception's text) follows its sentence, `hint` replaces its hint."""
    said = KINDS[kind]
    message = f"{said.message}: {detail}" if detail else said.message
    return RpcError(said.code, message, kind, hint or said.hint, said.retryable)
