"""Independent referees: libimobiledevice's own tools must take a virtual iPhone for a phone.

Debian packages: libimobiledevice-utils. Where CI is set they have to be there; a user's machine may lack them.
"""

from __future__ import annotations

import os
import plistlib
import shutil
import socket
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

from pyworker.virtual.iphone import VirtualIphone, VirtualUsbmuxd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

LIMIT_S = 30


@pytest.fixture(params=["unix", "tcp"])
def usbmuxd(request: pytest.FixtureRequest) -> Iterator[VirtualUsbmuxd]:
    if request.param == "unix" and not hasattr(socket, "AF_UNIX"):
        pytest.skip("this system has no Unix sockets")
    with VirtualUsbmuxd(address=None if request.param == "unix" else ("127.0.0.1", 0)) as usbmuxd:
        yield usbmuxd


@pytest.fixture
def phone(usbmuxd: VirtualUsbmuxd) -> VirtualIphone:
    phone = VirtualIphone.load("iphone-clean")
    usbmuxd.plug(phone)
    return phone


@pytest.fixture
def run(usbmuxd: VirtualUsbmuxd) -> Run:
    def run(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            (tool(command), *arguments), env=environment(usbmuxd), capture_output=True, text=True, timeout=LIMIT_S,
            check=False)

    return run


def tool(command: str) -> str:
    path = shutil.which(command)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(f"{command} is missing: install libimobiledevice-utils")
        pytest.skip(f"{command} is not installed")
    return path


def environment(usbmuxd: VirtualUsbmuxd) -> dict[str, str]:
    return {**os.environ, "USBMUXD_SOCKET_ADDRESS": usbmuxd.libusbmuxd_address}


def as_values(text: str) -> dict[str, str]:
    """The top level of ideviceinfo's text output."""
    lines = [line for line in text.splitlines() if line and not line.startswith(" ")]
    told = {}
    for line in lines:
        key, _, value = line.partition(": ")
        told[key.rstrip(":")] = value
    return told


def test_idevice_id_lists_the_phones(run: Run, usbmuxd: VirtualUsbmuxd, phone: VirtualIphone) -> None:
    other = VirtualIphone.load("iphone-ios12")
    usbmuxd.plug(other)
    done = run("idevice_id", "-l")
    assert done.returncode == 0
    assert {line.split()[0] for line in done.stdout.splitlines() if line.strip()} == {phone.udid, other.udid}


def test_ideviceinfo_reads_a_trusting_phone(run: Run, phone: VirtualIphone) -> None:
    done = run("ideviceinfo", "-u", phone.udid)
    assert done.returncode == 0, done.stderr
    told = as_values(done.stdout)
    values = phone.description["lockdown"]["values"]
    for key in ("SerialNumber", "ProductType", "ActivationState", "InternationalMobileEquipmentIdentity", "DeviceName"):
        assert told[key] == values[key]
    assert len(told) > 60
    assert "fm-activation-locked" in done.stdout


@pytest.mark.parametrize("name", ["iphone-ios12", "iphone-ios26", "iphone-find-my"])
def test_ideviceinfo_reads_old_and_new_phones_as_xml(run: Run, usbmuxd: VirtualUsbmuxd, name: str) -> None:
    phone = VirtualIphone.load(name)
    phone.description["lockdown"].pop("clock_skew_s")
    usbmuxd.plug(phone)
    done = run("ideviceinfo", "-u", phone.udid, "-x")
    assert done.returncode == 0, done.stderr
    assert plistlib.loads(done.stdout.encode()) == phone.description["lockdown"]["values"]


def test_ideviceinfo_reads_domains_and_keys(run: Run, phone: VirtualIphone) -> None:
    battery = run("ideviceinfo", "-u", phone.udid, "-q", "com.apple.mobile.battery")
    assert as_values(battery.stdout)["BatteryCurrentCapacity"] == "80"
    find_my = run("ideviceinfo", "-u", phone.udid, "-q", "com.apple.fmip", "-k", "IsAssociated")
    assert find_my.stdout.strip() == "false"


def test_ideviceinfo_reads_the_public_values_of_a_phone_that_does_not_trust(run: Run, phone: VirtualIphone) -> None:
    phone.state = "untrusted"
    done = run("ideviceinfo", "-s", "-u", phone.udid)
    assert done.returncode == 0, done.stderr
    told = as_values(done.stdout)
    assert told["UniqueDeviceID"] == phone.udid
    assert "SerialNumber" not in told
    assert "Pair" not in {request.request for request in phone.record}


