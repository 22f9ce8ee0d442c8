"""com.apple.mobile.diagnostics_relay: the IORegistry and a few reports.

An IORegistry entry that does not exist is no error: Success, with an empty dictionary, or from iOS 17.4 on without one.
NAND and WiFi come back as failed or deprecated on current systems, MobileGestalt as deprecated from 17.4 on; a
description may say otherwise. Restart, Shutdown and Sleep are written down and refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyworker.virtual.iphone.phone import VirtualIphone

DEPRECATIONS = (17, 4)
_REPORTS = ("GasGauge", "NAND", "WiFi")
_REFUSED = ("Restart", "Shutdown", "Sleep")


def answer(phone: VirtualIphone, request: dict[str, Any]) -> Sequence[dict[str, Any]]:
    verb = request.get("Request")
    if verb == "IORegistry":
        return (_io_registry(phone, request),)
    if verb in _REPORTS:
        return ({"Status": "Success", "Diagnostics": {verb: _report(phone, str(verb))}},)
    if verb == "All":
        return ({"Status": "Success", "Diagnostics": {name: _report(phone, name) for name in _REPORTS}},)
    if verb == "MobileGestalt":
        return (_mobile_gestalt(phone, request.get("MobileGestaltKeys")),)
    if verb == "Goodbye":
        return ({"Status": "Success"},)
    if verb in _REFUSED:
        return ({"Status": "Failure"},)
    return ({"Status": "UnknownRequest"},)


def _io_registry(phone: VirtualIphone, request: dict[str, Any]) -> dict[str, Any]:
    diagnostics = phone.member("diagnostics")
    entries = diagnostics.get("entries", {})
    found: Any = None
    # libimobiledevice sends the one that was not given as an empty text.
    if request.get("EntryName"):
        found = entries.get(request["EntryName"])
    elif request.get("EntryClass"):
        found = entries.get(diagnostics.get("classes", {}).get(request["EntryClass"]))
    if found is None:
        # A dump of a whole plane has been empty since iOS 9, as any entry that is not there.
        if phone.version >= DEPRECATIONS:
            return {"Status": "Success"}
        return {"Status": "Success", "Diagnostics": {"IORegistry": {}}}
    return {"Status": "Success", "Diagnostics": {"IORegistry": found}}


def _report(phone: VirtualIphone, name: str) -> dict[str, Any]:
    reports = phone.member("diagnostics").get("info", {})
    if name in reports:
        found = reports[name]
        return found if isinstance(found, dict) else {}
    if name == "NAND":
        return {"Status": "Deprecated" if phone.version >= DEPRECATIONS else "NANDInfoFailed"}
    if name == "WiFi":
        return {"Status": "Deprecated" if phone.version >= DEPRECATIONS else "WiFiInfoFailed"}
    return {"Status": "GasGaugeInfoFailed"}


def _mobile_gestalt(phone: VirtualIphone, keys: Any) -> dict[str, Any]:
    if phone.version >= DEPRECATIONS:
        return {"Status": "Success", "Diagnostics": {"MobileGestalt": {"Status": "MobileGestaltDeprecated"}}}
    known = phone.member("diagnostics").get("mobilegestalt", {})
    wanted = [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []
    answers = {key: known[key] for key in wanted if key in known}
    return {"Status": "Success", "Diagnostics": {"MobileGestalt": {"Status": "Success", **answers}}}
