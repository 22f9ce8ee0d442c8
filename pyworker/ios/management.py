"""What MCInstall tells about management: the cloud configuration and the list of installed profiles.

Shapes, from published replies: {"Status": "Acknowledged", "CloudConfiguration": {...}} where the inner member is
missing on a phone nobody manages; {"Status", "OrderedIdentifiers": [id], "ProfileManifest": {id: {...}},
"ProfileMetadata": {id: {"PayloadDisplayName", "PayloadOrganization", "PayloadContent": [{"PayloadType"}], ...}}},
where the payloads stand in the metadata or in the manifest, or (as in the replies of most systems) are not shown at
all. A single payload may stand there without a list around it; a payload of the type Configuration is a profile in a
profile. Flags are booleans or 0 and 1.

A profile whose payloads are not all shown may be anything: `types_complete` says whether its types are all known. They
are not, either, where the reply is too little of one to be a whole list.
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
    "ConfigurationWasApplied", "ConfigurationWebURL", "IsMDMUnremovable", "IsMandatory", "IsMultiUser", "IsSupervised", "OrganizationMagic",
    "OrganizationName", "PostSetupProfileWasInstalled", "SkipSetup", "SupervisorHostCertificates",
))

# The type of a profile itself, and of a profile that is a payload of another one.
CONFIGURATION = "Configuration"
# Profiles in profiles: Apple's own tools nest them once. What lies deeper is not looked at, and so not known.
DEEPEST = 8

# Where a profile has its payloads; the second one holds them encrypted for another phone.
_CONTENT_KEYS = frozenset(("PayloadContent", "EncryptedPayloadContent"))

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
    parts = [raw.get(key) for key in ("OrderedIdentifiers", "ProfileManifest", "ProfileMetadata")]
    ordered, manifest, metadata = (kind() if part is None else part
                                   for part, kind in zip(parts, (list, dict, dict), strict=True))
    if not isinstance(ordered, list) or not isinstance(manifest, dict) or not isinstance(metadata, dict):
        return UNREADABLE
    identifiers = dict.fromkeys([*map(_name, ordered), *map(_name, metadata), *map(_name, manifest)])
    # The list itself, or both descriptions, name every profile; one description alone may be what is left of a reply.
    whole = parts[0] is not None or None not in parts[1:]
    if len(identifiers) > MOST_PROFILES or (not whole and not identifiers):
        return UNREADABLE
    return [_profile(identifier, metadata.get(identifier), manifest.get(identifier), whole)
            for identifier in identifiers]


def _name(identifier: Any) -> str:
    return identifier if isinstance(identifier, str) else str(jsonable(identifier))


def _profile(identifier: str, metadata: Any, manifest: Any, listed_whole: bool) -> dict[str, Any]:
    described = metadata if isinstance(metadata, dict) else {}
    types: list[str | None] = []
    for place in (metadata, manifest):
        types += _types_in(place)
    complete = listed_whole and bool(types) and None not in types
    own_type = _payload_type(described)
    if own_type is not None and own_type != CONFIGURATION:
        types.append(own_type)
    disallowed = boolean(described.get("PayloadRemovalDisallowed"))
    return {
        "identifier": identifier,
        "name": _text_or_none(described.get("PayloadDisplayName")),
        "organization": _text_or_none(described.get("PayloadOrganization")),
        "payload_types": sorted({name for name in types if name is not None}),
        "types_complete": complete,
        "removal_disallowed": disallowed if isinstance(disallowed, bool) else None,
    }


def _types_in(profile: Any, depth: int = 0) -> list[str | None]:
    """The types of a profile's payloads, at whatever depth; None stands for one that is there and not shown."""
    if not isinstance(profile, dict) or not profile.keys() & _CONTENT_KEYS:
        return []
    content = profile.get("PayloadContent")
    payloads = [content] if isinstance(content, dict) else content
    if not isinstance(payloads, list) or depth >= DEEPEST:
        return [None]
    types: list[str | None] = [None] if "EncryptedPayloadContent" in profile else []
    for payload in payloads:
        kind = _payload_type(payload)
        inner = _types_in(payload, depth + 1)
        if kind is None:
            types.append(None)
        elif kind != CONFIGURATION:
            types.append(kind)
            # Most payloads keep settings of their own under this name: only what is clearly a payload counts.
            inner = [name for name in inner if name is not None]
        elif not inner:
            types.append(None)
        types += inner
    return types


def _payload_type(payload: Any) -> str | None:
    return _text_or_none(payload.get("PayloadType")) if isinstance(payload, dict) else None


def _text_or_none(value: Any) -> str | None:
    said = text(value)
    return said if isinstance(said, str) else None


def carries_mdm(profile: dict[str, Any]) -> bool:
    return any(name.lower() == MDM for name in profile["payload_types"])
