"""The one way a conversation with a phone fails below the observations: there is no usable answer, for this reason.

Every fault of a socket, of TLS, of a length field or of a property list, and every refusal of the phone, is turned
into this exception where it is understood. Its reason is one of findings.REASONS and is what a reader sees; the text
of a library's exception never travels further.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from pyworker.findings import Unread

if TYPE_CHECKING:
    from collections.abc import Awaitable

Answer = TypeVar("Answer")

# What ends a connection. The other reasons are answers: the phone said no, and can be asked the next question.
_FATAL = frozenset({"timeout", "disconnected", "unreadable"})


class Unanswered(Exception):
    """reason: a name in findings.REASONS. code: the phone's own word for it, where it gave one ("InvalidHostID")."""

    def __init__(self, reason: str, code: str = "") -> None:
        super().__init__(reason)
        self.unread = Unread(reason)
        self.code = code

    @property
    def reason(self) -> str:
        return self.unread.reason

    @property
    def fatal(self) -> bool:
        """Whether the connection it happened on can be used no more."""
        return self.reason in _FATAL


async def by(deadline: float, work: Awaitable[Answer]) -> Answer:
    """The result of `work`, which is cancelled at `deadline` (the event loop's clock): then Unanswered("timeout")."""
    try:
        async with asyncio.timeout_at(deadline):
            return await work
    except TimeoutError:
        raise Unanswered("timeout") from None
