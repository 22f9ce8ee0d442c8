"""`logs.collect`: find the phone, let its platform bring what it has, and hand over files or entries, whole or not at all.

What one place of the phone does not tell is part of the answer. An error is only the answer when the phone tells
nothing at all, when the files cannot be written, or when nobody wants the answer any more; then no file stays.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from protocol.errors import invalid_params
from pyworker.collecting.collection import Collection
from pyworker.collecting.redaction import Redactor
from pyworker.collecting.sink import AnswerSink, FolderSink
from pyworker.collecting.wanted import wanted as checked
from pyworker.devices import find
from pyworker.errors import failure
from pyworker.probes import Observations, parsed

if TYPE_CHECKING:
    from pyworker.call import Call
    from pyworker.platforms import Device

# Members of a device's identity -> the kind they are replaced as.
_KNOWN = {
    "device_id": "serial", "serial": "serial", "udid": "udid", "ecid": "ecid", "imei": "imei", "imei2": "imei",
    "meid": "imei", "iccid": "iccid", "wifi_mac": "mac", "bluetooth_mac": "mac", "ethernet_mac": "mac",
    "logic_board_serial": "serial",
}
# Why a phone said nothing at all -> the kind of error.
_SILENCE = {"timeout": "timeout", "disconnected": "device_disconnected", "unreadable": "device_protocol_error"}


def collect(call: Call) -> dict[str, Any]:
    """The envelope; its data as schemas/logs.collect.result.json has it.

    Raises RpcError: invalid_params for a date that is none, device_not_found and how else a phone may be out of reach,
    platform_unsupported, artifact_failed, cancelled.
    """
    if call.params.get("platform") == "macos":
        raise failure("platform_unsupported", "nothing of a Mac can be read over the cable")
    folder = call.settings.artifact_dir
    try:
        wanted = checked(call.params, inline=folder is None)
    except ValueError as problem:
        raise invalid_params(f"since must be a date and time that exist: {problem}") from None
    began = datetime.now(UTC)
    platform, device = find(call)
    call.progress("connecting", 0)
    observed = platform.observe(call, device, tuple(dict.fromkeys((*platform.identity, *platform.log_reads))))
    call.check_stopped()
    seen = Observations(parsed(observed.answers))
    device = device._replace(state=observed.state, connection=observed.connection, hint=observed.hint)
    known = _known(device, platform.identify(device, seen.view()))
    sink = (AnswerSink() if folder is None
            else FolderSink(folder, device.device_id, began.strftime("%Y%m%dT%H%M%SZ")))
    collection = Collection(call, wanted, Redactor(wanted.redact, known), sink)
    collection.warnings.update(dict.fromkeys(observed.warnings))
    try:
        platform.collect(call, device, seen, wanted, collection)
        call.check_stopped()
        silence = collection.silence()
        if silence is not None:
            raise failure(_SILENCE[silence])
        said = collection.finish()
        # Whoever has given up meanwhile was answered already, and finds no files.
        call.check_stopped()
    except BaseException:
        collection.abandon()
        raise
    data = {
        "device": {"device_id": device.device_id, "platform": device.platform, "state": device.state,
                   "connection": device.connection},
        "scope": wanted.scope,
        "observed_at": began.isoformat(timespec="seconds"),
        **said,
    }
    return {"ok": True, "data": data, "warnings": list(collection.warnings)}


def _known(device: Device, identity: dict[str, Any]) -> dict[str, list[str]]:
    """What identifies this phone or its owner, by kind."""
    known: dict[str, list[str]] = {}
    for member, kind in _KNOWN.items():
        value = identity.get(member)
        if isinstance(value, str):
            known.setdefault(kind, []).append(value)
    # An Android phone has no name but its model's.
    if device.platform == "ios" and isinstance(identity.get("name"), str):
        known["name"] = [identity["name"]]
    return known