def test_idevicepair_validates_the_pairing(run: Run, phone: VirtualIphone) -> None:
    done = run("idevicepair", "-u", phone.udid, "validate")
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("SUCCESS: Validated pairing")


def test_idevicepair_does_not_validate_what_the_phone_has_forgotten(run: Run, phone: VirtualIphone) -> None:
    phone.state = "stale_record"
    done = run("idevicepair", "-u", phone.udid, "validate")
    assert done.returncode != 0
    assert "SUCCESS" not in done.stdout


def test_idevicediagnostics_reads_the_registry_and_the_reports(run: Run, phone: VirtualIphone) -> None:
    entry = run("idevicediagnostics", "-u", phone.udid, "ioregentry", "AppleSmartBattery")
    assert entry.returncode == 0, entry.stderr
    told = plistlib.loads(entry.stdout.encode())["IORegistry"]
    assert told == phone.description["diagnostics"]["entries"]["AppleSmartBattery"]
    reports = run("idevicediagnostics", "-u", phone.udid, "diagnostics", "All")
    assert reports.returncode == 0, reports.stderr
    assert plistlib.loads(reports.stdout.encode())["GasGauge"]["FullChargeCapacity"] == 100


def test_idevicediagnostics_finds_an_old_battery_and_nothing_under_a_wrong_name(
    run: Run, usbmuxd: VirtualUsbmuxd,
) -> None:
    phone = VirtualIphone.load("iphone-ios12")
    usbmuxd.plug(phone)
    old = run("idevicediagnostics", "-u", phone.udid, "ioregentry", "AppleARMPMUCharger")
    assert plistlib.loads(old.stdout.encode())["IORegistry"]["CycleCount"] == 640
    new = run("idevicediagnostics", "-u", phone.udid, "ioregentry", "AppleSmartBattery")
    assert plistlib.loads(new.stdout.encode()) == {"IORegistry": {}}


def test_idevicediagnostics_cannot_restart_the_phone(run: Run, phone: VirtualIphone) -> None:
    run("idevicediagnostics", "-u", phone.udid, "restart")
    assert "Restart" in {request.request for request in phone.record}
    assert as_values(run("ideviceinfo", "-u", phone.udid).stdout)["ProductType"] == "iPhone14,5"


def test_idevicesyslog_prints_the_log(usbmuxd: VirtualUsbmuxd, phone: VirtualIphone) -> None:
    lines = phone.description["syslog"]["entries"]
    # It runs until it is stopped, so it is read until the last line has come.
    with subprocess.Popen(
        (tool("idevicesyslog"), "-u", phone.udid), env=environment(usbmuxd), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, encoding="utf-8",
    ) as reader:
        assert reader.stdout is not None
        phone.faults.add("com.apple.syslog_relay", "entry", "close", skip=len(lines) - 1)
        seen = ""
        limit = threading.Timer(LIMIT_S, reader.kill)
        limit.start()
        for line in reader.stdout:
            seen += line
            if "com.example.helper" in line:
                break
        reader.terminate()
        limit.cancel()
    for line in lines[:-1]:
        # The name of the phone is left out of what it prints.
        assert line.split(" iPhone-von-Mira ", 1)[1].split("\n")[0] in seen


def test_idevicecrashreport_copies_the_reports_and_removes_none(
    run: Run, phone: VirtualIphone, tmp_path: Path,
) -> None:
    before = repr(phone.description["crash_folder"])
    done = run("idevicecrashreport", "-u", phone.udid, "-k", str(tmp_path))
    assert done.returncode == 0, done.stdout
    copied = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file()}
    reports = dict(phone.description["crash_folder"])
    reports |= reports.pop("Retired")["files"]
    # The tool cuts ".synced" off the names.
    assert copied == {name.removesuffix(".synced"): file["text"] for name, file in reports.items()}
    assert repr(phone.description["crash_folder"]) == before
    asked = [(request.service, request.request) for request in phone.record]
    assert ("com.apple.crashreportmover", "connect") in asked, "unlike the worker, this tool starts the mover"
    assert "RemovePath" not in {request for _, request in asked}


def test_idevicecrashreport_without_keep_is_refused_the_removal(run: Run, phone: VirtualIphone, tmp_path: Path) -> None:
    before = repr(phone.description["crash_folder"])
    run("idevicecrashreport", "-u", phone.udid, str(tmp_path))
    assert "RemovePath" in {request.request for request in phone.record}
    assert repr(phone.description["crash_folder"]) == before
