"""The worker's own answers inside a content, read back: findings, verdicts, the device, and what stayed silent.

A result that is not there was not tested; a finding that is null was not determined, for its reason. Where an
answer's verdict and the finding under it differ, which no worker writes, nobody knows: null, conflict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

VERDICTS = ("activation_locked", "mdm_enrolled", "frp_locked", "efi_locked")
BASIC = "inspect.basic"
DEEP = "inspect.deep"
LOGS = "logs.collect"


class Reading(NamedTuple):
    """One finding. value None: not determined, `reason` says why. kept_back: it has a value this audience may not see.

    observed_at: RFC 3339 or "".
    """

    name: str
    value: Any
    reason: str | None
    kept_back: bool
    unknown: dict[str, str]
    evidence: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]
    spoofable: bool
    observed_at: str


class Result(NamedTuple):
    """One method's answer. readings: by name, in the order of the answer, the four verdicts first."""

    data: dict[str, Any]
    warnings: tuple[str, ...]
    readings: dict[str, Reading]
    observed_at: str


def result(content: dict[str, Any], method: str) -> Result | None:
    """None: the method was not asked."""
    envelope = content.get("results", {}).get(method)
    if not isinstance(envelope, dict) or not isinstance(envelope.get("data"), dict):
        return None
    data = envelope["data"]
    observed_at = _string(data.get("observed_at"))
    found = data.get("findings")
    findings = found if isinstance(found, dict) else {}
    readings: dict[str, Reading] = {}
    for name in VERDICTS:
        if name in data or name in findings:
            readings[name] = _verdict(name, data, findings.get(name), observed_at)
    for name, finding in findings.items():
        if name not in readings and isinstance(finding, dict):
            readings[name] = _reading(name, finding, observed_at)
    return Result(data, _strings(envelope.get("warnings")), readings, observed_at)


def device(content: dict[str, Any]) -> dict[str, Any]:
    """What is known of the device: what the inspections saw, and what the content says itself, which wins."""
    merged: dict[str, Any] = {}
    for method in (BASIC, DEEP):
        seen = result(content, method)
        if seen is not None and isinstance(seen.data.get("device"), dict):
            merged.update({name: value for name, value in seen.data["device"].items() if value not in (None, "")})
    merged.update({name: value for name, value in content.get("device", {}).items() if value not in (None, "")})
    return merged


def silences(readings: dict[str, Reading]) -> Iterator[tuple[str, str]]:
    """(reason, name) of each value that is not there, members of groups as "group.member"."""
    for name, reading in readings.items():
        if reading.value is None and not reading.kept_back:
            yield reading.reason or "key_missing", name
        else:
            for member, reason in reading.unknown.items():
                yield reason, f"{name}.{member}"


def count_values(readings: dict[str, Reading]) -> int:
    """How many values were read: a group counts its members."""
    total = 0
    for reading in readings.values():
        if isinstance(reading.value, dict):
            total += sum(value is not None for value in reading.value.values())
        elif reading.value is not None or reading.kept_back:
            total += 1
    return total


def _verdict(name: str, data: dict[str, Any], finding: Any, observed_at: str) -> Reading:
    if not isinstance(finding, dict):
        # A bare "no" rests on nothing, and a report would certify it. A bare "yes" warns, and may stand.
        value = True if data.get(name) is True else None
        return Reading(name, value, None if value else "key_missing", False, {}, (), (), False, observed_at)
    reading = _reading(name, finding, observed_at)
    if name in data and data[name] is not reading.value:
        return reading._replace(value=None, reason="conflict", kept_back=False)
    return reading


def _reading(name: str, finding: dict[str, Any], observed_at: str) -> Reading:
    unknown = finding.get("unknown")
    evidence = finding.get("evidence")
    reason = finding.get("reason")
    return Reading(
        name,
        finding.get("value"),
        reason if isinstance(reason, str) else None,
        "value" not in finding,
        {member: why for member, why in unknown.items() if isinstance(why, str)} if isinstance(unknown, dict) else {},
        tuple(item for item in evidence if isinstance(item, dict)) if isinstance(evidence, list) else (),
        _strings(finding.get("notes")),
        finding.get("spoofable") is True,
        observed_at,
    )


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _strings(value: Any) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
