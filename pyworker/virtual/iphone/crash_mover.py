"""com.apple.crashreportmover: moves pending reports into the crash folder, says "ping" when it is done.

Nothing is moved here, but having been started is written down: for a worker that only looks it must never happen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyworker.virtual.iphone.faults import Framing
from pyworker.virtual.iphone.record import Request

if TYPE_CHECKING:
    from pyworker.virtual.iphone.link import Link
    from pyworker.virtual.iphone.phone import VirtualIphone

_DONE = b"ping\0"
_UNFRAMED = Framing(lambda body: body, lambda length: b"", lambda value: b"pong\0")


class CrashMoverConversation:
    """One connection to the mover. It asks nothing and is asked nothing."""

    def __init__(self, link: Link, phone: VirtualIphone, service: str) -> None:
        phone.record.append(Request(service, "connect", {}))
        link.reply(phone.faults, service, "connect", _DONE, _UNFRAMED)

    def receive(self, data: bytes) -> None:
        """Whatever arrives is left unread, as the mover does."""
