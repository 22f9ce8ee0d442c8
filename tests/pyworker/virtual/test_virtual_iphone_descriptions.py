"""The phones that come with the package: complete, sendable, sourced, and nobody's."""

from __future__ import annotations

import datetime
import itertools
import json
import plistlib
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyworker.virtual.iphone import VirtualIphone
from pyworker.virtual.iphone.phone import PHONES, STATES
from pyworker.virtual.iphone.property_list import Messages, NotAPropertyList, from_json, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = sorted(PHONES.glob("iphone-*.json"))
NAMES = [path.stem for path in FILES]

# Reporting body 00 gives out numbers for test equipment only.
TEST_TAC = "00101700"


def luhn(digits: str) -> bool:
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if index % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def test_the_phones_the_demo_and_the_bench_name_are_there() -> None:
    assert {
        "iphone-clean", "iphone-owner-locked", "iphone-find-my", "iphone-company", "iphone-hello", "iphone-ios12",
        "iphone-ios15", "iphone-ios16", "iphone-ios17", "iphone-ios18", "iphone-ios26",
    } <= set(NAMES)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_every_group_says_where_its_shape_is_known_from(path: Any) -> None:
    raw = json.loads(path.read_text(encoding="utf-8"))
    assert raw["_source"]
    lockdown = raw["lockdown"]
    groups = [lockdown["values"], *lockdown["domains"].values(), raw["profiles"], raw["log"], raw["syslog"]]
    groups += [entry for entry in raw["diagnostics"]["entries"].values()]
    groups += [app for app in raw["apps"]]
    groups += [file for file in raw["crash_folder"].values() if "files" not in file]
    if raw["cloud_configuration"] is not None:
        groups.append(raw["cloud_configuration"])
    assert [group for group in groups if not group.get("_source")] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_source_mark_is_ever_sent(name: str) -> None:
    assert "_source" not in repr(VirtualIphone.load(name).description)


def values(part: Any) -> Iterator[Any]:
    if isinstance(part, dict):
        for item in part.values():
            yield from values(item)
    elif isinstance(part, list):
        for item in part:
            yield from values(item)
    else:
        yield part


@pytest.mark.parametrize("name", NAMES)
def test_whatever_lockdown_and_the_services_tell_is_a_property_list(name: str) -> None:
    description = VirtualIphone.load(name).description
    lockdown, diagnostics = description["lockdown"], description["diagnostics"]
    for told in (lockdown["values"], lockdown["domains"], diagnostics["entries"], description["profiles"],
                 description["apps"], description["cloud_configuration"] or {}):
        for form in (plistlib.FMT_XML, plistlib.FMT_BINARY):
            assert plistlib.loads(plistlib.dumps(told, fmt=form)) == told
    assert all(isinstance(value, bytes) for value in lockdown["values"]["NonVolatileRAM"].values())


@pytest.mark.parametrize("name", NAMES)
def test_everything_personal_is_invented(name: str) -> None:
    phone = VirtualIphone.load(name)
    told = phone.description["lockdown"]["values"]
    for key in ("InternationalMobileEquipmentIdentity", "InternationalMobileEquipmentIdentity2"):
        if key in told:
            assert told[key].startswith(TEST_TAC)
            assert luhn(told[key])
    assert told["SerialNumber"].startswith("XV")
    for key in ("WiFiAddress", "BluetoothAddress", "EthernetAddress"):
        assert int(told[key][:2], 16) & 2, "a locally administered address"
    assert told.get("PhoneNumber", "+1 555 0100").startswith("+1 555 01")
    for address in re.findall(r"[\w.+-]+@([\w.-]+)", json.dumps(phone.description, default=repr)):
        assert address.startswith(("example.", "fe80"))


@pytest.mark.parametrize("name", NAMES)
def test_the_udid_has_the_form_of_its_generation_and_belongs_to_the_chip(name: str) -> None:
    phone = VirtualIphone.load(name)
    told = phone.description["lockdown"]["values"]
    assert told["UniqueDeviceID"] == phone.udid
    if re.fullmatch(r"[0-9A-F]{8}-[0-9A-F]{16}", phone.udid):
        assert int(phone.udid[:8], 16) == int(f"{told['ChipID']:X}", 16)
        assert int(phone.udid[9:], 16) == told["UniqueChipID"]
    else:
        assert re.fullmatch(r"[0-9a-f]{40}", phone.udid)
        assert told["ChipID"] < 0x8020, "chips before the A12 have the longer name"


