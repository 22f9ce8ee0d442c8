"""Finding the phone a request is about, when one of the daemons that might know it does not answer."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager

import pytest
from doors import Process

from pyworker.virtual.bench import Bench

MODULE = ("-m", "pyworker")


@contextmanager
def silent():
    """A daemon that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        kept = []

        def take() -> None:
            while True:
                try:
                    kept.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield "{}:{}".format(*server.getsockname())
        for each in kept:
            each.close()


@pytest.mark.parametrize(("name", "hung"), [("iphone-clean", "--adb-server"), ("android-clean", "--usbmuxd")])
def test_a_daemon_that_hangs_delays_no_phone_of_another_kind(name, hung):
    with Bench([name]) as bench, silent() as address:
        options = dict(zip(bench.options[::2], bench.options[1::2], strict=True)) | {hung: address}
        device_id = bench.iphones[name].udid if bench.iphones else bench.androids[name].serial
        with Process(*(word for option in options.items() for word in option), program=MODULE) as worker:
            worker.ask("health")
            time.sleep(1.0)  # what it loads on its own is loaded
            began = time.monotonic()
            assert worker.ask("inspect.basic", device_id=device_id, timeout_ms=3000)["data"]["mdm_enrolled"] is False
            assert time.monotonic() - began < 1.0


@pytest.mark.parametrize("hung", ["--adb-server", "--usbmuxd"])
def test_nobody_says_that_a_phone_is_not_there_while_a_daemon_hangs(hung):
    other = "--usbmuxd" if hung == "--adb-server" else "--adb-server"
    with silent() as address, Process(hung, address, other, "127.0.0.1:9", program=MODULE) as worker:
        # An id that could be an iPhone's and a serial number.
        refused = worker.refused("inspect.basic", device_id="0" * 40, timeout_ms=2000)
        assert refused["data"]["kind"] == "timeout"
        listed = worker.ask("devices.list")
        assert (listed["data"]["devices"], listed["warnings"]) == ([], ["partial_data", "timeout"])


@contextmanager
def nonsense():
    """A daemon that answers everybody as a web server would."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            while True:
                try:
                    with server.accept()[0] as each:
                        each.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                except OSError:
                    return

        threading.Thread(target=answer, daemon=True).start()
        yield "{}:{}".format(*server.getsockname())


@pytest.mark.parametrize("broken", ["--adb-server", "--usbmuxd"])
def test_an_empty_list_from_a_daemon_that_talks_nonsense_says_so(broken):
    other = "--usbmuxd" if broken == "--adb-server" else "--adb-server"
    with nonsense() as address, Process(broken, address, other, "127.0.0.1:9", program=MODULE) as worker:
        listed = worker.ask("devices.list")
        assert (listed["data"]["devices"], listed["warnings"]) == ([], ["partial_data"])


def test_an_empty_bench_is_no_reason_for_a_warning():
    with Process("--usbmuxd", "127.0.0.1:9", "--adb-server", "127.0.0.1:9", program=MODULE) as worker:
        assert worker.ask("devices.list") == {"ok": True, "data": {"devices": []}, "warnings": []}
