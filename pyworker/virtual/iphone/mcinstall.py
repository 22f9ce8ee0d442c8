"""com.apple.mobile.MCInstall: configuration profiles and the cloud configuration, to read only.

A phone that was never assigned to an organisation has no cloud configuration: Acknowledged, without the member.
Everything that installs, removes, erases or escalates is written down and refused with an error chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyworker.virtual.iphone.phone import VirtualIphone

_NO_PROFILES: dict[str, Any] = {"OrderedIdentifiers": [], "ProfileManifest": {}, "ProfileMetadata": {}}
_REFUSED = frozenset((
    "Flush", "Escalate", "EscalateResponse", "ProceedWithKeybagMigration", "StoreProfile", "SetCloudConfiguration",
    "EstablishProvisionalEnrollment", "SetWiFiPowerState", "EraseDevice", "InstallProfile", "InstallProfileSilent",
    "RemoveProfile", "RemoveProfileSilent",
))


def answer(phone: VirtualIphone, request: dict[str, Any]) -> Sequence[dict[str, Any]]:
    verb = request.get("RequestType")
    if verb == "GetCloudConfiguration":
        configuration = phone.description.get("cloud_configuration")
        if configuration is None:
            return ({"Status": "Acknowledged"},)
        return ({"Status": "Acknowledged", "CloudConfiguration": configuration},)
    if verb == "GetProfileList":
        return ({"Status": "Acknowledged", **_NO_PROFILES, **phone.member("profiles")},)
    if verb == "HelloHostIdentifier":
        return ({"Status": "Acknowledged", "SupervisorHostIdentifier": ""},)
    if verb == "GetStoredProfile":
        return ({"Status": "Acknowledged"},)
    if verb in _REFUSED:
        return (_error("MCInstallationErrorDomain", 4001, f"The request {verb} is not permitted."),)
    return (_error("MCHostMessageErrorDomain", 38000, f"The request type {verb} is not known."),)


def _error(domain: str, code: int, description: str) -> dict[str, Any]:
    chain = [{
        "ErrorCode": code, "ErrorDomain": domain, "LocalizedDescription": description,
        "USEnglishDescription": description,
    }]
    return {"Status": "Error", "ErrorChain": chain}
