"""The gate: everything the worker may ever send to an iPhone or to usbmuxd. What is not listed here is not sent.

Every message passes one of the `check_…` functions on its way out, with all its members; a member or a value that is
not listed is refused like an unknown request. There is no way around them: `Usbmux`, `Lockdown` and `ServiceStream`
check inside the methods that write, and nobody else holds a connection.

Only reads are listed. In particular there is no Pair, no SetValue, no EscrowBag, no Restart, no crash mover, no DEBUG
bit in a log stream (it switches the whole phone into a diagnostic mode), no AFC operation that changes a file and no
open mode but "read". A refusal is a fault of the worker, never of the phone, and is not caught anywhere.

The catalogue of reads (reads.py) says what is asked; this list says what may be. They are kept apart on purpose: a new
question needs both, and tests compare them with each other and with what virtual phones were really asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    # What a member may hold: any value of a type, one of some values, a list of such values, or an object of members.
    Allowed = type | frozenset[Any] | list[frozenset[Any]] | Mapping[str, "Allowed"]


class NotListed(Exception):
    """The worker was about to send something that is not on the list."""


class Rule(NamedTuple):
    """members: what the request may hold beside its own name."""

    members: Mapping[str, Allowed]
    why: str


class Plist(NamedTuple):
    """A service that answers property lists. verb: the member that names a request; "" for one that is sent nothing."""

    why: str
    verb: str
    requests: Mapping[str, Rule]


class AfcFolder(NamedTuple):
    """A service that speaks AFC. operations: those of AFC_OPERATIONS that may be sent to it."""

    why: str
    operations: frozenset[int]


LABEL = "pyworker"

# --- usbmuxd ------------------------------------------------------------------------------------------------------

# Sent with every request; usbmuxd shows them in its log.
USBMUX_SIGNATURE: dict[str, Any] = {"ClientVersionString": LABEL, "ProgName": LABEL, "kLibUSBMuxVersion": 3}

USBMUX: dict[str, Rule] = {
    "ListDevices": Rule({}, "which phones are attached"),
    "ReadPairRecord": Rule({"PairRecordID": str}, "whether this computer is trusted, and the key to prove it"),
    "Connect": Rule({"DeviceID": int, "PortNumber": int}, "a connection to lockdownd or to a service it started"),
}

# --- lockdownd ----------------------------------------------------------------------------------------------------

DOMAINS = frozenset((
    "com.apple.PurpleBuddy", "com.apple.disk_usage", "com.apple.fmip", "com.apple.mobile.backup",
    "com.apple.mobile.battery", "com.apple.mobile.chaperone", "com.apple.purplebuddy", "com.apple.security.mac.amfi",
))

# --- AFC ----------------------------------------------------------------------------------------------------------

READ_DIR, GET_FILE_INFO, GET_DEVICE_INFO = 0x03, 0x0A, 0x0B
FILE_OPEN, FILE_READ, FILE_CLOSE = 0x0D, 0x0F, 0x14
OPEN_FOR_READING = 1

AFC_OPERATIONS: dict[int, tuple[str, str]] = {
    READ_DIR: ("ReadDir", "names in a folder"),
    GET_FILE_INFO: ("GetFileInfo", "size and date of a file"),
    GET_DEVICE_INFO: ("GetDeviceInfo", "size and free space of the file system"),
    FILE_OPEN: ("FileRefOpen", "opens a file, for reading"),
    FILE_READ: ("FileRefRead", "reads from an open file"),
    FILE_CLOSE: ("FileRefClose", "closes it"),
}

# --- services -----------------------------------------------------------------------------------------------------

# The log stream's flags: the text of entries (4), those from before the stream began (8), the caller's image (16).
STREAM_FLAGS = frozenset(sum(flags) for flags in ((4,), (4, 8), (4, 16), (4, 8, 16)))
ALL_PROCESSES = frozenset((-1, 0xFFFFFFFF))
ALL_MESSAGES = frozenset((0xFFFF,))

SERVICES: dict[str, Plist | AfcFolder] = {
    "com.apple.mobile.MCInstall": Plist("management: profiles and cloud configuration", "RequestType", {
        "GetCloudConfiguration": Rule({}, "supervision and enrolment"),
        "GetProfileList": Rule({}, "installed configuration profiles"),
    }),
    "com.apple.mobile.diagnostics_relay": Plist("hardware registry", "Request", {
        "IORegistry": Rule({
            "EntryName": frozenset(("AppleARMPMUCharger", "AppleSmartBattery", "device-tree", "options")),
            "EntryClass": frozenset(("IOPMPowerSource",)),
        }, "one entry of the registry"),
        "GasGauge": Rule({}, "the battery's counters"),
    }),
    "com.apple.mobile.installation_proxy": Plist("installed apps", "Command", {
        "Lookup": Rule({"ClientOptions": {
            "ApplicationType": frozenset(("Any",)),
            "ReturnAttributes": [frozenset(("CFBundleIdentifier",))],
        }}, "bundle identifiers of the apps that were installed"),
    }),
    "com.apple.afc": AfcFolder("the media folder's file system, not its files", frozenset((GET_DEVICE_INFO,))),
    "com.apple.crashreportcopymobile": AfcFolder(
        "crash reports that are already in their folder",
        frozenset((READ_DIR, GET_FILE_INFO, FILE_OPEN, FILE_READ, FILE_CLOSE))),
    "com.apple.afc2": Plist("answers only on a jailbroken phone; never connected to", "", {}),
    "com.apple.os_trace_relay": Plist("the phone's log", "Request", {
        "PidList": Rule({}, "names of running processes"),
        "StartActivity": Rule({
            "Pid": ALL_PROCESSES, "MessageFilter": ALL_MESSAGES, "StreamFlags": STREAM_FLAGS,
        }, "log entries, as long as the connection is open"),
    }),
    "com.apple.syslog_relay": Plist("the phone's log, as text, as long as the connection is open", "", {}),
}

LOCKDOWN: dict[str, Rule] = {
    "GetValue": Rule({"Domain": DOMAINS, "Key": str}, "values the phone tells about itself"),
    "StartSession": Rule({"HostID": str, "SystemBUID": str}, "shows that this computer is trusted"),
    "StartService": Rule({"Service": frozenset(SERVICES)}, "opens the way to one of the services below"),
}


# --- the checks ---------------------------------------------------------------------------------------------------

def check_usbmux(message: Mapping[str, Any]) -> None:
    signature = {name: frozenset((value,)) for name, value in USBMUX_SIGNATURE.items()}
    _check(message, "MessageType", USBMUX, signature)


def check_lockdown(message: Mapping[str, Any]) -> None:
    _check(message, "Request", LOCKDOWN, {"Label": frozenset((LABEL,))})


def check_request(service: str, message: Mapping[str, Any]) -> None:
    """A property list to a service."""
    rules = SERVICES.get(service)
    if not isinstance(rules, Plist):
        raise NotListed(service)
    _check(message, rules.verb, rules.requests, {})


def check_afc(service: str, operation: int, header: bytes) -> None:
    """An AFC packet. header: what follows the fixed part; an open's mode is its first eight bytes."""
    rules = SERVICES.get(service)
    if not isinstance(rules, AfcFolder) or operation not in rules.operations:
        raise NotListed(f"{service} AFC {operation:#x}")
    if operation == FILE_OPEN and header[:8] != OPEN_FOR_READING.to_bytes(8, "little"):
        raise NotListed(f"{service} AFC open for anything but reading")


