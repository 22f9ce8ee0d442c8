"""A real worker, real pipes, virtual phones: what the parent sees of a bench."""

import pytest
from doors import Process

from pyworker.virtual.bench import Bench

MODULE = ("-m", "pyworker")


@pytest.fixture(scope="module")
def bench():
    with Bench(["iphone-clean", "iphone-owner-locked", "android-clean", "android-company"]) as bench:
        yield bench


@pytest.fixture(scope="module")
def worker(bench):
    with Process(*bench.options, program=MODULE) as worker:
        yield worker
        assert worker.end() == 0


def device_id(bench, name):
    return bench.iphones[name].udid if name in bench.iphones else bench.androids[name].serial


def test_the_bench_is_listed(worker, bench):
    listed = {device["device_id"]: device for device in worker.ask("devices.list")["data"]["devices"]}
    assert set(listed) == {device_id(bench, name) for name in (*bench.iphones, *bench.androids)}
    assert {device["state"] for device in listed.values()} == {"ready"}
    assert listed[device_id(bench, "iphone-clean")]["platform"] == "ios"


@pytest.mark.parametrize("platform", ["ios", "android", "macos"])
def test_one_kind_may_be_listed_alone(worker, platform):
    listed = worker.ask("devices.list", platform=platform)["data"]["devices"]
    assert {device["platform"] for device in listed} == ({platform} if platform != "macos" else set())


@pytest.mark.parametrize(("name", "verdicts"), [
    ("iphone-clean", {"activation_locked": False, "mdm_enrolled": False, "frp_locked": None, "efi_locked": None}),
    ("iphone-owner-locked", {"activation_locked": True, "mdm_enrolled": None, "frp_locked": None, "efi_locked": None}),
    ("android-clean", {"activation_locked": None, "mdm_enrolled": False, "frp_locked": False, "efi_locked": None}),
    ("android-company", {"activation_locked": None, "mdm_enrolled": True, "frp_locked": False, "efi_locked": None}),
])
def test_the_four_verdicts(worker, bench, name, verdicts):
    data = worker.ask("inspect.basic", device_id=device_id(bench, name))["data"]
    assert {verdict: data[verdict] for verdict in verdicts} == verdicts
    for verdict, value in verdicts.items():
        assert data["findings"][verdict]["value"] == value
        if value is not None:
            assert data["findings"][verdict]["evidence"]


def test_what_does_not_apply_says_so(worker, bench):
    findings = worker.ask("inspect.basic", device_id=device_id(bench, "iphone-clean"))["data"]["findings"]
    assert findings["efi_locked"]["reason"] == findings["frp_locked"]["reason"] == "not_applicable"


@pytest.mark.parametrize("name", ["iphone-clean", "iphone-owner-locked", "android-clean", "android-company"])
def test_a_deep_inspection_names_what_it_observed(worker, bench, name):
    data = worker.ask("inspect.deep", device_id=device_id(bench, name))["data"]
    assert {"battery_state", "storage_health", "security_state"} <= set(data["signals"])
    assert set(data["signals"]) == {name for name, finding in data["findings"].items() if finding["value"] is not None}


def test_a_mac_tells_nothing_over_the_cable(worker):
    data = worker.ask("inspect.basic", device_id="C02", platform="macos")["data"]
    assert data["efi_locked"] is None
    assert (data["state"], data["connection"]) == ("offline", "none")
    assert "Mac" in data["hint"]
    assert data["findings"]["efi_locked"]["reason"] == "not_exposed"
    assert worker.refused("inspect.deep", device_id="C02", platform="macos")["data"]["kind"] == "platform_unsupported"


@pytest.mark.parametrize(("name", "platform"), [("iphone-clean", "ios"), ("android-clean", "android")])
def test_a_phone_is_no_mac(worker, bench, name, platform):
    error = worker.refused("inspect.basic", device_id=device_id(bench, name), platform="macos")
    assert error["data"]["kind"] == "device_not_found"
    assert platform in error["message"]


