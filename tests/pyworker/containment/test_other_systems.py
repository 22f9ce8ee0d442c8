"""What holds where the kernel is not Linux's: the hook alone, put up as those systems' modules do it, over ordinary work."""

import sys

import pytest
from doors import ROOT, Process

from pyworker.virtual.bench import Bench

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the module for macOS knows resource limits")

START = """
import sys; sys.argv = ["pyworker", *{options!r}]; sys.path.insert(0, {root!r})
from protocol import stdio; taken = stdio.take()
{first}
from pyworker.main import main; main(taken)
"""
AS_ON = "from pyworker import containment; from pyworker.containment import {system}; containment.system = {system}"
WITHOUT_LIBUSB = """
import usb1
def missing(): raise FileNotFoundError("libusb-1.0")
usb1.loadLibrary = missing
"""


def worker(bench: Bench, *first: str) -> Process:
    return Process(program=("-c", START.format(options=[*bench.options], root=str(ROOT), first="\n".join(first))))


@pytest.fixture(scope="module")
def bench():
    with Bench(["iphone-clean", "android-clean"]) as bench:
        yield bench


@pytest.mark.parametrize("system", ["windows", "macos"])
def test_ordinary_work_is_never_denied_anything_there(bench, system):
    with worker(bench, AS_ON.format(system=system)) as there:
        devices = there.ask("devices.list")["data"]["devices"]
        assert len(devices) == 2
        for device in devices:
            assert there.ask("inspect.basic", device_id=device["device_id"])["data"]["mdm_enrolled"] is False
        assert there.ask("policy.get")["containment"] == {
            "hook": "sealed", "pending": False, "landlock_abi": None, "seccomp": False, "denials": 0}
        assert there.end() == 0


@pytest.mark.parametrize("system", ["windows", "macos", "linux"])
def test_without_libusb_phones_are_reached_by_the_other_ways(bench, system):
    if system == "linux" and sys.platform != "linux":
        pytest.skip("its layers are this kernel's")
    with worker(bench, WITHOUT_LIBUSB, AS_ON.format(system=system)) as there:
        assert len(there.ask("devices.list")["data"]["devices"]) == 2
        assert there.ask("policy.get")["containment"]["denials"] == 0
        assert there.end() == 0