def test_no_two_phones_are_the_same() -> None:
    phones = [VirtualIphone.load(name) for name in NAMES]
    for key in ("SerialNumber", "UniqueChipID", "WiFiAddress", "InternationalMobileEquipmentIdentity"):
        told = [phone.description["lockdown"]["values"][key] for phone in phones]
        assert len(set(told)) == len(told), key
    assert len({phone.udid for phone in phones}) == len(phones)


@pytest.mark.parametrize("name", NAMES)
def test_a_description_keeps_its_times_and_states_within_what_there_is(name: str) -> None:
    phone = VirtualIphone.load(name)
    assert phone.state in STATES
    assert phone.version
    for file in phone.description["crash_folder"].values():
        if "mtime" in file:
            datetime.datetime.fromisoformat(file["mtime"])


def test_loading_twice_gives_phones_that_share_nothing() -> None:
    first, second = VirtualIphone.load("iphone-clean"), VirtualIphone.load(PHONES / "iphone-clean.json")
    first.description["lockdown"]["values"]["DeviceName"] = "changed"
    assert second.description["lockdown"]["values"]["DeviceName"] != "changed"


def test_the_battery_variants_that_trip_readers_are_all_there() -> None:
    entries = {name: VirtualIphone.load(name).description["diagnostics"]["entries"] for name in NAMES}
    assert "AppleARMPMUCharger" in entries["iphone-ios12"]
    assert "AppleSmartBattery" not in entries["iphone-ios12"]
    nested = entries["iphone-ios26"]["AppleSmartBattery"]
    assert nested["MaxCapacity"] == 100
    assert "DesignCapacity" not in nested
    assert nested["BatteryData"]["DesignCapacity"] > 3000
    worn = entries["iphone-ios16"]["AppleSmartBattery"]
    assert worn["NominalChargeCapacity"] - worn["AppleRawMaxCapacity"] > 0.15 * worn["DesignCapacity"]
    assert entries["iphone-ios17"]["AppleSmartBattery"]["InstantAmperage"] > 1 << 63
    new = entries["iphone-ios18"]["AppleSmartBattery"]
    assert new["NominalChargeCapacity"] > new["DesignCapacity"]


# -- how JSON says what it has no word for ---------------------------------------------------------------------------


def test_data_dates_and_marks_in_json() -> None:
    assert from_json({
        "_source": "somewhere", "a": {"$text": "YES"}, "b": {"$base64": "AAE="},
        "c": [{"$date": "2025-01-31T09:00:00+01:00"}],
        "d": {"$text": "x", "more": 1},
    }) == {"a": b"YES", "b": b"\0\1", "c": [datetime.datetime(2025, 1, 31, 8)], "d": {"$text": "x", "more": 1}}


BODIES = st.dictionaries(st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=8),
                         st.one_of(st.integers(-2**63, 2**64 - 1), st.binary(max_size=50), st.booleans()), max_size=4)


@given(bodies=st.lists(st.tuples(BODIES, st.sampled_from([plistlib.FMT_XML, plistlib.FMT_BINARY])), max_size=4),
       cuts=st.lists(st.integers(0, 2000), max_size=8), rest=st.binary(max_size=3))
def test_messages_come_out_whole_however_they_were_cut(
    bodies: list[tuple[dict[str, Any], plistlib.PlistFormat]], cuts: list[int], rest: bytes,
) -> None:
    sent = b"".join(wrap(plistlib.dumps(body, fmt=form)) for body, form in bodies) + rest
    places = sorted({0, len(sent), *(cut % (len(sent) + 1) for cut in cuts)})
    messages = Messages()
    seen = [tuple(message) for start, end in itertools.pairwise(places)
            for message in messages.feed(sent[start:end])]
    assert seen == [(body, form) for body, form in bodies]
    assert messages.rest() == rest


@given(st.binary(min_size=1, max_size=200))
def test_whatever_is_no_property_list_is_called_so(noise: bytes) -> None:
    try:
        list(Messages().feed(wrap(noise)))
    except NotAPropertyList:
        return
    assert isinstance(plistlib.loads(noise), dict)
