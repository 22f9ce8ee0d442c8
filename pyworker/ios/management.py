"""What MCInstall tells about management: the cloud configuration and the list of installed profiles.

Shapes, from published replies: {"Status": "Acknowledged", "CloudConfiguration": {...}} where the inner member is
missing on a phone nobody manages; {"Status", "OrderedIdentifiers": [id], "ProfileManifest": {id: {...}},
"ProfileMetadata": {id: {"PayloadDisplayName", "PayloadOrganization", "PayloadContent": [{"PayloadType"}], ...}}},
where the payloads stand in the metadata or in the manifest, or are not shown at all. Flags are booleans or 0 and 1.

A profile whose payloads are not shown may be anything: `types_complete` says whether its types are all known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyworker.ios.plist import UNREADABLE, boolean, jsonable, text

if TYPE_CHECKING:
    from pyworker.findings import Unread

MDM = "com.apple.mdm"
ACKNOWLEDGED = "Acknowledged"

# A dictionary with none of these is not a cloud configuration, whatever else it is.
_CONFIGURATION_KEYS = frozenset((
    "AllowPairing", "AwaitDeviceConfigured", "CloudConfigurationUIComplete", "ConfigurationSource", "ConfigurationURL",
    "ConfigurationWasApplied", "IsMDMUnremovable", "IsMandatory", "IsMultiUser", "IsSupervised", "OrganizationMagic",
    "OrganizationName", "PostSetupProfileWasInstalled", "SkipSetup", "SupervisorHostCertificates",
))
_LIST_KEYS = ("OrderedIdentifiers", "ProfileManifest", "ProfileMetadata")

# More profiles than any phone has; a list beyond it is somebody's joke.
MOST_PROFILES = 500


def cloud_configuration(raw: Any) -> dict[str, Any] | Unread:
    """The configuration; an empty dictionary where the phone acknowledged that it has none."""
    if not isinstance(raw, dict):
        return UNREADABLE
    inner = raw.get("CloudConfiguration")
    if inner is None and raw.get("Status") == ACKNOWLEDGED and not _CONFIGURATION_KEYS & raw.keys():
        return {}
    configuration = raw if inner is None else inner
    if raw.get("Status", ACKNOWLEDGED) != ACKNOWLEDGED or not isinstance(configuration, dict):
        return UNREADABLE
    if not _CONFIGURATION_KEYS & configuration.keys() and (configuration or configuration is raw):
        return UNREADABLE
    cleaned = jsonable(configuration)
    return cleaned if isinstance(cleaned, dict) else UNREADABLE


def profile_list(raw: Any) -> list[dict[str, Any]] | Unread:
    """[{"identifier", "name", "organization", "payload_types", "types_complete", "removal_disallowed"}]; [] is none."""
    if not isinstance(raw, dict) or raw.get("Status", ACKNOWLEDGED) != ACKNOWLEDGED:
        return UNREADABLE
    if not any(key in raw for key in _LIST_KEYS):
        return UNREADABLE
    ordered = raw.get("OrderedIdentifiers", [])
    manifest = raw.get("ProfileManifest", {})
    metadata = raw.get("ProfileMetadata", {})
    if not isinstance(ordered, list) or not isinstance(manifest, dict) or not isinstance(metadata, dict):
        return UNREADABLE
    identifiers = dict.fromkeys([*map(_name, ordered), *map(_name, metadata), *map(_name, manifest)])
    if len(identifiers) > MOST_PROFILES:
        return UNREADABLE
    return [_profile(identifier, metadata.get(identifier), manifest.get(identifier)) for identifier in identifiers]


def _name(identifier: Any) -> str:
    return identifier if isinstance(identifier, str) else str(jsonable(identifier))


def _profile(identifier: str, metadata: Any, manifest: Any) -> dict[str, Any]:
    described = metadata if isinstance(metadata, dict) else {}
    types: list[str] = []
    complete = False
    for place in (metadata, manifest):
        shown = place.get("PayloadContent") if isinstance(place, dict) else None
        if isinstance(shown, list) and shown:
            named = [_payload_type(payload) for payload in shown]
            types += [name for name in named if name is not None]
            complete = None not in named
            if not complete:
                break
    own_type = _payload_type(described)
    if own_type is not None and own_type != "Configuration":
        types.append(own_type)
    disallowed = boolean(described.get("PayloadRemovalDisallowed"))
    return {
        "identifier": identifier,
        "name": _text_or_none(described.get("PayloadDisplayName")),
        "organization": _text_or_none(described.get("PayloadOrganization")),
        "payload_types": sorted(set(types)),
        "types_complete": complete,
        "removal_disallowed": disallowed if isinstance(disallowed, bool) else None,
    }


def _payload_type(payload: Any) -> str | None:
    return _text_or_none(payload.get("PayloadType")) if isinstance(payload, dict) else None


def _text_or_none(value: Any) -> str | None:
    said = text(value)
    return said if isinstance(said, str) else None


def carries_mdm(profile: dict[str, Any]) -> bool:
    return any(name.lower() == MDM for name in profile["payload_types"])
