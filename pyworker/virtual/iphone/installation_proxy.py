"""com.apple.mobile.installation_proxy: the installed apps, by Browse and Lookup. Whatever changes apps is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyworker.virtual.iphone.phone import VirtualIphone

# How many apps one reply of Browse lists.
_PAGE = 20


def answer(phone: VirtualIphone, request: dict[str, Any]) -> Sequence[dict[str, Any]]:
    verb = request.get("Command")
    options = request.get("ClientOptions")
    options = options if isinstance(options, dict) else {}
    if verb == "Lookup":
        found = {app["CFBundleIdentifier"]: app for app in _apps(phone, options)}
        return ({"LookupResult": found, "Status": "Complete"},)
    if verb == "Browse":
        return _browse(_apps(phone, options))
    return ({"Error": "APIInternalError", "ErrorDescription": f"The command {verb} is not permitted."},)


def _browse(apps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    pages = []
    for start in range(0, len(apps), _PAGE):
        page = apps[start:start + _PAGE]
        pages.append({
            "Status": "BrowsingApplications", "Total": len(apps), "CurrentIndex": start, "CurrentAmount": len(page),
            "CurrentList": page,
        })
    return [*pages, {"Status": "Complete"}]


def _apps(phone: VirtualIphone, options: dict[str, Any]) -> list[dict[str, Any]]:
    """The apps that were asked for, each with the attributes that were asked for."""
    apps = phone.description.get("apps", [])
    kind = options.get("ApplicationType", "Any")
    if kind != "Any":
        apps = [app for app in apps if app.get("ApplicationType", "User") == kind]
    identifiers = options.get("BundleIDs")
    if isinstance(identifiers, list):
        apps = [app for app in apps if app["CFBundleIdentifier"] in identifiers]
    attributes = options.get("ReturnAttributes")
    if isinstance(attributes, list):
        # A dictionary in the answer is keyed by the identifier, which is therefore always known.
        wanted = {*attributes, "CFBundleIdentifier"}
        return [{key: value for key, value in app.items() if key in wanted} for app in apps]
    return [dict(app) for app in apps]
