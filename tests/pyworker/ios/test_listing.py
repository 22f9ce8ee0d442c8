"""The list of attached phones, and finding one of them."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest

from pyworker.ios.platform import IOS, LISTING_LIMIT_S
from pyworker.ios.standing import BEFORE_FIRST_UNLOCK, LOCKED, NEVER_TRUSTED, READY, SILENT, STALE_RECORD, Standing
from pyworker.virtual.iphone import VirtualIphone

if TYPE_CHECKING:
    from ios_bench import Bench, Benches


def test_a_phone_is_listed_with_its_public_values(bench: Bench, phone: VirtualIphone) -> None:
    (device,) = bench.listed()
    values = phone.description["lockdown"]["values"]
    assert device.device_id == phone.udid
    assert (device.platform, device.connection, device.state, device.hint) == ("ios", "usb", "ready", "")
    assert (device.name, device.model, device.os_version) == (
        values["DeviceName"], values["ProductType"], values["ProductVersion"])
    assert device.marketing_name == "iPhone 13"


@pytest.mark.parametrize(("state", "standing"), [
    ("trusted", READY), ("locked", LOCKED), ("untrusted", NEVER_TRUSTED), ("dialog_pending", NEVER_TRUSTED),
    ("stale_record", STALE_RECORD), ("before_first_unlock", BEFORE_FIRST_UNLOCK),
])
def test_the_list_says_how_each_phone_stands(
    bench: Bench, phone: VirtualIphone, state: str, standing: Standing,
) -> None:
    phone.state = state
    (device,) = bench.listed()
    assert (device.state, device.hint) == (standing.state, standing.hint)
    assert device.name == phone.description["lockdown"]["values"]["DeviceName"]


def test_one_phone_before_its_first_unlock_does_not_cost_the_list(bench_of: Benches) -> None:
    phones = [VirtualIphone.load("iphone-clean"), VirtualIphone.load("iphone-owner-locked")]
    phones[0].state = "before_first_unlock"
    bench = bench_of(*phones)
    assert sorted(device.state for device in bench.listed()) == ["locked", "ready"]


def test_a_silent_phone_is_listed_all_the_same_and_in_time(bench: Bench, phone: VirtualIphone) -> None:
    phone.faults.add("lockdown", "*", "stall")
    began = monotonic()
    (device,) = bench.listed()
    assert monotonic() - began < LISTING_LIMIT_S + 1
    assert (device.device_id, device.state, device.hint) == (phone.udid, SILENT.state, SILENT.hint)


@pytest.mark.parametrize("value", [7, b"bytes", ["list"], {"a": 1}, True])
def test_a_name_that_is_no_text_is_left_out(bench: Bench, phone: VirtualIphone, value: Any) -> None:
    phone.description["lockdown"]["values"]["DeviceName"] = value
    (device,) = bench.listed()
    assert device.name == ""


def test_an_empty_bench_and_no_usbmuxd_are_the_same(bench_of: Benches, tmp_path: Any) -> None:
    assert bench_of().listed() == []
    bench = bench_of()
    call = bench.call()
    call.settings.usbmuxd = str(tmp_path / "nothing")
    assert IOS.attached(call) == []
    assert IOS.find(call, "0" * 40) is None


@pytest.mark.parametrize("write", [str, str.lower, lambda udid: udid.replace("-", "")])
def test_a_phone_is_found_however_its_udid_is_written(bench: Bench, phone: VirtualIphone, write: Any) -> None:
    found = bench.find(write(phone.udid))
    assert found is not None
    assert found.device_id == phone.udid
    observed = IOS.observe(bench.call(), found, ())
    assert observed.state == "ready"


@pytest.mark.parametrize("device_id", ["emulator-5554", "192.168.1.5:5555", "R58M12345", "", "../../etc", "0" * 40])
def test_what_is_not_attached_is_not_found(bench: Bench, device_id: str) -> None:
    assert bench.find(device_id) is None
