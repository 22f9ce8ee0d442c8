"""The phones that ship: each is whole, says where its shapes are known from, and is what its name says."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path

import pytest

import pyworker.virtual
from pyworker.virtual.android import VirtualAndroid
from pyworker.virtual.android.commands.properties import parsed_properties
from pyworker.virtual.android.mksh import Shell, Signals
from pyworker.virtual.android.mksh.descriptors import Collected, Null

PHONES = Path(pyworker.virtual.__file__).parent / "phones"
NAMES = sorted(path.parent.name for path in PHONES.glob("android-*/phone.json"))
EVERY_PHONE = [
    "getprop", "dumpsys battery", "dumpsys device_policy", "dumpsys account", "dumpsys diskstats", "df", "df -k /data", "dumpsys trust",
    "dumpsys dropbox", "dumpsys batterystats", "dumpsys window", "dumpsys window policy", "dumpsys display", "dumpsys media.camera",
    "dumpsys sensorservice", "dumpsys meminfo", "wm size",
]
KINDS_OF_SOURCES = re.compile(r"AOSP|published dumps|assumption|toybox|toolbox|Linux")


def test_the_phones_the_documents_speak_of_are_there() -> None:
    assert {"android-clean", "android-company", "android-5", "android-9", "android-12", "android-16", "android-samsung", "android-xiaomi",
            "android-rooted", "android-work-profile", "android-frp-locked"} <= set(NAMES)


@pytest.fixture(params=NAMES)
def phone(request: pytest.FixtureRequest) -> VirtualAndroid:
    return VirtualAndroid.load(request.param)


def run(phone: VirtualAndroid, script: str) -> str:
    out = Collected()
    Shell(phone, Null(), out, out, Signals(threading.Event())).run(script)
    return out.text().decode()


def test_it_answers_what_an_inspection_asks(phone: VirtualAndroid) -> None:
    for command in EVERY_PHONE:
        assert command in phone.outputs, command
    for script in ("settings get global device_provisioned", "settings get secure user_setup_complete", "cat /proc/meminfo", "cat /proc/uptime",
                   "getenforce", "id", "logcat -d"):
        assert run(phone, script).strip() not in ("", "null"), script
    assert ("dumpsys thermalservice" in phone.outputs) == (phone.sdk >= 29)
    assert ("dumpsys persistent_data_block" in phone.outputs) == (phone.sdk >= 35)
    assert ("cmd device_policy list-owners" in phone.outputs) == (phone.sdk >= 31)


def test_its_banner_is_its_properties(phone: VirtualAndroid) -> None:
    assert run(phone, "getprop ro.product.model").strip() == phone.description["model"]
    assert run(phone, "getprop ro.build.version.sdk").strip() == str(phone.sdk)
    assert run(phone, "getprop ro.serialno").strip() == phone.serial
    assert f"ro.product.model={phone.description['model']};".encode() in phone.banner()
    assert ("shell_v2" in phone.features) == (phone.sdk >= 24)


def test_it_says_where_each_shape_is_known_from(phone: VirtualAndroid) -> None:
    sources = phone.description["sources"]
    for command in phone.outputs:
        assert KINDS_OF_SOURCES.search(sources.get(command, "")), command
    for name in ("settings", "logcat"):
        assert KINDS_OF_SOURCES.search(sources[name])


def test_its_outputs_have_the_phones_line_ends_and_no_stray_files(phone: VirtualAndroid) -> None:
    for command, output in phone.outputs.items():
        assert isinstance(output.stdout, bytes)
        assert b"\r" not in output.stdout, command
        assert output.stdout.endswith(b"\n") or not output.stdout, command


def test_nothing_personal_is_in_it(phone: VirtualAndroid) -> None:
    text = json.dumps(phone.description) + "".join(
        output.stdout.decode() for output in phone.outputs.values() if isinstance(output.stdout, bytes))
    assert set(re.findall(r"[\w.]+@([\w.]*\w\.[a-z]{2,})\b", text)) <= {"example.com", "work.example.com"}
    assert not [number for number in re.findall(r"\b\d{15}\b", text) if number != "004999010640000"]


def test_serials_differ() -> None:
    serials = [VirtualAndroid.load(name).serial for name in NAMES]
    assert len(set(serials)) == len(serials)


def test_every_file_of_a_phones_folder_is_used() -> None:
    for name in NAMES:
        folder = PHONES / name
        text = (folder / "phone.json").read_text()
        for path in folder.iterdir():
            assert path.name in ("phone.json", "files") or f'"{path.name}"' in text, path


def test_the_hidden_unlock_is_a_contradiction_in_the_properties() -> None:
    output = VirtualAndroid.load("android-rooted").outputs["getprop"].stdout
    assert isinstance(output, bytes)
    properties = parsed_properties(output.decode())
    assert properties["ro.boot.vbmeta.device_state"] == "locked"
    assert properties["vendor.boot.vbmeta.device_state"] == "unlocked"
    assert properties["vendor.boot.verifiedbootstate"] == "orange"


def test_the_managed_phones_are_managed_and_the_others_are_not() -> None:
    owners = {name: VirtualAndroid.load(name).outputs["dumpsys device_policy"].stdout for name in NAMES}
    assert all(isinstance(text, bytes) for text in owners.values())
    assert [name for name in NAMES if b"  Device Owner: \n" in bytes(owners[name])] == ["android-company"]  # type: ignore[arg-type]
    assert [name for name in NAMES if b"  Profile Owner (User" in bytes(owners[name])] == [  # type: ignore[arg-type]
        "android-samsung", "android-work-profile"]


def test_every_account_is_of_a_type_that_some_app_signs_in(phone: VirtualAndroid) -> None:
    for user in run(phone, "dumpsys account").split("User UserInfo{")[1:]:
        signed_in = set(re.findall(r"Account \{name=.*, type=(.*)\}", user))
        assert signed_in <= set(re.findall(r"AuthenticatorDescription \{type=(.*?)\}", user))
