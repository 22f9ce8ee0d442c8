"""iPhones and iPads, in the shape in which the methods know a kind of device.

Handlers call these functions on their own threads; the work is done in the event loop. Each returns before the call's
deadline, with what there is by then.
"""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, Any

from pyworker import log
from pyworker.errors import failure, not_that_way
from pyworker.findings import Unread
from pyworker.ios import loop, registry
from pyworker.ios.fetch import fetch
from pyworker.ios.identity import identify
from pyworker.ios.logs import collect
from pyworker.ios.models import marketing_name
from pyworker.ios.session import Located, locate, open_session
from pyworker.ios.standing import GONE, LOCKED, READY, SILENT
from pyworker.ios.unanswered import Unanswered, by
from pyworker.ios.usbmux import address_of, may_be_udid, open_usbmux, preferred, same_udid
from pyworker.platforms import Device, Observed, Platform, unasked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyworker.call import Call
    from pyworker.ios.session import Session
    from pyworker.ios.standing import Standing
    from pyworker.ios.stream import Address
    from pyworker.ios.usbmux import Attached
    from pyworker.probes import Read

# A listing that takes longer is of no use to a person; phones that stall are listed without their names.
LISTING_LIMIT_S = 3.0
# usbmuxd is on this computer: to list takes it a millisecond.
USBMUXD_LIMIT_S = 1.0

NAME = "ios"

# Reasons that are answers: the phone was asked, and does not have it.
_NO_FAILURES = frozenset(("key_missing", "unsupported"))


def attached(call: Call) -> list[Device]:
    """Every phone on usbmuxd's list, with its public values and its state. Empty where there is no usbmuxd; one that
    cannot be asked is warned of."""
    address = _address(call)
    if address is None:
        return []
    try:
        return loop.run(call, _attached(address, min(loop.answer_by(call), monotonic() + LISTING_LIMIT_S)))
    except Unanswered as cause:
        log.write("warning", "usbmuxd_unusable", reason=cause.reason)
        call.warn(*unasked(cause.reason))
        return []


def find(call: Call, device_id: str) -> Device | None:
    """From usbmuxd's list alone; the phone is not asked. The UDID counts with and without its dash, in any case.

    Raises RpcError device_not_found when it is attached, but not in the way that `hints.connection` asks for.
    """
    address = _address(call) if may_be_udid(device_id) else None
    if address is None:
        return None
    wanted = call.params.get("hints", {}).get("connection")
    try:
        listed = loop.run(call, _list(address, loop.answer_by(call)))
    except Unanswered as cause:
        raise failure("timeout" if cause.reason == "timeout" else "device_protocol_error", "usbmuxd") from None
    ways = [phone for phone in listed if same_udid(phone.serial, device_id)]
    if not ways:
        return None
    if wanted is not None and wanted not in {way.connection for way in ways}:
        raise not_that_way(wanted, preferred(ways).connection)
    return _device(preferred(ways, wanted or "usb"), READY, {})


def observe(call: Call, device: Device, reads: tuple[Read, ...]) -> Observed:
    """Raises RpcError: device_not_found when it is not attached, device_disconnected when it left without a word."""
    address = _address(call)
    if address is None:
        raise failure("device_not_found")
    return loop.run(call, _observe(call, address, device, reads))


async def _list(address: Address, deadline: float) -> list[Attached]:
    """Empty where there is no usbmuxd. Raises Unanswered where there is one that cannot be talked to."""
    limit = min(deadline, asyncio.get_running_loop().time() + USBMUXD_LIMIT_S)
    try:
        usbmux = await by(limit, open_usbmux(address))
    except OSError:
        return []
    try:
        return await by(limit, usbmux.attached())
    finally:
        usbmux.abort()


async def _attached(address: Address, deadline: float) -> list[Device]:
    """All phones side by side; one that is attached in two ways is listed once, by USB. Raises Unanswered."""
    listed = await _list(address, deadline)
    ways: dict[str, list[Attached]] = {}
    for phone in listed:
        ways.setdefault(phone.udid, []).append(phone)
    async with asyncio.TaskGroup() as group:
        looks = [group.create_task(_look_at(address, preferred(way), deadline)) for way in ways.values()]
    return sorted(look.result() for look in looks)


async def _look_at(address: Address, phone: Attached, deadline: float) -> Device:
    try:
        return await by(deadline, _ask_for_state(address, phone, deadline))
    except (Unanswered, OSError):
        return _device(phone, SILENT, {})


async def _ask_for_state(address: Address, phone: Attached, deadline: float) -> Device:
    async with open_session(address, Located(phone, await open_usbmux(address)), deadline) as session:
        standing = session.standing
        if standing is READY:
            try:
                if await session.get_value("", "PasswordProtected") is True:
                    standing = LOCKED
            except Unanswered:
                pass  # it said nothing about a lock, and that it trusts this computer is known
        return _device(phone, standing, session.public if isinstance(session.public, dict) else {})


async def _observe(call: Call, address: Address, device: Device, reads: tuple[Read, ...]) -> Observed:
    deadline = loop.answer_by(call)
    call.progress("connecting", 0)
    located = await locate(address, device.device_id, device.connection, deadline)
    async with open_session(address, located, deadline) as session:
        answers = await fetch(session, reads, lambda done, total: call.progress("reading", done, total))
    unread = {answer.reason for answer in answers.values() if isinstance(answer, Unread)}
    standing = session.standing
    if "disconnected" in unread and not await _still_there(address, located, deadline):
        standing = GONE
        if all(isinstance(answer, Unread) for answer in answers.values()):
            raise failure("device_disconnected")
    elif standing is READY and ("locked" in unread or _is_locked(answers)):
        standing = LOCKED
    warnings = _warnings(session, standing, unread)
    return Observed(answers, standing.state, located.phone.connection, standing.hint, warnings)


async def _still_there(address: Address, located: Located, deadline: float) -> bool:
    try:
        return located.phone in await _list(address, deadline)
    except Unanswered:
        return True  # nothing says that it left


def _is_locked(answers: Mapping[Read, Any]) -> bool:
    """lockdownd's PasswordProtected: locked now. Of all values, so only where somebody read them."""
    return any(
        isinstance(answer, dict) and answer.get("PasswordProtected") is True
        for read, answer in answers.items() if read.service == "lockdown" and not read.argument
    )


def _warnings(session: Session, standing: Standing, unread: set[str]) -> list[str]:
    warnings = dict.fromkeys([standing.warning] if standing.warning else [])
    if "timeout" in unread:
        warnings["timeout"] = None
    if unread - _NO_FAILURES:
        warnings["partial_data"] = None
    return [*warnings, *sorted(session.warnings)]


def _device(phone: Attached, standing: Standing, public: Mapping[str, Any]) -> Device:
    def text(key: str) -> str:
        value = public.get(key)
        return value if isinstance(value, str) else ""

    model = text("ProductType")
    return Device(
        phone.udid, NAME, phone.connection, standing.state, text("DeviceName"), model, marketing_name(model) or "",
        text("ProductVersion"), standing.hint)


def _address(call: Call) -> Address | None:
    """None when the host that usbmuxd is said to be on has no address."""
    try:
        return address_of(call.settings)
    except OSError:
        return None


IOS = Platform(NAME, attached, find, observe, registry.PROBES, registry.IDENTITY, identify, (), collect)
