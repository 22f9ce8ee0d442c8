"""The bundle identifiers of installed apps, from installation_proxy.

Lookup answers {bundle identifier: {attribute: value}}, on the wire under "LookupResult"; older systems and browsing
give a list of attribute dictionaries. Names of apps tell much about a person: identifiers are looked up in a list of
known ones and never shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyworker.ios.plist import UNREADABLE

if TYPE_CHECKING:
    from pyworker.findings import Unread


def bundle_identifiers(raw: Any) -> frozenset[str] | Unread:
    if isinstance(raw, dict) and isinstance(raw.get("LookupResult"), (dict, list)):
        raw = raw["LookupResult"]
    if isinstance(raw, dict):
        found = {key for key, attributes in raw.items() if isinstance(key, str) and isinstance(attributes, dict)}
    elif isinstance(raw, list):
        named = [item.get("CFBundleIdentifier") if isinstance(item, dict) else item for item in raw]
        found = {name for name in named if isinstance(name, str)}
    else:
        return UNREADABLE
    return frozenset(found)
