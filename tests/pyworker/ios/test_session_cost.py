"""What an inspection costs, counted on the virtual phone: connections, requests, the longest chain of round trips."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from ios_bench import ALL_READS, BASIC_READS

from pyworker.ios import reads
from pyworker.ios.fetch import _CONVERSATIONS
from pyworker.virtual.iphone import VirtualIphone

if TYPE_CHECKING:
    from ios_bench import Bench

    from pyworker.probes import Read

# Over the cable: Connect takes one, the handshake of TLS 1.2 two, each request one.
CONNECT, TLS = 1, 2


def services_of(catalogue: tuple[Read, ...]) -> set[str]:
    return {_CONVERSATIONS[read.service][0] for read in catalogue if read.service in _CONVERSATIONS}


@pytest.mark.parametrize("catalogue", [BASIC_READS, ALL_READS])
def test_two_connections_more_than_services(bench: Bench, phone: VirtualIphone, catalogue: tuple[Read, ...]) -> None:
    bench.observe(phone, catalogue)
    assert bench.usbmuxd.connections == len(services_of(catalogue)) + 2


@pytest.mark.parametrize("catalogue", [BASIC_READS, ALL_READS])
def test_nothing_is_asked_twice(bench: Bench, phone: VirtualIphone, catalogue: tuple[Read, ...]) -> None:
    bench.observe(phone, catalogue)
    asked = Counter((request.service, request.request, repr(request.detail)) for request in phone.record)
    twice = {key for key, times in asked.items() if times > 1}
    # The public values, and after StartSession all of them.
    assert {(service, request) for service, request, _ in twice} <= {("lockdown", "GetValue"), ("usbmuxd", "Connect")}
    assert len([key for key in twice if key[1] == "GetValue"]) == 1


def test_a_basic_inspection_is_this_chain_of_round_trips(bench: Bench, phone: VirtualIphone) -> None:
    bench.observe(phone, BASIC_READS)
    at_lockdownd = [request.request for request in phone.record if request.service == "lockdown"]
    values = len([read for read in BASIC_READS if read.service == "lockdown"])
    services = len(services_of(BASIC_READS))
    assert at_lockdownd[:2] == ["GetValue", "StartSession"]
    # Services are started first, so that they are spoken to while the values are asked for.
    assert at_lockdownd[2:] == ["StartService"] * services + ["GetValue"] * values
    assert CONNECT + len(at_lockdownd) + TLS <= 13


def test_without_trust_it_is_one_connection_and_no_session(bench: Bench, phone: VirtualIphone) -> None:
    phone.state = "untrusted"
    bench.observe(phone, ALL_READS)
    assert bench.usbmuxd.connections == 2
    assert {request.request for request in phone.record} == {"ReadPairRecord", "Connect", "GetValue"}


def test_a_list_of_phones_takes_one_connection_and_one_a_phone(bench: Bench, phone: VirtualIphone) -> None:
    bench.listed()
    assert bench.usbmuxd.connections == 2
    assert bench.usbmuxd.services_started == 0


def test_finding_a_phone_does_not_ask_it(bench: Bench, phone: VirtualIphone) -> None:
    assert bench.find(phone.udid) is not None
    assert bench.usbmuxd.connections == 1
    assert phone.record == []


def test_three_hundred_reports_are_asked_about_together(bench: Bench, phone: VirtualIphone) -> None:
    phone.description["crash_folder"] = {
        f"Shop-2024-05-{day:02}-{minute:06}.ips": {"text": "{}", "mtime": f"2024-05-{day:02}T10:11:12+00:00"}
        for day in range(1, 31) for minute in range(10)
    }
    bench.usbmuxd.latency_s = 0.02
    call = bench.call(10.0)
    before = call.remaining()
    device = bench.find(phone.udid)
    assert device is not None
    from pyworker.ios.platform import IOS

    observed = IOS.observe(call, device, (reads.CRASH_LISTING,))
    assert len(observed.answers[reads.CRASH_LISTING]) == 300
    # One after another they would take six seconds.
    assert before - call.remaining() < 3
