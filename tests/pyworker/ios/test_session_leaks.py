"""After a thousand inspections that went wrong: the descriptors, threads and files there were, and still at work."""

from __future__ import annotations

import gc
import os
import random
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from ios_bench import ALL_READS, BASIC_READS

from protocol.errors import RpcError
from pyworker.virtual.iphone import VirtualIphone
from pyworker.virtual.iphone.faults import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ios_bench import Bench

SERVICES = ("usbmuxd", "lockdown", "com.apple.mobile.MCInstall", "com.apple.mobile.diagnostics_relay")
STEPS = (
    "*", "ReadPairRecord", "Connect", "GetValue", "StartSession", "StartService", "IORegistry", "GetProfileList", "TLS")
STALLS = {"stall", "half_reply", "huge_length", "tls_stall"}
SETTLED_S = 5.0


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def settles(count: Callable[[], int], at: int) -> bool:
    """Connections are closed by the event loop's next turns, so give it a moment."""
    end = time.monotonic() + SETTLED_S
    while count() > at and time.monotonic() < end:
        time.sleep(0.01)
    return count() <= at


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts descriptors where the system shows them")
def test_a_thousand_faulty_inspections_leave_nothing_behind(
    bench: Bench, phone: VirtualIphone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    chance = random.Random(20240501)
    bench.observe(phone, ALL_READS)
    gc.collect()
    gc.disable()
    try:
        time.sleep(0.1)
        before = descriptors(), threading.active_count()
        for _ in range(1000):
            kind = chance.choice(sorted(KINDS - {"trickle"}))
            phone.faults.clear()
            phone.faults.add(chance.choice(SERVICES), chance.choice(STEPS), kind, skip=chance.choice((0, 0, 1, 2)))
            with suppress(RpcError):
                bench.observe(phone, BASIC_READS, 0.03 if kind in STALLS else 1.0)
            if kind == "unplug":
                bench.usbmuxd.plug(phone)
        phone.faults.clear()
        assert settles(descriptors, before[0])
        assert settles(threading.active_count, before[1])
    finally:
        gc.enable()
    assert list(tmp_path.iterdir()) == []
    bench.usbmuxd.plug(phone)
    assert bench.observe(phone).state == "ready"


def test_handshakes_that_never_end_leave_no_descriptor(bench: Bench, phone: VirtualIphone) -> None:
    bench.observe(phone)
    time.sleep(0.1)
    before = descriptors()
    phone.faults.add("*", "TLS", "tls_stall")
    for _ in range(20):
        bench.observe(phone, BASIC_READS, 0.05)
    assert settles(descriptors, before)
