"""One phone, connected read-only: its public values, then a session if it trusts this computer, then its services.

    async with open_session(address, await locate(address, udid, "usb", deadline), deadline) as session:
        session.public, session.standing
        await session.get_value("com.apple.fmip", "IsAssociated")
        stream = await session.open_service("com.apple.mobile.diagnostics_relay")

The rules:
- Pairing cannot happen: there is no code for it, and the gate does not list it.
- The public values are read before the session is tried, because a session that fails takes the connection with it.
- One connection carries the listing, the pair record and lockdownd; each service has one of its own. lockdownd is asked
  one question at a time, in the order of arrival; services are spoken to side by side.
- A lockdownd connection that broke is opened anew for those who still wait, a few times. Whoever asked the question
  that broke it gets no second try.
- A single step never takes all the time there is: what comes after it must have its chance.
- Whatever happens, leaving the block ends every connection at once.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from pyworker.errors import failure
from pyworker.findings import Unread
from pyworker.ios import lockdown as lockdownd
from pyworker.ios import pair_record
from pyworker.ios.lockdown import Lockdown
from pyworker.ios.service_stream import ServiceStream
from pyworker.ios.standing import (
    DAMAGED_RECORD,
    HOPELESS,
    NEVER_TRUSTED,
    NO_RECORD,
    READY,
    without_session,
)
from pyworker.ios.unanswered import Unanswered, by
from pyworker.ios.usbmux import Usbmux, open_usbmux, preferred, same_udid

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable

    from pyworker.ios.pair_record import PairRecord
    from pyworker.ios.standing import Standing
    from pyworker.ios.stream import Address, Stream
    from pyworker.ios.usbmux import Attached

Answer = TypeVar("Answer")

# One exchange with usbmuxd or lockdownd. A phone answers in milliseconds; a service that must be launched first was
# seen to take a second or two.
STEP_LIMIT_S = 5.0
# And never more than this share of what is left, so that a short deadline has room for what comes after a stall.
STEP_SHARE = 0.4
NO_USBMUXD_HINT = "Start usbmuxd (on Windows: install Apple's device drivers), then plug the phone in again."

# How often a broken lockdownd connection is opened anew in one inspection.
REOPENINGS = 3


class Session:
    """Made by `open_session`. Its methods raise Unanswered and are bounded by `deadline` (the event loop's clock).

    public: the values a phone tells anyone, or why it did not. standing: what is possible beyond them.
    phone: its entry in usbmuxd's list. warnings: names in findings.WARNINGS that conversations with services add.
    """

    __slots__ = ("public", "standing", "deadline", "phone", "warnings", "_address", "_record", "_context", "_lockdown",
                 "_turn", "_opened", "_broken_by", "_streams")

    def __init__(self, address: Address, phone: Attached, deadline: float) -> None:
        self.public: dict[str, Any] | Unread = Unread("timeout")
        self.standing: Standing = NEVER_TRUSTED
        self.deadline = deadline
        self.phone = phone
        self.warnings: set[str] = set()
        self._address = address
        self._record: PairRecord | None = None
        self._context: ssl.SSLContext | None = None
        self._lockdown: Lockdown | None = None
        self._turn = asyncio.Lock()
        self._opened = 0
        self._broken_by = "disconnected"
        self._streams: list[Stream] = []

    async def get_value(self, domain: str = "", key: str = "") -> Any:
        """lockdownd's value; the whole domain without a key, all values without either.

        Also without a session, where phones differ in what they answer: only a value counts there. What is missing,
        empty or refused is so for the reason that there is no session.
        """
        if not self.standing.reason:
            return await self._ask(lambda lockdown: lockdown.get_value(domain, key))
        if self.standing not in HOPELESS:
            try:
                value = await self._value_without_session(domain, key)
            except Unanswered as no:
                if no.fatal:
                    raise
            else:
                if value != {}:
                    return value
        raise Unanswered(self.standing.reason)

    async def grants(self, service: str) -> bool:
        """Whether lockdownd would start the service: it is started, and not connected to."""
        if self.standing.reason:
            raise Unanswered(self.standing.reason)
        try:
            await self._ask(lambda lockdown: lockdown.start_service(service))
        except Unanswered as no:
            if no.reason == "unsupported":
                return False
            raise
        return True

    async def open_service(self, service: str) -> ServiceStream:
        """A connection of its own to the service, over which only what the gate lists may be sent.

        The caller bounds its own waits (unanswered.by) and may abort the connection when done; leaving the session
        does so in any case.
        """
        if self.standing.reason:
            raise Unanswered(self.standing.reason)
        port = await self._ask(lambda lockdown: lockdown.start_service(service))
        stream = await by(self.limit(), self._connect(port.number))
        if port.tls:
            await by(self.limit(), stream.start_tls(self._tls()))
        return ServiceStream(service, stream)

    def limit(self) -> float:
        """When the next single step must be over."""
        return _limit(self.deadline)

    async def begin(self, usbmux: Usbmux) -> None:
        """The pair record, lockdownd, its public values, the session: what of it there is."""
        without_record = await self._read_record(usbmux)
        if usbmux.alive:
            try:
                self._use(self._adopt(await by(self.limit(), usbmux.connect(self.phone.mux_id, lockdownd.PORT))))
            except Unanswered as cause:
                self._broken_by = cause.reason  # tried once more with the first question
        try:
            self.public = await self._public_values()
        except Unanswered as cause:
            self.public = cause.unread
            without_record = without_session(cause)
        self.standing = without_record if self._record is None else await self._begin_session()

    def abort(self) -> None:
        for stream in self._streams:
            stream.abort()
        self._streams.clear()

    async def _read_record(self, usbmux: Usbmux) -> Standing:
        """Sets the record, or says how the phone stands without one."""
        try:
            self._record = pair_record.parse(await self._saved_record(usbmux))
        except Unanswered as cause:
            if cause.reason == "not_paired":
                return NEVER_TRUSTED
            return DAMAGED_RECORD if cause.reason == "unreadable" else NO_RECORD
        return NEVER_TRUSTED

    async def _saved_record(self, usbmux: Usbmux) -> bytes:
        try:
            return await by(self.limit(), usbmux.pair_record(self.phone.serial))
        except Unanswered as cause:
            # A daemon may take one question a connection; then the listing was it.
            if cause.reason != "disconnected":
                raise
        usbmux = await by(self.limit(), self._usbmuxd())
        try:
            return await by(self.limit(), usbmux.pair_record(self.phone.serial))
        finally:
            usbmux.abort()

    async def _value_without_session(self, domain: str, key: str) -> Any:
        try:
            return await self._ask(lambda lockdown: lockdown.get_value(domain, key))
        except Unanswered as cause:
            # lockdownd may have hung up after it refused the session. On a new connection that is not in the way.
            if cause.reason != "disconnected":
                raise
        return await self._ask(lambda lockdown: lockdown.get_value(domain, key))

    async def _public_values(self) -> dict[str, Any]:
        values = await self._ask(lambda lockdown: lockdown.get_value())
        if not isinstance(values, dict):
            raise Unanswered("unreadable")
        return values

    async def _begin_session(self) -> Standing:
        try:
            self._tls()
        except Unanswered:
            return DAMAGED_RECORD
        self.standing = READY
        try:
            async with self._turn:
                await self._ready()
        except Unanswered as cause:
            # An end without a word, or with nonsense, may be an accident. What stalled or said no would do so again.
            if cause.reason not in ("disconnected", "unreadable"):
                return without_session(cause)
        else:
            return READY
        try:
            async with self._turn:
                await self._ready()
        except Unanswered as cause:
            return without_session(cause)
        return READY

    async def _ask(self, question: Callable[[Lockdown], Awaitable[Answer]]) -> Answer:
        async with self._turn:
            lockdown = await self._ready()
            try:
                return await by(self.limit(), question(lockdown))
            except Unanswered as cause:
                if cause.fatal:
                    self._broken_by = cause.reason
                raise

    async def _ready(self) -> Lockdown:
        """lockdownd, able to answer: in a session where there can be one, opened anew where it broke."""
        lockdown = self._lockdown
        if lockdown is None or not lockdown.alive:
            if self._opened > REOPENINGS:
                raise Unanswered(self._broken_by)
            lockdown = self._use(await by(self.limit(), self._connect(lockdownd.PORT)))
        if self.standing is READY and self._record is not None and not lockdown.in_session:
            await by(self.limit(), lockdown.start_session(self._record, self._tls()))
        return lockdown

    def _use(self, stream: Stream) -> Lockdown:
        self._opened += 1
        self._lockdown = Lockdown(stream)
        return self._lockdown

    async def _connect(self, port: int) -> Stream:
        usbmux = await self._usbmuxd()
        return self._adopt(await usbmux.connect(self.phone.mux_id, port))

    async def _usbmuxd(self) -> Usbmux:
        try:
            return await open_usbmux(self._address)
        except OSError:
            raise Unanswered("disconnected") from None

    def _adopt(self, stream: Stream) -> Stream:
        self._streams.append(stream)
        return stream

    def _tls(self) -> ssl.SSLContext:
        """One context an inspection: to make it costs as much as a handshake."""
        if self._context is None:
            if self._record is None:
                raise Unanswered("not_paired")
            self._context = self._record.tls_context()
        return self._context


class Located(NamedTuple):
    """A phone on usbmuxd's list, and the connection that listed it, still good for the next questions."""

    phone: Attached
    usbmux: Usbmux


async def locate(address: Address, udid: str, connection: str, deadline: float) -> Located:
    """The phone with this UDID; where it is attached in two ways, by `connection`, else by USB.

    Raises RpcError: device_not_found; timeout or device_protocol_error when it is usbmuxd that is broken.
    """
    limit = _limit(deadline)
    try:
        usbmux = await by(limit, open_usbmux(address))
        attached = await by(limit, usbmux.attached())
    except OSError:
        raise failure("device_not_found", "usbmuxd is not running", NO_USBMUXD_HINT) from None
    except Unanswered as cause:
        raise failure("timeout" if cause.reason == "timeout" else "device_protocol_error", "usbmuxd") from None
    ways = [phone for phone in attached if same_udid(phone.serial, udid)]
    if not ways:
        usbmux.abort()
        raise failure("device_not_found")
    return Located(preferred(ways, connection), usbmux)


@asynccontextmanager
async def open_session(address: Address, located: Located, deadline: float) -> AsyncIterator[Session]:
    """Never fails because of the phone: what went wrong is in `standing` and `public`."""
    session = Session(address, located.phone, deadline)
    try:
        await session.begin(located.usbmux)
        yield session
    finally:
        located.usbmux.abort()
        session.abort()


def _limit(deadline: float) -> float:
    now = asyncio.get_running_loop().time()
    return now + min(STEP_LIMIT_S, max(0.0, deadline - now) * STEP_SHARE)
