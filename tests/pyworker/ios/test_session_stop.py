"""A call that is stopped is let go at once, wherever its inspection waits."""

from __future__ import annotations

import threading
from time import monotonic, sleep
from typing import TYPE_CHECKING

import pytest
from ios_bench import ALL_READS

from protocol.errors import REQUEST_CANCELLED, RpcError
from pyworker.ios.platform import IOS
from pyworker.virtual.iphone import VirtualIphone

if TYPE_CHECKING:
    from ios_bench import Bench

WITHIN_S = 1.0


@pytest.mark.parametrize(("service", "step", "kind"), [
    ("usbmuxd", "ReadPairRecord", "stall"), ("usbmuxd", "Connect", "stall"), ("lockdown", "GetValue", "stall"),
    ("lockdown", "StartSession", "half_reply"), ("lockdown", "TLS", "tls_stall"), ("lockdown", "StartService", "stall"),
    ("com.apple.mobile.MCInstall", "TLS", "tls_stall"), ("com.apple.mobile.MCInstall", "GetProfileList", "half_reply"),
    ("com.apple.crashreportcopymobile", "ReadDir", "stall"),
])
def test_stopping_wakes_an_inspection(
    bench: Bench, phone: VirtualIphone, service: str, step: str, kind: str,
) -> None:
    phone.faults.add(service, step, kind)
    device = bench.find(phone.udid)
    assert device is not None
    call = bench.call(30.0)
    ended: list[float] = []
    problem: list[RpcError] = []

    def handler() -> None:
        try:
            IOS.observe(call, device, ALL_READS)
        except RpcError as error:
            problem.append(error)
        ended.append(monotonic())

    thread = threading.Thread(target=handler)
    thread.start()
    sleep(0.1)
    stopped = monotonic()
    call.stop()
    thread.join(10)
    assert ended[0] - stopped < WITHIN_S
    assert [error.code for error in problem] == [REQUEST_CANCELLED]
    phone.faults.clear()
    assert bench.observe(phone).state == "ready"


def test_a_call_that_was_stopped_before_does_nothing(bench: Bench, phone: VirtualIphone) -> None:
    device = bench.find(phone.udid)
    assert device is not None
    call = bench.call()
    call.stop()
    with pytest.raises(RpcError) as caught:
        IOS.observe(call, device, ALL_READS)
    assert caught.value.code == REQUEST_CANCELLED


def test_progress_counts_the_services(bench: Bench, phone: VirtualIphone) -> None:
    device = bench.find(phone.udid)
    assert device is not None
    call = bench.call()
    told: list[tuple[str, int, int | None]] = []
    call.report = lambda stage, done, total: told.append((stage, done, total))
    IOS.observe(call, device, ALL_READS)
    assert told[0] == ("connecting", 0, None)
    services = len({read.service for read in ALL_READS})
    assert told[1:] == [("reading", done, services) for done in range(1, services + 1)]
