"""lockdownd: the phone's front door. One connection, one question at a time, answers matched by order alone.

A reply repeats the request's name but not always what was asked about, so questions are never in flight together, and a
connection on which one went wrong is not used for the next. Errors are lockdownd's own words (libimobiledevice's and
pymobiledevice3's lists of them); each is turned into the reason a reader sees.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pyworker.ios import gate, messages
from pyworker.ios.stream import TLS_FAILED
from pyworker.ios.unanswered import Unanswered

if TYPE_CHECKING:
    import ssl

    from pyworker.ios.pair_record import PairRecord
    from pyworker.ios.stream import Stream

PORT = 62078

_REASONS = {
    "MissingValue": "key_missing",
    "GetProhibited": "not_paired",  # also what a phone says to whoever has no session
    "InvalidHostID": "not_paired",
    "PairingDialogResponsePending": "not_paired",
    "UserDeniedPairing": "not_paired",
    "PasswordProtected": "locked",
    "PasscodeRequired": "locked",
    "EscrowLocked": "locked",
    "InvalidService": "unsupported",
}


class Port(NamedTuple):
    """Where a started service waits, for one connection, and whether it speaks TLS."""

    number: int
    tls: bool


class Lockdown:
    """Every method raises Unanswered, with lockdownd's word as its code where lockdownd gave one."""

    __slots__ = ("_stream", "_in_session")

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._in_session = False

    @property
    def alive(self) -> bool:
        return self._stream.alive

    @property
    def in_session(self) -> bool:
        return self._in_session and self._stream.alive

    def abort(self) -> None:
        self._stream.abort()

    async def get_value(self, domain: str = "", key: str = "") -> Any:
        """Of no domain and no key: all values. A domain the phone does not know is an empty dictionary."""
        options = {name: value for name, value in (("Domain", domain), ("Key", key)) if value}
        answer = await self._ask("GetValue", options)
        if "Value" not in answer:
            raise Unanswered("key_missing")
        return answer["Value"]

    async def start_session(self, record: PairRecord, context: ssl.SSLContext) -> None:
        """From here on lockdownd answers everything."""
        answer = await self._ask("StartSession", {"HostID": record.host_id, "SystemBUID": record.system_buid})
        if answer.get("EnableSessionSSL") is True:
            await self._stream.start_tls(context)
            if self._stream.may_yet_be_refused:
                await self._prove()
        self._in_session = True

    async def _prove(self) -> None:
        """One question that every phone has an answer to: only with it the session is there. TLS 1.3 takes a trip less
        than 1.2, so that this costs nothing."""
        try:
            await self._ask("GetValue", {"Key": "ProductVersion"})
        except Unanswered as no:
            if no.reason == "disconnected":
                raise Unanswered(no.reason, TLS_FAILED) from None
            if no.fatal:
                raise

    async def start_service(self, name: str) -> Port:
        answer = await self._ask("StartService", {"Service": name})
        number = answer.get("Port")
        if type(number) is not int or not 0 < number <= 0xFFFF:
            self._stream.abort()
            raise Unanswered("unreadable")
        return Port(number, answer.get("EnableServiceSSL") is True)

    async def _ask(self, request: str, options: dict[str, str]) -> dict[str, Any]:
        message = {"Label": gate.LABEL, "Request": request, **options}
        gate.check_lockdown(message)
        await messages.send(self._stream, message)
        answer = await messages.receive(self._stream)
        if answer.get("Request") != request:
            self._stream.abort()
            raise Unanswered("unreadable")
        error = answer.get("Error")
        if isinstance(error, str):
            reason = _REASONS.get(error, "refused")
            if error == "GetProhibited" and self._in_session:
                reason = "refused"
            raise Unanswered(reason, error)
        if error is not None or answer.get("Result") == "Failure":  # iOS 4 has no words for it
            raise Unanswered("refused")
        return answer
