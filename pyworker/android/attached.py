"""Which Android phones there are: those the adb server holds, and those on the USB bus that it does not.

Asking changes nothing: no server is started, no interface claimed, no name resolved. A phone that only a network
address leads to is not looked for; it is found when a request names that address and the address may be used.
"""

from __future__ import annotations

import ipaddress
import re
from time import monotonic
from typing import TYPE_CHECKING

from pyworker import log
from pyworker.android import adb_server, gate
from pyworker.android.adb_server import HINT_AUTHORIZE, HINT_OFFLINE, HINT_PERMISSIONS, Listed
from pyworker.android.bounded_socket import literal
from pyworker.android.no_answer import NoAnswer
from pyworker.errors import failure, not_that_way
from pyworker.platforms import Device, unasked

if TYPE_CHECKING:
    from pyworker.android.usb_transport import UsbPhone
    from pyworker.call import Call
    from pyworker.settings import Settings

SERVER, TCP, USB = "adb-server", "adb-tcp", "adb-usb"

_LIST_LIMIT_S = 3.0  # the server answers from memory; one that takes longer hangs, and others wait for the list

# The server's word for a phone, as a state and what can be done about it.
_STATES: dict[str, tuple[str, str]] = {
    "device": ("ready", ""),
    "unauthorized": ("unauthorized", HINT_AUTHORIZE),
    "authorizing": ("offline", "The phone is being authorised: wait a moment, and look at its screen."),
    "connecting": ("offline", "The phone is still connecting: wait a moment."),
    "no permissions": ("no_permissions", HINT_PERMISSIONS),
    "recovery": ("offline", "The phone runs its recovery system: start Android, then try again."),
    "sideload": ("offline", "The phone waits for an update to be sideloaded: start Android, then try again."),
    "rescue": ("offline", "The phone runs its rescue system: start Android, then try again."),
    "bootloader": ("offline", "The phone is in its bootloader: start Android, then try again."),
}
_NO_SERIAL = "(no serial number)"
_HINT_SERIAL = "The phone's serial number holds characters that cannot be sent to an adb server."


def attached(call: Call) -> list[Device]:
    """Every phone in sight. An adb server that is not there is an empty list; one that misbehaves is warned of as well."""
    try:
        listed = _listed(call)
    except NoAnswer as trouble:
        log.write("warning", "adb_server_misbehaves", reason=trouble.reason)
        call.warn(*unasked(trouble.reason))
        listed = []
    held_ports = {phone.usb for phone in listed}
    devices = [_as_device(phone) for phone in listed]
    known = {device.device_id for device in devices}
    devices += [_usb_as_device(phone) for phone in _on_the_bus()
                if phone.port not in held_ports and phone.device_id not in known]
    return devices


def find(call: Call, device_id: str) -> Device | None:
    """The phone of this name by the way `hints.connection` asks for, else by the first that has it.

    "usb" and "network" say where the phone is, not how to reach it: each way may lead there.
    Raises RpcError timeout or device_protocol_error when nobody has it and the adb server, who might, cannot be asked,
    and device_not_found when it is attached, but not in the way that was asked for.
    """
    hints = call.params.get("hints") or {}
    wanted = hints.get("connection")
    if wanted not in (SERVER, TCP, USB):
        wanted = None
    trouble: NoAnswer | None = None
    if wanted in (None, SERVER):
        try:
            for phone in _listed(call):
                if phone.serial == device_id:
                    return _as_device(phone)
        except NoAnswer as unanswered:
            trouble = unanswered
    if wanted in (None, TCP) and tcp_address(device_id, call.settings) is not None:
        return Device(device_id, "android", TCP, "ready")
    if wanted in (None, USB):
        for on_bus in _on_the_bus():
            if on_bus.device_id == device_id:
                return _usb_as_device(on_bus)
    if wanted is not None and (another := _way_it_has(call, device_id)) not in (None, wanted):
        raise not_that_way(wanted, another)
    if trouble is not None:
        call.check_stopped()
        raise failure("timeout" if trouble.reason == "timeout" else "device_protocol_error", "the adb server")
    return None


def _way_it_has(call: Call, device_id: str) -> str | None:
    """How the phone of this name is attached. A direct address is no sign that a phone is there."""
    return next((device.connection for device in attached(call) if device.device_id == device_id), None)


def tcp_address(device_id: str, settings: Settings) -> tuple[str, int] | None:
    """The address a device_id of the form HOST:PORT names, when a phone may be looked for there; else None.

    Only literal addresses, and of those only this computer's loopback and what the command line allows.
    """
    parts = re.fullmatch(r"\[([0-9A-Fa-f:.]+)\]:([0-9]{1,5})|([^:\[\]]+):([0-9]{1,5})", device_id)
    if parts is None:
        return None
    host, port = literal(parts[1] or parts[3]), int(parts[2] or parts[4])
    if host is None or not 0 < port < 65536:
        return None
    if ipaddress.ip_address(host).is_loopback:
        return host, port
    allowed = {(literal(name), number) for name, number in settings.allow_devices}
    return (host, port) if (host, port) in allowed else None


def _listed(call: Call) -> list[Listed]:
    """Raises NoAnswer when there is an adb server that cannot be talked to."""
    if call.settings.adb_server is None:
        return []
    try:
        return adb_server.list_devices(
            call.settings.adb_server, call, min(call.deadline, monotonic() + _LIST_LIMIT_S))
    except OSError:
        return []


def _as_device(phone: Listed) -> Device:
    state, hint = _STATES.get(phone.state, ("offline", HINT_OFFLINE))
    if state == "ready" and not gate.allows(f"host:transport:{phone.serial}"):
        state, hint = "offline", _HINT_SERIAL
    device_id = f"usb:{phone.usb}" if phone.serial == _NO_SERIAL and phone.usb else phone.serial
    return Device(device_id, "android", SERVER, state, name=phone.device, model=phone.model, hint=hint)


def _on_the_bus() -> list[UsbPhone]:
    try:
        from pyworker.android.usb_transport import usb_phones
    except ImportError:
        return []  # adb-shell is not installed
    return usb_phones()


def _usb_as_device(phone: UsbPhone) -> Device:
    return Device(phone.device_id, "android", USB, phone.state, hint=phone.hint)
