"""Services that take a property list and answer with one: each request a dictionary, each reply one, or a no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyworker.ios import gate, messages
from pyworker.ios.unanswered import Unanswered

if TYPE_CHECKING:
    from pyworker.ios.stream import Stream
    from pyworker.probes import Read

MCINSTALL = "com.apple.mobile.MCInstall"
DIAGNOSTICS_RELAY = "com.apple.mobile.diagnostics_relay"
INSTALLATION_PROXY = "com.apple.mobile.installation_proxy"


class PlistService:
    """One connection to such a service. `ask` raises Unanswered."""

    __slots__ = ("_service", "_stream")

    def __init__(self, service: str, stream: Stream) -> None:
        self._service = service
        self._stream = stream

    async def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        gate.check_request(self._service, request)
        await messages.send(self._stream, request)
        return await messages.receive(self._stream)


async def mcinstall(stream: Stream, read: Read) -> dict[str, Any]:
    """The whole reply: that a phone has no cloud configuration is told by what the reply does not hold."""
    reply = await PlistService(MCINSTALL, stream).ask({"RequestType": read.request})
    if reply.get("Status") == "Acknowledged":
        return reply
    raise Unanswered("refused" if reply.get("Status") == "Error" else "unreadable")


async def diagnostics_relay(stream: Stream, read: Read) -> Any:
    """The Diagnostics part. For an entry that does not exist it is empty, or from iOS 17.4 on not there; no error."""
    request = {"Request": read.request}
    if read.argument:
        kind, name = read.argument
        request[kind] = name
    reply = await PlistService(DIAGNOSTICS_RELAY, stream).ask(request)
    status = reply.get("Status")
    if status == "Success":
        if "Diagnostics" not in reply:
            raise Unanswered("key_missing")
        return reply["Diagnostics"]
    if status == "UnknownRequest":
        raise Unanswered("unsupported")
    raise Unanswered("refused" if isinstance(status, str) else "unreadable")


async def installation_proxy(stream: Stream, read: Read) -> Any:
    """Bundle identifier -> the attributes that were asked for."""
    options = {"ApplicationType": "User", "ReturnAttributes": list(read.argument)}
    reply = await PlistService(INSTALLATION_PROXY, stream).ask({"Command": read.request, "ClientOptions": options})
    if "LookupResult" in reply:
        return reply["LookupResult"]
    raise Unanswered("refused" if "Error" in reply else "unreadable")
