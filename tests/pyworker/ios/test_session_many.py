"""Many phones at once: each gets its own answer, and none waits for another that is silent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from ios_bench import ALL_READS

from pyworker.findings import Unread
from pyworker.ios import reads
from pyworker.virtual.iphone import VirtualIphone

if TYPE_CHECKING:
    from ios_bench import Benches

PHONES = 16


def phones() -> list[VirtualIphone]:
    made = []
    for number in range(PHONES):
        description = dict(VirtualIphone.load("iphone-clean").description)
        lockdown = dict(description["lockdown"])
        udid = f"00008110-{number:016X}"
        lockdown["values"] = {**lockdown["values"], "UniqueDeviceID": udid, "SerialNumber": f"SERIAL{number:04}"}
        made.append(VirtualIphone({**description, "udid": udid, "lockdown": lockdown}))
    return made


def test_each_phone_gets_its_own_answers(bench_of: Benches) -> None:
    several = phones()
    bench = bench_of(*several)
    with ThreadPoolExecutor(PHONES) as pool:
        observed = list(pool.map(lambda phone: bench.observe(phone, ALL_READS), several))
    serials = [one.answers[reads.ALL_VALUES]["SerialNumber"] for one in observed]
    assert serials == [f"SERIAL{number:04}" for number in range(PHONES)]
    assert {one.state for one in observed} == {"ready"}


def test_silent_phones_do_not_hold_up_the_others(bench_of: Benches) -> None:
    several = phones()
    for phone in several[::2]:
        phone.faults.add("lockdown", "*", "stall")
    bench = bench_of(*several)
    with ThreadPoolExecutor(PHONES) as pool:
        observed = list(pool.map(lambda phone: bench.observe(phone, ALL_READS, 2.0), several))
    assert [one.state for one in observed] == ["offline", "ready"] * (PHONES // 2)
    assert all(set(one.answers.values()) == {Unread("timeout")} for one in observed[::2])


def test_all_are_listed_with_the_silent_ones_among_them(bench_of: Benches) -> None:
    several = phones()
    several[3].faults.add("lockdown", "*", "stall")
    bench = bench_of(*several)
    listed = bench.listed()
    assert [device.device_id for device in listed] == [phone.udid for phone in several]
    assert [device.state for device in listed].count("ready") == PHONES - 1
    assert (listed[3].state, listed[3].name) == ("offline", "")
