"""Every fault on every way in: a typed answer within the deadline and a second, and the next request works."""

from __future__ import annotations

from time import monotonic

import pytest

from protocol.errors import RpcError
from pyworker.android import attached, reads, session
from pyworker.android.output import Output
from pyworker.findings import Unread
from pyworker.platforms import Device, Observed

READS = (reads.GETPROP, reads.BATTERY, reads.UPTIME)
WAYS = ("server v2", "server exec", "direct")
KINDS = {"timeout", "device_disconnected", "device_protocol_error", "device_not_found"}


def put(bench, way: str) -> tuple[object, Device]:
    """A phone reached in this way."""
    if way == "direct":
        phone = bench.phone()
        return phone, Device(bench.daemon(phone), "android", "adb-tcp", "ready")
    phone = bench.phone() if way == "server v2" else bench.old_phone()
    bench.server(phone)
    return phone, Device(phone.serial, "android", "adb-server", "ready")


def inspect(bench, device: Device, seconds: float) -> Observed | RpcError:
    """The answer, which must come in time and be one of the kinds there are."""
    began = monotonic()
    try:
        outcome: Observed | RpcError = session.observe(bench.call(seconds), device, READS)
    except RpcError as error:
        assert error.kind in KINDS
        outcome = error
    assert monotonic() - began < seconds + 1
    if isinstance(outcome, Observed):
        assert set(outcome.answers) == set(READS)
        assert all(isinstance(answer, Output | Unread) for answer in outcome.answers.values())
    return outcome


WHOLE = {reads.GETPROP: Output(b"[ro.product.model]: [Pixel 8]\n"), reads.BATTERY: Output(b"  level: 80\n"),
         reads.UPTIME: Output(b"12.5 40.1\n")}


def whole(outcome: Observed | RpcError) -> bool:
    return (isinstance(outcome, Observed) and outcome.state == "ready" and not outcome.warnings
            and outcome.answers == WHOLE)


@pytest.mark.parametrize("way", WAYS)
def test_without_a_fault_all_is_read(bench, way: str) -> None:
    _, device = put(bench, way)
    assert whole(inspect(bench, device, 10))


ANYWHERE = ("refused_open", "no_end", "trickle")
AT_A_BYTE = ("stall", "wrong_checksum", "wrong_magic", "garbage", "oversized_header", "flood", "drop", "reset")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("kind", "after"), [
    *((kind, 0) for kind in ANYWHERE), *((kind, after) for kind in AT_A_BYTE for after in (0, 40, 90, 150))])
def test_a_fault_in_a_service_is_answered_and_over(bench, way: str, kind: str, after: int) -> None:
    phone, device = put(bench, way)
    phone.faults.add("service", kind, after=after, every=0.05)
    outcome = inspect(bench, device, 2.0)
    assert kind == "no_end" or kind.startswith("wrong") or not whole(outcome)
    phone.faults.clear()
    assert whole(inspect(bench, device, 10))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["refused_open", "wrong_magic", "garbage", "drop", "reset", "oversized_header"])
def test_a_fault_that_strikes_once_costs_at_most_the_read_it_struck(bench, way: str, kind: str) -> None:
    phone, device = put(bench, way)
    phone.faults.add("service", kind, after=60, times=1)
    outcome = inspect(bench, device, 10)
    assert isinstance(outcome, Observed)
    assert sum(isinstance(answer, Unread) for answer in outcome.answers.values()) <= 1


@pytest.mark.parametrize("kind", [
    "stall", "drop", "reset", "garbage", "oversized_header", "wrong_checksum", "wrong_magic"])
@pytest.mark.parametrize("where", ["connect", "auth"])
def test_a_fault_in_the_greeting_of_a_phone_is_answered_and_over(bench, kind: str, where: str) -> None:
    phone, device = put(bench, "direct")
    phone.faults.add(where, kind)
    inspect(bench, device, 2.0)
    phone.faults.clear()
    assert whole(inspect(bench, device, 10))


@pytest.mark.parametrize("request_text", ["host:devices", "host-serial", "host:transport"])
@pytest.mark.parametrize("kind", ["stall", "drop", "reset", "garbage", "delay"])
def test_a_fault_of_the_server_is_answered_and_over(bench, kind: str, request_text: str) -> None:
    _, device = put(bench, "server v2")
    server = bench.servers[0]
    server.faults.add(request_text, kind, seconds=0.3)
    began = monotonic()
    if request_text == "host:devices" and kind != "delay":
        # Nobody could be asked, so nobody may say that the phone is not there.
        with pytest.raises(RpcError) as caught:
            attached.find(bench.call(2.0), device.device_id)
        assert caught.value.kind == ("timeout" if kind == "stall" else "device_protocol_error")
        assert attached.attached(bench.call(2.0)) == []
    else:
        assert attached.find(bench.call(2.0), device.device_id) == device._replace(name="shiba", model="Pixel_8")
    assert monotonic() - began < 5.0
    inspect(bench, device, 2.0)
    server.faults.clear()
    assert attached.find(bench.call(2.0), device.device_id) is not None
    assert whole(inspect(bench, device, 10))


@pytest.mark.parametrize("state", ["unauthorized", "offline"])
def test_a_phone_that_is_not_ready_is_a_state_and_is_not_asked(bench, state: str) -> None:
    phone, _ = put(bench, "server v2")
    phone.state = state
    device = attached.find(bench.call(), phone.serial)
    outcome = inspect(bench, device, 5)
    assert (outcome.state, bool(outcome.hint)) == (state, True)
    assert bench.services() == []
    [reason] = {answer.reason for answer in outcome.answers.values()}
    assert reason == {"unauthorized": "unauthorized", "offline": "disconnected"}[state]
    phone.state = "device"


@pytest.mark.parametrize("state", ["unauthorized", "offline"])
def test_a_phone_that_stops_being_ready_meanwhile_is_a_state(bench, state: str) -> None:
    phone, device = put(bench, "server v2")
    phone.state = state
    outcome = inspect(bench, device, 5)
    assert (outcome.state, bool(outcome.hint)) == (state, True)
    phone.state = "device"


def test_a_phone_that_was_pulled_out_is_gone(bench) -> None:
    phone, device = put(bench, "server v2")
    bench.servers[0].detach(phone)
    outcome = inspect(bench, device, 5)
    assert isinstance(outcome, RpcError)
    assert outcome.kind == "device_disconnected"


def test_a_server_that_has_gone_takes_its_phones_with_it(bench) -> None:
    _, device = put(bench, "server v2")
    bench.servers[0].close()
    outcome = inspect(bench, device, 5)
    assert isinstance(outcome, RpcError)
    assert outcome.kind == "device_disconnected"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", ["stall", "trickle"])
def test_stopping_the_call_ends_it_within_a_second(bench, stopped_after, way: str, fault: str) -> None:
    phone, device = put(bench, way)
    phone.faults.add("service", fault, after=50)
    call = bench.call(30)
    stopped_after(call, 0.3)
    began = monotonic()
    with pytest.raises(RpcError) as caught:
        session.observe(call, device, READS)
    assert caught.value.kind == "cancelled"
    assert monotonic() - began < 1.3
