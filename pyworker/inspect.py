"""`inspect.basic` and `inspect.deep`: plan the reads, have them fetched once, let the judges speak.

What is wrong with the phone (untrusted, locked, gone halfway) is part of the result: each finding that could not be
made says why. An error is only the answer when there is no phone to speak of.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pyworker.devices import attached_as, find
from pyworker.errors import failure
from pyworker.findings import NOTES, Finding, Unread
from pyworker.probes import BASIC, DEEP, Observations, judge_all, parsed, plan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyworker.call import Call

# The four verdicts that every basic inspection answers, whatever the platform.
VERDICTS = ("activation_locked", "mdm_enrolled", "frp_locked", "efi_locked")


def basic(call: Call) -> dict[str, Any]:
    """data: the four verdicts as true, false or null, `device`, `findings`, and how the phone stood."""
    if call.params.get("platform") == "macos":
        return _mac(
            call,
            {
                "activation_locked": "not_exposed",
                "mdm_enrolled": "not_exposed",
                "frp_locked": "not_applicable",
                "efi_locked": "not_exposed",
            },
        )
    data, findings, warnings = _inspect(call, BASIC)
    verdicts = {name: findings[name].value for name in VERDICTS}
    return _envelope({**verdicts, **data}, findings, warnings)


def deep(call: Call) -> dict[str, Any]:
    """data: `signals` (the findings that have a value), `notes` for a reader, `device`, `findings`."""
    if call.params.get("platform") == "macos":
        raise failure("platform_unsupported", "nothing of a Mac can be read over the cable")
    data, findings, warnings = _inspect(call, DEEP)
    signals = [name for name, finding in findings.items() if finding.reason is None]
    notes = dict.fromkeys(note for finding in findings.values() for note in finding.notes)
    return _envelope({"signals": signals, "notes": [NOTES[note] for note in notes], **data}, findings, warnings)


def _inspect(call: Call, depth: str) -> tuple[dict[str, Any], dict[str, Finding], list[str]]:
    platform, device = find(call)
    probes = tuple(probe for probe in platform.probes if probe.depth == depth)
    reads = tuple(dict.fromkeys((*platform.identity, *plan(probes))))
    call.progress("reading", 0, len(reads))
    observed = platform.observe(call, device, reads)
    call.check_stopped()
    seen = Observations(parsed(observed.answers))
    findings = judge_all(probes, seen)
    device = device._replace(state=observed.state, connection=observed.connection, hint=observed.hint)
    data = {
        "device": platform.identify(device, seen.view()),
        "state": observed.state,
        "connection": observed.connection,
        "observed_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    if observed.hint:
        data["hint"] = observed.hint
    return data, findings, _warnings(observed.warnings, findings.values())


def _warnings(from_session: Iterable[str], findings: Iterable[Finding]) -> list[str]:
    warnings = dict.fromkeys(from_session)
    for finding in findings:
        reasons = {finding.reason, *finding.unknown.values()}
        if reasons & _FAILED:
            warnings["partial_data"] = None
        if "conflict" in reasons:
            warnings["conflicting_sources"] = None
        if "truncated" in reasons:
            warnings["truncated"] = None
        if finding.spoofable:
            warnings["spoofable_evidence"] = None
        for code in finding.warnings:
            warnings[code] = None
    return list(warnings)


# Reasons that mean the phone could have said more than it did this time.
_FAILED = {"not_paired", "unauthorized", "locked", "refused", "timeout", "disconnected", "unreadable", "truncated"}


def _envelope(data: dict[str, Any], findings: dict[str, Finding], warnings: list[str]) -> dict[str, Any]:
    said = {name: finding.as_json() for name, finding in findings.items()}
    return {"ok": True, "data": {**data, "findings": said}, "warnings": warnings}


def _mac(call: Call, reasons: dict[str, str]) -> dict[str, Any]:
    """A Mac on the cable tells none of this; saying so is the whole answer.

    Nobody can say whether there is a Mac of this name. A phone of this name is none: raises device_not_found.
    """
    phone = attached_as(call)
    if phone is not None:
        raise failure("device_not_found", f"it is attached as {phone!r}", "Leave platform out, or name the one it has.")
    findings = {name: Finding(Unread(reason)) for name, reason in reasons.items()}
    device = {"device_id": call.params["device_id"], "platform": "macos"}
    data = {
        **dict.fromkeys(VERDICTS),
        "device": device,
        "state": "offline",
        "connection": "none",
        "hint": "Nothing of a Mac can be read over the cable: look in its own settings.",
        "observed_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return _envelope(data, findings, [])
