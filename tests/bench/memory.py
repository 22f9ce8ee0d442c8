"""What memory the worker holds later on. Its first answer, beside the peers', is in `wire`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.bench.figures import Figure
from tests.bench.phones import ROOT, serial, served, udid
from tests.bench.worker import MEASURABLE, Worker

if TYPE_CHECKING:
    from collections.abc import Iterator


def figures(tiny: bool = False) -> Iterator[Figure]:
    if not MEASURABLE:
        return
    report = json.loads((ROOT / "tests" / "reports" / "chinese.json").read_bytes())
    with served("iphones", 1, 0.0) as usbmuxd, served("androids", 1, 0.0) as adb, \
            Worker("--usbmuxd", f"UNIX:{usbmuxd}", "--adb-server", f"127.0.0.1:{adb}") as worker:
        if not tiny:
            worker.settle()
        yield _now(worker, "once its idle thread has loaded what devices need")
        worker.ask("inspect.deep", device_id=udid(0))
        yield _now(worker, "after an iPhone's inspect.deep")
        worker.ask("inspect.deep", device_id=serial(0))
        yield _now(worker, "after an Android phone's inspect.deep, too")
        worker.ask("report.format", report_id="bench", format="pdf", content=report["content"], options=report["options"])
        yield _now(worker, "after a two-page PDF in Chinese, too")
        yield Figure("memory", "pyworker: the most it ever held", worker.memory_mib("VmHWM"), "MiB", "less")


def _now(worker: Worker, name: str) -> Figure:
    return Figure("memory", f"pyworker: {name}", worker.memory_mib(), "MiB", "less")
