"""The identity: all members always there, null when unknown, and what an unpaired phone gives."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyworker.findings import REASONS, Unread
from pyworker.ios import identity, models, reads
from pyworker.platforms import Device
from pyworker.probes import Observations, parsed

DEVICE = Device("00008110-0011223344556677", "ios", "usb", "ready", hint="")

VALUES = {
    "DeviceName": "Zoë’s iPhone", "ProductType": "iPhone14,5", "DeviceClass": "iPhone", "ModelNumber": "MLPG3",
    "RegionInfo": "LL/A",
    "DeviceColor": "1", "DeviceEnclosureColor": "2", "SerialNumber": "F17ABCDEFG",
    "UniqueDeviceID": "00008110-0011223344556677",
    "InternationalMobileEquipmentIdentity": "356000000000001",
    "InternationalMobileEquipmentIdentity2": "356000000000002",
    "MobileEquipmentIdentifier": "35600000000000", "IntegratedCircuitCardIdentity": "", "UniqueChipID": 2 ** 60 + 5,
    "ProductVersion": "18.5", "BuildVersion": "22F76", "BasebandVersion": "5.00.00", "WiFiAddress": "aa:bb:cc:00:11:22",
    "BluetoothAddress": "aa:bb:cc:00:11:23", "EthernetAddress": "aa:bb:cc:00:11:24", "HardwareModel": "D17AP",
    "CPUArchitecture": "arm64e", "MLBSerialNumber": "F3X000000000000000", "ActivationState": "Activated"}
PUBLIC = ("DeviceName", "ProductType", "DeviceClass", "DeviceColor", "UniqueDeviceID", "UniqueChipID", "ProductVersion",
    "BuildVersion",
          "BasebandVersion", "WiFiAddress", "HardwareModel", "CPUArchitecture")


def identified(answers, device=DEVICE):
    return identity.identify(device, Observations(parsed(answers)))


def test_a_paired_phone_is_known_in_full():
    assert identified({reads.ALL_VALUES: VALUES, reads.DISK_USAGE: {"TotalDiskCapacity": 128_000_000_000}}) == {
        "device_id": "00008110-0011223344556677", "platform": "ios", "state": "ready", "connection": "usb",
        "name": "Zoë’s iPhone", "model": "iPhone14,5", "marketing_name": "iPhone 13", "model_number": "MLPG3LL/A",
        "region": "LL/A", "color": "1", "enclosure_color": "2", "serial": "F17ABCDEFG", "imei": "356000000000001",
        "imei2": "356000000000002", "meid": "35600000000000", "iccid": None, "udid": "00008110-0011223344556677",
        "ecid": "1152921504606846981", "os_name": "iOS", "os_version": "18.5", "build": "22F76",
        "baseband_version": "5.00.00",
        "wifi_mac": "aa:bb:cc:00:11:22", "bluetooth_mac": "aa:bb:cc:00:11:23", "ethernet_mac": "aa:bb:cc:00:11:24",
        "capacity_bytes": 128_000_000_000, "hardware_model": "D17AP", "cpu_architecture": "arm64e",
        "logic_board_serial": "F3X000000000000000", "unknown": {"iccid": "key_missing"}}


def test_an_unpaired_phone_gives_its_public_values_and_null_for_the_rest():
    silent = {read: Unread("not_paired") for read in reads.ALL}
    said = identified({**silent, reads.ALL_VALUES: {key: VALUES[key] for key in PUBLIC}})
    assert said.keys() == identified({}).keys()
    assert (said["model"], said["ecid"], said["os_version"]) == ("iPhone14,5", "1152921504606846981", "18.5")
    assert all(said[member] is None for member in ("serial", "imei", "model_number", "capacity_bytes", "bluetooth_mac"))
    assert {said["unknown"][member] for member in ("serial", "imei", "model_number",
        "capacity_bytes")} == {"not_paired"}


def test_each_null_has_its_reason_and_each_value_has_none():
    for answers in ({}, {reads.ALL_VALUES: VALUES}, {read: Unread("timeout") for read in reads.ALL}):
        said = identified(answers)
        assert said["unknown"].keys() == {member for member, value in said.items() if value is None}


def test_a_model_without_a_known_name_keeps_its_type():
    said = identified({reads.ALL_VALUES: {**VALUES, "ProductType": "iPhone77,1"}})
    assert (said["model"], said["marketing_name"]) == ("iPhone77,1", None)


def test_a_phone_that_says_nothing_is_known_by_what_the_listing_told():
    device = Device("abc", "ios", "usb", "offline", name="bench", model="iPhone12,1", os_version="17.1")
    said = identified({read: Unread("timeout") for read in reads.ALL}, device)
    assert (said["name"], said["marketing_name"], said["os_version"], said["udid"]) == ("bench", "iPhone 11", "17.1",
        "abc")


@pytest.mark.parametrize(("kind", "version", "name"), [
    ("iPhone", "18.5", "iOS"), ("iPad", "18.5", "iPadOS"), ("iPad", "12.5.7", "iOS"), ("iPod", "15.8", "iOS"),
    ("iPhone", "3.1.3", "iPhone OS"), ("iPhone", None, "iOS"), ("iPad", None, None), ("AppleTV", "18.0", None),
    (None, "18.0", None),
    ("iPad", "²", None)])
def test_the_systems_name_follows_from_the_kind_of_device(kind, version, name):
    assert identity.os_name(kind, version) == name


@pytest.mark.parametrize("ecid", [True, 0, -1, [], {}, 1.5, ""])
def test_what_is_no_ecid_is_null(ecid):
    assert identified({reads.ALL_VALUES: {"UniqueChipID": ecid, "SerialNumber": "x"}})["ecid"] is None


@pytest.mark.parametrize(("model", "name"), [
    ("iPhone1,1", "iPhone"), ("iPhone8,4", "iPhone SE (1st generation)"), ("iPhone10,6", "iPhone X"),
    ("iPhone14,7", "iPhone 14"),
    ("iPhone17,5", "iPhone 16e"), ("iPhone18,4", "iPhone Air"), ("iPhone19,7", "iPhone 18 Pro Max"),
    ("iPad2,4", "iPad 2"),
    ("iPad13,19", "iPad (10th generation)"), ("iPad14,11", "iPad Air 13-inch (M2)"),
    ("iPad16,2", "iPad mini (A17 Pro)"),
    ("iPod9,1", "iPod touch (7th generation)"), ("iPhone99,1", None), ("iPhone14", None), ("", None), (None, None)])
def test_marketing_names(model, name):
    assert models.marketing_name(model) == name


def test_the_table_of_models_is_whole():
    """One line per family counted by hand from the public device lists, so that a lost line is noticed."""
    families = {family: sum(key.startswith(family) for key in models.NAMES) for family in ("iPhone", "iPad", "iPod")}
    assert families == {"iPhone": 67, "iPad": 105, "iPod": 7}
    assert all(name and name == name.strip() for name in models.NAMES.values())


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.datetimes(),
    st.just(10 ** 400))


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(VALUES)), st.one_of(SCALARS, st.lists(SCALARS, max_size=2))),
       st.one_of(SCALARS, st.sampled_from(sorted(REASONS)).map(Unread)))
def test_values_of_any_type_make_texts_or_nulls(values, disk):
    said = identified({reads.ALL_VALUES: values, reads.DISK_USAGE: disk})
    json.dumps(said, allow_nan=False)
    assert all(value is None or isinstance(value, str) for member, value in said.items()
               if member not in ("capacity_bytes", "unknown"))
