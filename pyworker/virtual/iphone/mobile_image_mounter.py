"""com.apple.mobile.mobile_image_mounter: what is mounted, and whether developer mode is on (iOS 16 and later)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyworker.virtual.iphone.phone import VirtualIphone

_DEVELOPER_MODE = (16,)


def answer(phone: VirtualIphone, request: dict[str, Any]) -> Sequence[dict[str, Any]]:
    verb = request.get("Command")
    if verb == "QueryDeveloperModeStatus" and phone.version >= _DEVELOPER_MODE:
        return ({"DeveloperModeStatus": bool(phone.description.get("developer_mode", False)), "Status": "Complete"},)
    if verb == "LookupImage":
        return ({"ImageSignature": [], "Status": "Complete"},)
    if verb == "CopyDevices":
        return ({"EntryList": [], "Status": "Complete"},)
    if verb == "Hangup":
        return ({"Goodbye": True},)
    return ({"Error": "UnknownCommand", "DetailedError": f"The command {verb} is not permitted."},)
