"""com.apple.mobileactivationd: whether the phone was let in.

Its handshakes and whatever changes the state are written down and refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyworker.virtual.iphone.phone import VirtualIphone


def answer(phone: VirtualIphone, request: dict[str, Any]) -> Sequence[dict[str, Any]]:
    verb = request.get("Command")
    if verb == "GetActivationStateRequest":
        lockdown = phone.member("lockdown").get("values", {}).get("ActivationState")
        state = phone.description.get("activation_state", lockdown)
        if state is None:
            return ({"Error": "The activation state is not available."},)
        return ({"Value": state},)
    return ({"Error": f"The command {verb} is not permitted."},)
