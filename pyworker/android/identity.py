"""Which phone this is: the `device` member of a result.

The plain ro.product.* properties are the phone's; ro.product.product.* and others may name the maker of the chip, and
ro.vendor.build.* is often older than the system. There is no property for the marketing name on most phones, and none
is guessed. What could not be read is null, with its reason in `unknown`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pyworker.android import reads, security
from pyworker.findings import MISSING, Unread
from pyworker.probes import Witness

if TYPE_CHECKING:
    from pyworker.android.getprop import Properties
    from pyworker.platforms import Device
    from pyworker.probes import Observations

_SERIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{3,63}$")
NO_SERIALS = frozenset(("unknown", "null", "none"))
_IMEI = re.compile(r"[0-9]{14,16}$|[0-9A-Fa-f]{14}$")
OLDEST_SDK, NEWEST_SDK = 1, 99


def _serial(properties: Properties) -> object:
    """The first that looks like one; asterisks and sentences are what publishers and privacy settings put there."""
    masked = False
    for key in ("ro.serialno", "ro.boot.serialno", "ril.serialnumber"):
        text = properties.get(key)
        if text is None or text.lower() in NO_SERIALS:
            continue
        if _SERIAL.match(text) and len(set(text)) > 1:
            return text
        masked = True
    return Unread("masked") if masked else MISSING if properties.whole else Unread("truncated")


def _sdk(properties: Properties) -> object:
    text = properties.get("ro.build.version.sdk")
    if text is None:
        return MISSING if properties.whole else Unread("truncated")
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else 0
    return number if OLDEST_SDK <= number <= NEWEST_SDK else Unread("implausible")


def _imei(text: str) -> object:
    return text if _IMEI.match(text) and len(set(text)) > 1 else Unread("unreadable")


BRAND = reads.property_witness("ro.product.brand")
MANUFACTURER = reads.property_witness("ro.product.manufacturer")
MODEL = reads.property_witness("ro.product.model")
MARKETING_NAME = reads.first_property(
    "marketing name", "ro.product.marketname", "ro.config.marketing_name", "ro.vendor.oplus.market.name",
    "ro.vivo.market.name", "ro.product.vendor.marketname", "ro.product.odm.marketname")
SERIAL = Witness(reads.GETPROP, "ro.serialno", _serial)
RELEASE = reads.property_witness("ro.build.version.release")
SDK = Witness(reads.GETPROP, "ro.build.version.sdk", _sdk)
BUILD = reads.first_property("build", "ro.build.display.id", "ro.build.id")
FINGERPRINT = reads.first_property("fingerprint", "ro.build.fingerprint", "ro.system.build.fingerprint")
ABI = reads.property_witness("ro.product.cpu.abi")
REGION = reads.first_property(
    "region", "ro.csc.country_code", "ro.miui.region", "ro.oplus.image.my_region.type", "ro.vendor.oplus.regionmark",
    "ro.boot.hwc", "ro.product.locale.region", "ro.product.country.region", "ro.csc.sales_code")
IMEI = Witness(reads.IMEI, "device number", _imei)

MEMBERS: dict[str, Witness] = {
    "brand": BRAND, "manufacturer": MANUFACTURER, "model": MODEL, "marketing_name": MARKETING_NAME, "serial": SERIAL,
    "imei": IMEI, "android_version": RELEASE, "sdk": SDK, "security_patch": security.PATCH, "build": BUILD,
    "fingerprint": FINGERPRINT, "abi": ABI, "region": REGION,
}
READS = (reads.GETPROP, reads.CLOCK, reads.IMEI)


def identify(device: Device, seen: Observations) -> dict[str, Any]:
    """The members of schemas/device.json that an Android phone has; `unknown` gives the reason of each that is null."""
    answers: dict[str, Any] = {name: seen.answer(witness) for name, witness in MEMBERS.items()}
    answers["security_patch_age_days"] = security.patch_age_days(seen)
    unknown = {name: answer.reason for name, answer in answers.items() if isinstance(answer, Unread)}
    values = {name: None if isinstance(answer, Unread) else answer for name, answer in answers.items()}
    name = values["marketing_name"] or " ".join(
        part for part in (values["brand"], values["model"]) if part) or device.name or device.model
    return {
        "device_id": device.device_id, "platform": device.platform, "state": device.state,
        "connection": device.connection, "name": name or None, "os_name": "Android",
        "os_version": values["android_version"] or device.os_version or None, **values, "unknown": unknown,
    }
