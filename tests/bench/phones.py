"""Virtual phones in a process of their own, so that their work is not the worker's: `python -m tests.bench.phones KIND …`.

    iphones COUNT LATENCY_S       so many iPhones behind one usbmuxd; prints the socket's path
    iphone-logging LINES REPORTS  one iPhone whose log is so many lines, then the service ends; so many crash reports
    androids COUNT LATENCY_S      so many Android phones behind one adb server; prints the port
    android LATENCY_S             one Android phone behind its own adbd; prints the port

A latency is that of one round trip to the phone. They live until standard input ends.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyworker.virtual.android import VirtualAdbd, VirtualAdbServer, VirtualAndroid
from pyworker.virtual.iphone import VirtualIphone, VirtualUsbmuxd

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
OS_TRACE, SYSLOG = "com.apple.os_trace_relay", "com.apple.syslog_relay"
REPORT = "Notizen-2024-11-02-101500.ips"


@contextmanager
def served(*arguments: object, module: str = "tests.bench.phones") -> Iterator[str]:
    """Such a process; gives what it prints first: its address."""
    with subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()


def udid(number: int) -> str:
    return f"00008110-{number:016X}"


def serial(number: int) -> str:
    return f"PHONE{number}"


def _iphone(number: int, **parts: Any) -> VirtualIphone:
    description = {**VirtualIphone.load("iphone-clean").description, **parts}
    values = {**description["lockdown"]["values"], "UniqueDeviceID": udid(number)}
    return VirtualIphone({**description, "lockdown": {**description["lockdown"], "values": values}, "udid": udid(number)})


def _logging_iphone(lines: int, reports: int) -> VirtualIphone:
    """The same lines over both services; the reports' text is that of the packaged phone."""
    text = "Process start requested by user session, request number {} of the day"
    entries = [{"pid": 100 + index % 40, "process": "/usr/libexec/powerd", "sender": "/usr/libexec/powerd", "level": "Notice",
                "message": text.format(index), "time": 1764000000 + index / 100} for index in range(lines + 1)]
    syslog = [f"Nov  4 09:{index // 600 % 60:02}:{index // 10 % 60:02} iPhone powerd[{100 + index % 40}] <Notice>: "
              + text.format(index) for index in range(lines + 1)]
    body = _iphone(0).description["crash_folder"][REPORT]["text"]
    folder = {
        f"Notizen-2024-{1 + index % 12:02}-{1 + index // 12 % 28:02}-{index:06}.ips":
            {"text": body, "mtime": datetime.fromtimestamp(1760000000 + index, UTC).isoformat()}
        for index in range(reports)
    }
    phone = _iphone(0, log={"entries": entries}, syslog={"entries": syslog}, crash_folder=folder)
    for service in (OS_TRACE, SYSLOG):
        phone.faults.add(service, "entry", "close", skip=lines)
    return phone


def _android(number: int) -> VirtualAndroid:
    phone = VirtualAndroid.load("android-clean")
    phone.serial = serial(number)
    phone.description.update(authorization=False, protocol_version=0x01000000)
    return phone


def main(kind: str, *arguments: str) -> None:
    if kind.startswith("iphone"):
        phones = [_logging_iphone(*map(int, arguments))] if kind == "iphone-logging" else [
            _iphone(number) for number in range(int(arguments[0]))]
        latency_s = float(arguments[1]) if kind == "iphones" else 0.0
        with tempfile.TemporaryDirectory() as folder:
            address = os.path.join(folder, "usbmuxd")
            with VirtualUsbmuxd(phones, latency_s, address):
                _wait(address)
    elif kind == "androids":
        with VirtualAdbServer([_android(number) for number in range(int(arguments[0]))], float(arguments[1])) as server:
            _wait(server.address[1])
    else:
        with VirtualAdbd(_android(0), float(arguments[0])) as daemon:
            _wait(daemon.address[1])


def _wait(address: object) -> None:
    print(address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
