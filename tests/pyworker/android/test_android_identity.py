"""Which phone it is: plain properties only, serials that are none, and numbers the shell may not read."""

from __future__ import annotations

from typing import Any

import android_dumps as dumps
import pytest

from pyworker.android import reads
from pyworker.android.identity import identify
from pyworker.findings import Unread
from pyworker.platforms import Device

PHONE = Device("A1B2C3D4E5", "android", "adb-server", "ready")


def _who(properties: dict[str, str | None] | None = None, changes: dict[Any, Any] | None = None, device: Device = PHONE) -> dict[str, Any]:
    return identify(device, dumps.seen({reads.GETPROP: dumps.getprop(properties), **(changes or {})}))


def _told(member: str, properties: dict[str, str | None] | None = None, changes: dict[Any, Any] | None = None) -> object:
    who = _who(properties, changes)
    assert (who[member] is None) == (member in who["unknown"])
    return who["unknown"][member] if who[member] is None else who[member]


def test_a_phone_is_named_by_its_plain_properties():
    who = _who()
    assert (who["device_id"], who["platform"], who["state"], who["connection"]) == ("A1B2C3D4E5", "android", "ready", "adb-server")
    assert (who["brand"], who["manufacturer"], who["model"], who["name"]) == ("Acme", "Acme", "One 5", "Acme One 5")
    assert (who["android_version"], who["os_version"], who["sdk"]) == ("15", "15", 35)
    assert (who["build"], who["abi"]) == ("AP4A.250205.002", "arm64-v8a")


@pytest.mark.parametrize(("serial", "told"), [
    ("A1B2C3D4E5", "A1B2C3D4E5"), ("*******", "masked"), ("<removed by the publisher>", "masked"), ("", "key_missing"),
    (None, "key_missing"), ("unknown", "key_missing"), ("0000000000", "masked"), ("abc", "masked"), ("ZX1G:22", "ZX1G:22")])
def test_a_serial_is_taken_only_if_it_looks_like_one(serial, told):
    assert _told("serial", {"ro.serialno": serial}) == told


def test_the_boot_serial_stands_in_for_one_that_is_hidden():
    assert _told("serial", {"ro.serialno": None, "ro.boot.serialno": "R58M12ABCDE"}) == "R58M12ABCDE"


@pytest.mark.parametrize(("sdk", "told"), [
    ("35", 35), ("9", 9), ("", "key_missing"), ("P", "implausible"), ("0", "implausible"), ("9999", "implausible")])
def test_the_sdk_is_a_number_that_can_be(sdk, told):
    assert _told("sdk", {"ro.build.version.sdk": sdk}) == told


@pytest.mark.parametrize("key", ["ro.product.marketname", "ro.config.marketing_name", "ro.vendor.oplus.market.name"])
def test_a_marketing_name_is_told_only_by_the_phone(key):
    assert _told("marketing_name", {key: "Acme One Five"}) == "Acme One Five"
    assert _told("marketing_name") == "key_missing"
    assert _who({key: "Acme One Five"})["name"] == "Acme One Five"


@pytest.mark.parametrize(("reply", "told"), [
    (dumps.imei_parcel("490154203237518"), "490154203237518"), (dumps.imei_parcel("A0000012345678"), "A0000012345678"),
    (dumps.REFUSED_PARCEL, "permission_denied"), ("Result: Parcel(00000000 ffffffff   '........')\n", "key_missing"),
    ("service: Service iphonesubinfo does not exist\n", "unreadable"), ("Result: Parcel(\n", "unreadable"),
    (dumps.imei_parcel("hello"), "unreadable"), (dumps.imei_parcel("000000000000000"), "unreadable"),
    (Unread("timeout"), "timeout"), ("/system/bin/sh: service: not found\n", "unsupported")])
def test_the_imei_is_told_where_the_shell_may_read_it(reply, told):
    assert _told("imei", changes={reads.IMEI: reply}) == told


def test_the_region_is_told_where_there_is_one():
    assert _told("region", {"ro.csc.country_code": "Germany"}) == "Germany"
    assert _told("region", {"ro.miui.region": "GB"}) == "GB"


def test_a_phone_that_says_nothing_is_still_the_one_that_was_asked_for():
    silent = dumps.seen(dict.fromkeys(reads.ALL, Unread("unauthorized")))
    who = identify(Device("S1", "android", "usb", "unauthorized", model="Pixel_8"), silent)
    assert (who["device_id"], who["state"], who["name"], who["model"]) == ("S1", "unauthorized", "Pixel_8", None)
    assert set(who["unknown"].values()) == {"unauthorized"}
