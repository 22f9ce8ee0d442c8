"""Services that take a property list and answer with one: each request a dictionary, each reply one, or a no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyworker.ios.unanswered import Unanswered

if TYPE_CHECKING:
    from pyworker.ios.service_stream import ServiceStream
    from pyworker.probes import Read

MCINSTALL = "com.apple.mobile.MCInstall"
DIAGNOSTICS_RELAY = "com.apple.mobile.diagnostics_relay"
INSTALLATION_PROXY = "com.apple.mobile.installation_proxy"


async def mcinstall(stream: ServiceStream, read: Read) -> dict[str, Any]:
    """The whole reply: that a phone has no cloud configuration is told by what the reply does not hold."""
    reply = await stream.ask({"RequestType": read.request})
    if reply.get("Status") == "Acknowledged":
        return reply
    raise Unanswered("refused" if reply.get("Status") == "Error" else "unreadable")


async def diagnostics_relay(stream: ServiceStream, read: Read) -> Any:
    """The Diagnostics part. For an entry that does not exist it is empty, or from iOS 17.4 on not there; no error."""
    request = {"Request": read.request}
    if read.argument:
        kind, name = read.argument
        request[kind] = name
    reply = await stream.ask(request)
    status = reply.get("Status")
    if status == "Success":
        if "Diagnostics" not in reply:
            raise Unanswered("key_missing")
        return reply["Diagnostics"]
    if status == "UnknownRequest":
        raise Unanswered("unsupported")
    raise Unanswered("refused" if isinstance(status, str) else "unreadable")


async def installation_proxy(stream: ServiceStream, read: Read) -> Any:
    """Bundle identifier -> the attributes that were asked for."""
    options = {"ApplicationType": "Any", "ReturnAttributes": list(read.argument)}
    reply = await stream.ask({"Command": read.request, "ClientOptions": options})
    if "LookupResult" in reply:
        return reply["LookupResult"]
    raise Unanswered("refused" if "Error" in reply else "unreadable")
