"""Who this device is: the `device` member of a result, from the answers alone.

Each member is there, and null when it is not known, with its reason in `unknown`: an unpaired phone tells its model,
system, UDID, ECID and addresses, not its serial number or IMEI. ECID is text, since it exceeds what JSON numbers can
hold. A phone writes "iPhone OS" on iPads too, so the system's name follows from the kind of device.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyworker.findings import MISSING, Unread
from pyworker.ios import reads
from pyworker.ios.models import marketing_name
from pyworker.ios.plist import UNREADABLE, text, within
from pyworker.ios.reads import told
from pyworker.probes import Witness

if TYPE_CHECKING:
    from pyworker.platforms import Device
    from pyworker.probes import Observations

IDENTITY = (reads.ALL_VALUES, reads.FIND_MY, reads.DISK_USAGE)

# iPads were told apart from iPhones by the system's name from 13 on; before iOS 4 it was called iPhone OS.
IPADOS_FROM = 13
IOS_FROM = 4

# The smallest iPhone had 4 GB; 100 TB is beyond anything.
SMALLEST, LARGEST = 1_000_000_000, 100_000_000_000_000


def _ecid(value: Any) -> str | Unread:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return str(value)
    return text(value) if isinstance(value, str) else UNREADABLE


def _value(key: str) -> Witness:
    return reads.member_as(reads.ALL_VALUES, key, text)


# Member of the identity -> lockdown's key.
_TEXTS = {
    "model": _value("ProductType"),
    "name": _value("DeviceName"),
    "region": _value("RegionInfo"),
    "color": _value("DeviceColor"),
    "enclosure_color": _value("DeviceEnclosureColor"),
    "serial": _value("SerialNumber"),
    "imei": _value("InternationalMobileEquipmentIdentity"),
    "imei2": _value("InternationalMobileEquipmentIdentity2"),
    "meid": _value("MobileEquipmentIdentifier"),
    "iccid": _value("IntegratedCircuitCardIdentity"),
    "udid": _value("UniqueDeviceID"),
    "os_version": _value("ProductVersion"),
    "build": _value("BuildVersion"),
    "baseband_version": _value("BasebandVersion"),
    "wifi_mac": _value("WiFiAddress"),
    "bluetooth_mac": _value("BluetoothAddress"),
    "ethernet_mac": _value("EthernetAddress"),
    "hardware_model": _value("HardwareModel"),
    "cpu_architecture": _value("CPUArchitecture"),
    "logic_board_serial": _value("MLBSerialNumber"),
}
# In the order in which a reader wants them.
MEMBERS = (
    "name", "model", "marketing_name", "model_number", "region", "color", "enclosure_color", "capacity_bytes",
    "os_name", "os_version", "build", "baseband_version", "serial", "imei", "imei2", "meid", "iccid", "udid", "ecid",
    "wifi_mac", "bluetooth_mac", "ethernet_mac", "hardware_model", "cpu_architecture", "logic_board_serial",
)
_CLASS = _value("DeviceClass")
_MODEL_NUMBER = _value("ModelNumber")
_ECID = reads.member_as(reads.ALL_VALUES, "UniqueChipID", _ecid)
_CAPACITY = reads.member_as(reads.DISK_USAGE, "TotalDiskCapacity", lambda value: within(value, SMALLEST, LARGEST))


def identify(device: Device, seen: Observations) -> dict[str, Any]:
    answers: dict[str, Any] = {member: told(seen, witness) for member, witness in _TEXTS.items()}
    number = told(seen, _MODEL_NUMBER)
    answers["name"] = _or(answers["name"], device.name)
    answers["model"] = _or(answers["model"], device.model)
    answers["udid"] = _or(answers["udid"], device.device_id)
    answers["os_version"] = _or(answers["os_version"], device.os_version)
    answers["ecid"] = seen.answer(_ECID)
    answers["capacity_bytes"] = seen.answer(_CAPACITY)
    answers["model_number"] = number if isinstance(number, Unread) else f"{number}{_known(answers['region']) or ''}"
    model, version = _known(answers["model"]), _known(answers["os_version"])
    answers["marketing_name"] = _or(answers["model"] if model is None else MISSING, marketing_name(model))
    system = os_name(seen[_CLASS] or model, version)
    answers["os_name"] = _or(answers["os_version"] if version is None else MISSING, system)
    return {
        "device_id": device.device_id,
        "platform": device.platform,
        "state": device.state,
        "connection": device.connection,
        **{member: _known(answers[member]) for member in MEMBERS},
        "unknown": {
            member: answer.reason for member in MEMBERS if isinstance(answer := answers[member], Unread)},
    }


def _known(answer: Any) -> Any:
    return None if isinstance(answer, Unread) else answer


def _or(answer: Any, otherwise: str | None) -> Any:
    """What the phone said, else what is known from elsewhere."""
    return otherwise if isinstance(answer, Unread) and otherwise else answer


def os_name(kind: str | None, version: str | None) -> str | None:
    """kind: a DeviceClass ("iPad") or a ProductType ("iPad13,4")."""
    if kind is None or not kind.startswith(("iPhone", "iPad", "iPod")):
        return None
    major = (version or "").partition(".")[0]
    number = int(major) if major.isascii() and major.isdigit() and len(major) < 4 else None
    if number is not None and number < IOS_FROM:
        return "iPhone OS"
    if kind.startswith("iPad"):
        return None if number is None else "iPadOS" if number >= IPADOS_FROM else "iOS"
    return "iOS"