@pytest.mark.parametrize(("name", "connection", "used"), [
    ("iphone-clean", "usb", "usb"),
    ("android-clean", "adb-server", "adb-server"),
    ("android-clean", "usb", "adb-server"),
    ("android-clean", "network", "adb-server"),
])
def test_the_way_that_was_asked_for_is_used(worker, bench, name, connection, used):
    hints = {"connection": connection}
    assert worker.ask("inspect.basic", device_id=device_id(bench, name), hints=hints)["data"]["connection"] == used


@pytest.mark.parametrize(("name", "connection", "there"), [
    ("iphone-clean", "network", "usb"),
    ("iphone-clean", "adb-server", "usb"),
    ("iphone-clean", "adb-usb", "usb"),
    ("android-clean", "adb-tcp", "adb-server"),
    ("android-clean", "adb-usb", "adb-server"),
])
def test_a_phone_that_is_attached_in_another_way_is_not_found_and_the_hint_says_which(worker, bench, name, connection, there):
    for method in ("inspect.basic", "logs.collect"):
        error = worker.refused(method, device_id=device_id(bench, name), hints={"connection": connection})
        assert error["data"]["kind"] == "device_not_found"
        assert f"by {there}:" in error["data"]["hint"]


def test_a_way_to_nobody_is_no_other_way(worker):
    error = worker.refused("inspect.basic", device_id="nobody", hints={"connection": "adb-usb"})
    assert (error["data"]["kind"], error["message"]) == ("device_not_found", "no such device is attached")


@pytest.mark.parametrize("params", [{}, {"platform": "ios"}, {"platform": "android"}])
def test_a_phone_that_is_not_there(worker, params):
    error = worker.refused("inspect.basic", device_id="nobody", **params)
    assert (error["code"], error["data"]["kind"]) == (1001, "device_not_found")
    assert error["data"]["hint"]


def test_positional_parameters_follow_the_schema(worker, bench):
    from doors import request

    worker.send(request("inspect.basic", [device_id(bench, "iphone-clean"), "ios"], "positional"))
    assert worker.answer("positional")["result"]["data"]["device"]["platform"] == "ios"


def test_an_empty_bench_is_no_error():
    options = ("--usbmuxd", "127.0.0.1:9", "--adb-server", "127.0.0.1:9")
    with Process(*options, program=MODULE) as worker:
        assert worker.ask("devices.list") == {"ok": True, "data": {"devices": []}, "warnings": []}
        assert worker.refused("inspect.basic", device_id="x")["data"]["kind"] == "device_not_found"


@pytest.mark.parametrize(("mode", "method", "allowed"), [
    ("blocked", "devices.list", False), ("blocked", "inspect.basic", False), ("blocked", "health", True),
    ("basic", "inspect.basic", True), ("basic", "inspect.deep", False), ("basic", "logs.collect", False),
    ("basic", "report.format", False), ("public", "inspect.deep", True),
])
def test_the_ceiling_holds(bench, mode, method, allowed):
    params = {} if method in ("health", "devices.list") else {"device_id": device_id(bench, "iphone-clean")}
    if method == "report.format":
        params = {"report_id": "r", "format": "pdf"}
    with Process("--policy-mode", mode, *bench.options, program=MODULE) as worker:
        if allowed:
            worker.ask(method, **params)
        else:
            assert worker.refused(method, **params)["code"] == 1006


def test_a_request_may_narrow_the_policy_and_never_widen_it(bench):
    who = {"device_id": device_id(bench, "iphone-clean")}
    with Process("--policy-mode", "basic", *bench.options, program=MODULE) as worker:
        assert worker.ask("inspect.basic", **who, policy="basic")["ok"]
        assert worker.refused("inspect.basic", **who, policy="blocked")["code"] == 1006
        assert worker.refused("inspect.basic", **who, policy="public")["code"] == 1006
        assert worker.ask("policy.get")["modes"]["basic"] == [
            "health", "devices.list", "inspect.basic", "policy.get", "rpc.discover", "shutdown"]


def test_progress_comes_to_those_who_ask(bench):
    with Process(*bench.options, program=MODULE) as worker:
        worker.ask("inspect.basic", device_id=device_id(bench, "iphone-clean"), progress_token="p")
        told = [line["params"] for line in worker.lines if line.get("method") == "$/progress"]
        assert told
        assert all(params["token"] == "p" for params in told)
