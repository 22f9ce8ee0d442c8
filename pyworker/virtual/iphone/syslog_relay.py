"""com.apple.syslog_relay: the log as text, for whoever connects.

The stream begins with NUL; an entry ends with a line feed and NUL, and may hold line feeds itself. The description's
entries are the lines, without their end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyworker.virtual.iphone.faults import NOISE, Framing
from pyworker.virtual.iphone.log_stream import paced
from pyworker.virtual.iphone.record import Request

if TYPE_CHECKING:
    from pyworker.virtual.iphone.link import Link
    from pyworker.virtual.iphone.phone import VirtualIphone

# There is no length to lie about: an entry that never ends takes its place.
_FRAMING = Framing(
    lambda body: body + b"\n\0",
    lambda length: NOISE.replace(b"\0", b"?") * 1000,
    lambda value: b"\xff\xfe no line at all",
)


class SyslogConversation:
    """One connection: the stream begins at once."""

    def __init__(self, link: Link, phone: VirtualIphone, service: str) -> None:
        phone.record.append(Request(service, "connect", {}))
        link.send(b"\0")

        def emit(line: bytes) -> None:
            link.reply(phone.faults, service, "entry", line, _FRAMING)

        link.stream(paced(phone.description.get("syslog"), _encoded), emit)

    def receive(self, data: bytes) -> None:
        """The relay reads nothing."""


def _encoded(line: Any) -> bytes:
    return line if isinstance(line, bytes) else str(line).encode()
