"""The services lockdown starts, by name, and the conversation all property list services share.

A service is a function: request in, replies out. What it is asked is written down first; what it does not know it
refuses in its own words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pyworker.virtual.iphone import (
    diagnostics_relay,
    installation_proxy,
    mcinstall,
    mobile_image_mounter,
    mobileactivationd,
    property_list,
)
from pyworker.virtual.iphone.afc import AfcConversation
from pyworker.virtual.iphone.crash_mover import CrashMoverConversation
from pyworker.virtual.iphone.os_trace import OsTraceConversation
from pyworker.virtual.iphone.record import Request
from pyworker.virtual.iphone.syslog_relay import SyslogConversation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyworker.virtual.iphone.link import Conversation, Link
    from pyworker.virtual.iphone.phone import VirtualIphone


class Exchange(NamedTuple):
    """A property list service. verb: the member that names a request. answer: (phone, request) -> replies.

    farewells: the verbs after whose reply the phone ends the connection.
    """

    verb: str
    answer: Callable[[VirtualIphone, dict[str, Any]], Sequence[dict[str, Any]]]
    farewells: tuple[str, ...] = ()


class PropertyListConversation:
    """One connection to a service that exchanges property lists."""

    def __init__(self, link: Link, phone: VirtualIphone, service: str, exchange: Exchange) -> None:
        self._link = link
        self._phone = phone
        self._service = service
        self._exchange = exchange
        self._messages = property_list.Messages()

    def receive(self, data: bytes) -> None:
        try:
            for message in self._messages.feed(data):
                self._handle(message)
        except property_list.NotAPropertyList:
            self._link.close()

    def _handle(self, message: property_list.Message) -> None:
        verb = str(message.body.get(self._exchange.verb, ""))
        detail = {key: value for key, value in message.body.items() if key != self._exchange.verb}
        self._phone.record.append(Request(self._service, verb, detail))
        for reply in self._exchange.answer(self._phone, message.body):
            body = property_list.dump(reply, message.format)
            self._link.reply(self._phone.faults, self._service, verb, body, property_list.FRAMING)
        if verb in self._exchange.farewells:
            self._link.close()


def _exchange(exchange: Exchange) -> Callable[[Link, VirtualIphone, str], Conversation]:
    def begin(link: Link, phone: VirtualIphone, service: str) -> Conversation:
        return PropertyListConversation(link, phone, service, exchange)

    return begin


def _afc(folder: str) -> Callable[[Link, VirtualIphone, str], Conversation]:
    def begin(link: Link, phone: VirtualIphone, service: str) -> Conversation:
        return AfcConversation(link, phone, service, folder)

    return begin


_DIAGNOSTICS = _exchange(Exchange("Request", diagnostics_relay.answer, ("Goodbye",)))

SERVICES: dict[str, Callable[[Link, VirtualIphone, str], Conversation]] = {
    "com.apple.mobile.diagnostics_relay": _DIAGNOSTICS,
    "com.apple.iosdiagnostics.relay": _DIAGNOSTICS,
    "com.apple.mobile.MCInstall": _exchange(Exchange("RequestType", mcinstall.answer)),
    "com.apple.mobileactivationd": _exchange(Exchange("Command", mobileactivationd.answer)),
    "com.apple.mobile.installation_proxy": _exchange(Exchange("Command", installation_proxy.answer)),
    "com.apple.mobile.mobile_image_mounter": _exchange(Exchange("Command", mobile_image_mounter.answer, ("Hangup",))),
    "com.apple.crashreportcopymobile": _afc("crash_folder"),
    "com.apple.crashreportmover": CrashMoverConversation,
    "com.apple.afc": _afc("media_folder"),
    "com.apple.afc2": _afc("root_folder"),
    "com.apple.os_trace_relay": OsTraceConversation,
    "com.apple.syslog_relay": SyslogConversation,
}

# Only phones whose description lists them under services.extra start these: a jailbroken phone answers to afc2.
ON_REQUEST = frozenset(("com.apple.afc2",))