def _check(message: Mapping[str, Any], verb: str, rules: Mapping[str, Rule], always: Mapping[str, Allowed]) -> None:
    request = message.get(verb)
    rule = rules.get(request) if isinstance(request, str) else None
    if rule is None:
        raise NotListed(repr(request))
    members = {name: value for name, value in message.items() if name != verb}
    if not _fits(members, {**always, **rule.members}):
        raise NotListed(f"{request} with {', '.join(members)}")


def _fits(value: Any, allowed: Allowed) -> bool:
    if isinstance(allowed, type):
        return type(value) is allowed
    if isinstance(allowed, frozenset):
        return type(value) in (str, int) and value in allowed
    if isinstance(allowed, list):
        return isinstance(value, list) and all(_fits(item, allowed[0]) for item in value)
    if not isinstance(value, dict):
        return False
    return all(name in allowed and _fits(item, allowed[name]) for name, item in value.items())


# --- the list as a document -----------------------------------------------------------------------------------------

class Row(NamedTuple):
    """receiver: who is sent it. request: its name on the wire. limits: what it may carry, or "". why: for a reader."""

    receiver: str
    request: str
    limits: str
    why: str


def listing() -> list[Row]:
    """All of the above, in the order in which an inspection meets it."""
    rows = [Row("usbmuxd", name, _said(rule.members), rule.why) for name, rule in USBMUX.items()]
    rows += [Row("lockdownd", name, _said(rule.members), rule.why) for name, rule in LOCKDOWN.items()]
    for service, rules in SERVICES.items():
        if isinstance(rules, AfcFolder):
            for operation in sorted(rules.operations):
                name, why = AFC_OPERATIONS[operation]
                mode = "mode: 1 (read)" if operation == FILE_OPEN else ""
                rows.append(Row(service, f"AFC {name} ({operation:#04x})", mode, f"{why}; {rules.why}"))
        elif rules.requests:
            rows += [Row(service, name, _said(rule.members), rule.why) for name, rule in rules.requests.items()]
        else:
            rows.append(Row(service, "(nothing is sent)", "", rules.why))
    return rows


def _said(members: Mapping[str, Allowed]) -> str:
    return "; ".join(f"{name}: {_said_value(allowed)}" for name, allowed in members.items())


def _said_value(allowed: Allowed) -> str:
    if isinstance(allowed, type):
        return {str: "any text", int: "any number"}[allowed]
    if isinstance(allowed, frozenset):
        return ", ".join(str(value) for value in sorted(allowed))
    if isinstance(allowed, list):
        return f"list of {_said_value(allowed[0])}"
    return f"{{{_said(allowed)}}}"
