"""The virtual iPhone as the library that the worker uses sees it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from pymobiledevice3.exceptions import NotPairedError, PasswordRequiredError
from pymobiledevice3.lockdown import create_using_usbmux
from pymobiledevice3.services.afc import AfcService
from pymobiledevice3.services.diagnostics import DiagnosticsService
from pymobiledevice3.services.installation_proxy import InstallationProxyService
from pymobiledevice3.services.mobile_activation import MobileActivationService
from pymobiledevice3.services.mobile_config import MobileConfigService
from pymobiledevice3.services.os_trace import OsTraceService
from pymobiledevice3.usbmux import list_devices

from pyworker.virtual.iphone import VirtualIphone, VirtualUsbmuxd
from pyworker.virtual.iphone.phone import PHONES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

NAMES = sorted(path.stem for path in PHONES.glob("iphone-*.json"))
# No test waits longer for the library, which has no limits of its own.
LIMIT_S = 20


@contextlib.asynccontextmanager
async def client(usbmuxd: VirtualUsbmuxd, phone: VirtualIphone, folder: Path) -> AsyncIterator[Any]:
    address = usbmuxd.address if isinstance(usbmuxd.address, str) else "{}:{}".format(*usbmuxd.address)
    lockdown = await create_using_usbmux(
        serial=phone.udid, autopair=False, usbmux_address=address, pairing_records_cache_folder=folder)
    try:
        yield lockdown
    finally:
        await lockdown.close()


@pytest.mark.parametrize("name", NAMES)
def test_an_inspection_reads_every_phone(name: str, tmp_path: Path) -> None:
    phone = VirtualIphone.load(name)
    told = phone.description

    async def inspect(usbmuxd: VirtualUsbmuxd) -> None:
        async with asyncio.timeout(LIMIT_S), client(usbmuxd, phone, tmp_path) as lockdown:
            assert lockdown.paired
            assert lockdown.all_values["SerialNumber"] == told["lockdown"]["values"]["SerialNumber"]
            find_my = told["lockdown"]["domains"]["com.apple.fmip"]["IsAssociated"]
            assert await lockdown.get_value("com.apple.fmip", "IsAssociated") is find_my
            state = await MobileActivationService(lockdown).send_command("GetActivationStateRequest")
            assert state["Value"] == told["lockdown"]["values"]["ActivationState"]
            async with MobileConfigService(lockdown) as config:
                assert await config.get_cloud_configuration() == told["cloud_configuration"]
                profiles = await config.get_profile_list()
                assert profiles["OrderedIdentifiers"] == told["profiles"]["OrderedIdentifiers"]
            async with DiagnosticsService(lockdown) as diagnostics:
                battery = await diagnostics.get_battery()
                assert battery["Serial"].startswith("XVBAT")
                options = await diagnostics.ioregistry(name="options")
                assert options == told["lockdown"]["values"]["NonVolatileRAM"]
                assert await diagnostics.ioregistry(name="Nonsense") in ({}, None)
            async with InstallationProxyService(lockdown) as apps:
                assert set(await apps.get_apps("User")) == {
                    app["CFBundleIdentifier"] for app in told["apps"] if app["ApplicationType"] == "User"}

    with VirtualUsbmuxd([phone]) as usbmuxd:
        asyncio.run(inspect(usbmuxd))


def test_the_crash_folder_can_be_listed_and_read_many_at_a_time(tmp_path: Path) -> None:
    phone = VirtualIphone.load("iphone-clean")
    folder = phone.description["crash_folder"]
    folder.update({f"Many-{n}.ips": {"text": f"report {n}", "mtime": "2024-01-01T00:00:00Z"} for n in range(300)})

    async def read(usbmuxd: VirtualUsbmuxd) -> None:
        async with asyncio.timeout(LIMIT_S), client(usbmuxd, phone, tmp_path) as lockdown, \
                AfcService(lockdown, service_name="com.apple.crashreportcopymobile") as afc:
            names = await afc.listdir("/")
            assert names == list(folder)
            stats = await asyncio.gather(*(afc.stat("/" + name) for name in names))
            assert stats[-1]["st_size"] == len("report 299")
            handle = await afc.fopen("/Many-7.ips")
            assert await afc.fread(handle, 1000) == b"report 7"
            await afc.fclose(handle)

    with VirtualUsbmuxd([phone]) as usbmuxd:
        asyncio.run(read(usbmuxd))
    assert "com.apple.crashreportmover" not in {request.service for request in phone.record}


def test_log_entries_arrive_as_they_were_described(tmp_path: Path) -> None:
    phone = VirtualIphone.load("iphone-clean")
    described = [entry for entry in phone.description["log"]["entries"] if entry["level"] != "Debug"]

    async def read(usbmuxd: VirtualUsbmuxd) -> list[Any]:
        async with asyncio.timeout(LIMIT_S), client(usbmuxd, phone, tmp_path) as lockdown, \
                OsTraceService(lockdown) as trace:
            seen: list[Any] = []
            async for entry in trace.syslog(stream_flags=0x0C):
                seen.append(entry)
                if len(seen) == len(described):
                    break
            return seen

    with VirtualUsbmuxd([phone]) as usbmuxd:
        seen = asyncio.run(read(usbmuxd))
    for got, told in zip(seen, described, strict=True):
        assert (got.pid, got.message, got.filename, got.image_name) == (
            told["pid"], told["message"], told["process"], told["sender"])
        assert got.level.name == told["level"].upper()
        assert (got.label and got.label.subsystem) == told.get("subsystem")


def test_processes_are_listed(tmp_path: Path) -> None:
    phone = VirtualIphone.load("iphone-clean")

    async def read(usbmuxd: VirtualUsbmuxd) -> Any:
        async with asyncio.timeout(LIMIT_S), client(usbmuxd, phone, tmp_path) as lockdown, \
                OsTraceService(lockdown) as trace:
            return await trace.get_pid_list()

    with VirtualUsbmuxd([phone]) as usbmuxd:
        assert asyncio.run(read(usbmuxd))["Payload"]["1"]["ProcessName"] == "launchd"


@pytest.mark.parametrize("state", ["untrusted", "dialog_pending", "denied", "stale_record"])
def test_a_phone_without_trust_is_an_unpaired_client(state: str, tmp_path: Path) -> None:
    phone = VirtualIphone.load("iphone-clean")
    phone.state = state

    async def look(usbmuxd: VirtualUsbmuxd) -> None:
        async with asyncio.timeout(LIMIT_S), client(usbmuxd, phone, tmp_path) as lockdown:
            assert not lockdown.paired
            assert "SerialNumber" not in lockdown.all_values
            with pytest.raises(NotPairedError):
                await DiagnosticsService(lockdown).connect()

    with VirtualUsbmuxd([phone]) as usbmuxd:
        asyncio.run(look(usbmuxd))
    assert "Pair" not in {request.request for request in phone.record}


def test_before_first_unlock_the_library_raises(tmp_path: Path) -> None:
    phone = VirtualIphone.load("iphone-clean")
    phone.state = "before_first_unlock"

    async def look(usbmuxd: VirtualUsbmuxd) -> None:
        async with asyncio.timeout(LIMIT_S), client(usbmuxd, phone, tmp_path):
            pass

    with VirtualUsbmuxd([phone]) as usbmuxd, pytest.raises(PasswordRequiredError):
        asyncio.run(look(usbmuxd))


def test_sixteen_phones_are_served_side_by_side(tmp_path: Path) -> None:
    described = VirtualIphone.load("iphone-clean").description
    phones = [VirtualIphone.from_json({**described, "udid": f"00008110-{n:016X}"}) for n in range(1, 17)]

    async def one(usbmuxd: VirtualUsbmuxd, phone: VirtualIphone) -> int:
        async with client(usbmuxd, phone, tmp_path) as lockdown, DiagnosticsService(lockdown) as diagnostics:
            battery = await diagnostics.get_battery()
            assert battery is not None
            return int(battery["CycleCount"])

    async def everyone(usbmuxd: VirtualUsbmuxd) -> list[int]:
        address = usbmuxd.address if isinstance(usbmuxd.address, str) else None
        assert len(await list_devices(usbmux_address=address)) == 16
        async with asyncio.timeout(LIMIT_S):
            return await asyncio.gather(*(one(usbmuxd, phone) for phone in phones))

    with VirtualUsbmuxd(phones, latency_s=0.002) as usbmuxd:
        assert asyncio.run(everyone(usbmuxd)) == [412] * 16
        assert usbmuxd.services_started == 16
