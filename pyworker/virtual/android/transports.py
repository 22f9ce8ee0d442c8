"""The phones an adb server holds, each a transport with a number, and how a request names one of them.

As AOSP client/transport.cpp has it; refusals are worded as the real server's are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pyworker.virtual.android.phone import VirtualAndroid

UNAUTHORIZED = (
    "device unauthorized.\nThis adb server's $ADB_VENDOR_KEYS is not set\n"
    "Try 'adb kill-server' if that seems wrong.\nOtherwise check for a confirmation dialog on your device."
)


class Refusal(Exception):
    """The text of a FAIL answer."""


class Transport(NamedTuple):
    number: int
    phone: VirtualAndroid


def addressed(text: str) -> tuple[str, str, str]:
    """A request as (prefix, wanted phone, what is asked). A serial may contain colons: 127.0.0.1:5555."""
    prefix, _, rest = text.partition(":")
    if prefix not in ("host-serial", "host-transport-id"):
        return "host", "", rest
    wanted, _, name = rest.rpartition(":")
    return prefix, wanted, name


def find(transports: Sequence[Transport], prefix: str, wanted: str) -> Transport:
    """The one that a request with this prefix means. Raises Refusal when it is none or could be several."""
    if prefix == "host-serial":
        fitting = [each for each in transports if is_called(each.phone, wanted)]
        none, several = f"device '{wanted}' not found", "more than one device"
    elif prefix == "host-transport-id":
        fitting = [each for each in transports if str(each.number) == wanted]
        none, several = f"no device with transport id '{wanted}'", "more than one device"
    else:
        fitting = list(transports)
        none, several = "no devices/emulators found", "more than one device/emulator"
    if len(fitting) != 1:
        raise Refusal(several if fitting else none)
    return fitting[0]


def is_called(phone: VirtualAndroid, wanted: str) -> bool:
    """By its serial, its place on the bus, or what it is: "model:Pixel_7"."""
    if wanted in (phone.serial, f"usb:{phone.description.get('usb')}"):
        return True
    key, colon, value = wanted.partition(":")
    if not colon or key not in ("product", "model", "device"):
        return False
    return str(phone.description.get(key, "")).replace(" ", "_") == value


def demand_online(phone: VirtualAndroid) -> None:
    """Raises Refusal unless a service can be opened on it."""
    if phone.state == "unauthorized":
        raise Refusal(UNAUTHORIZED)
    if phone.state != "device":
        raise Refusal(f"device {phone.state}")


def listed(transports: Sequence[Transport], long: bool) -> str:
    """The answer to `devices`, or to `devices -l`."""
    return "".join(_long_row(each) if long else f"{each.phone.serial}\t{each.phone.state}\n" for each in transports)


def _long_row(transport: Transport) -> str:
    phone = transport.phone
    row = f"{phone.serial:<22} {phone.state}"
    if phone.description.get("usb"):
        row += f" usb:{phone.description['usb']}"
    if phone.state == "device":
        for key in ("product", "model", "device"):
            value = "".join(each if each.isalnum() else "_" for each in str(phone.description.get(key, "")))
            row += f" {key}:{value}"
    return f"{row} transport_id:{transport.number}\n"
