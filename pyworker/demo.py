"""`python -m pyworker.demo`: a bench of virtual phones, a real worker on real pipes, and a table a technician can read.

Two iPhones (one clean, one locked by its owner) and two Android phones (one clean, one owned by a company) are listed
and inspected, and a report is made of the last one. With --real the phones on the real bench are inspected instead.

The report is put where it was asked for (--artifact-dir), else into a new folder. That is named, and stays for whoever
wants to look at the report; without a report nothing stays.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager, nullcontext
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyworker.findings import REASONS
from pyworker.virtual.bench import Bench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

PHONES = ("iphone-clean", "iphone-owner-locked", "android-clean", "android-company")
# How the verdicts are headed, in the order of the columns.
VERDICTS = {"activation_locked": "Activation Lock", "mdm_enrolled": "Managed", "frp_locked": "FRP lock"}
WIDEST = 34  # characters in a column: five of them fit a wide terminal
USAGE = """\
usage: python -m pyworker.demo [--real] [worker options]

Shows the worker at work on four virtual phones; with --real on the phones that are attached."""


class Worker:
    """A worker process and its pipe: the whole of what a parent has to do."""

    def __init__(self, options: list[str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pyworker", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._asked = 0

    def ask(self, method: str, **params: Any) -> Any:
        """The result. Progress is shown while it is waited for. Raises RuntimeError with what the worker said."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._asked += 1
        request = {"jsonrpc": "2.0", "id": self._asked, "method": method, "params": params}
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            message = json.loads(line)
            if message.get("method") == "$/progress":
                show(f"{method}: {message['params']['stage']}")
            elif "error" in message:
                raise RuntimeError(f"{message['error']['message']}. {message['error']['data']['hint']}")
            else:
                return message["result"]
        raise RuntimeError("the worker is gone")

    def leave(self) -> int:
        """Close its input and wait; the worker leaves by itself."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self._process.wait()


def show(text: str) -> None:
    """One line that the next one replaces, on a terminal; nothing elsewhere."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def main(arguments: list[str]) -> int:
    if {"-h", "--help"} & set(arguments):
        print(USAGE)
        return 0
    real = "--real" in arguments
    options = [each for each in arguments if each != "--real"]
    bench: AbstractContextManager[Bench | None] = nullcontext() if real else Bench(PHONES)
    with bench as virtual, report_folder(options) as folder:
        if virtual is not None:
            options = [*virtual.options, *options]
        worker = Worker([*options, "--artifact-dir", str(folder)])
        try:
            inspect_all(worker, folder)
        except RuntimeError as problem:
            show("")
            print(f"pyworker.demo: {problem}", file=sys.stderr)
            worker.leave()
            return 1
        return worker.leave()


@contextmanager
def report_folder(options: list[str]) -> Iterator[Path]:
    """Where the report goes. A folder of our own is removed when no report came into it."""
    asked = [*(value for name, value in pairwise(options) if name == "--artifact-dir"),
             *(option.partition("=")[2] for option in options if option.startswith("--artifact-dir="))]
    if asked:
        yield Path(asked[-1])
        return
    folder = Path(tempfile.mkdtemp(prefix="pyworker-demo-"))
    try:
        yield folder
    finally:
        if not any(folder.rglob("report.*")):
            shutil.rmtree(folder)


def inspect_all(worker: Worker, folder: Path) -> None:
    health = worker.ask("health")
    devices = worker.ask("devices.list")["data"]["devices"]
    print(f"{health['version']} is up; {len(devices)} phones on the bench\n")
    rows = [["Phone", *VERDICTS.values(), "Worth knowing"]]
    inspected: dict[str, Any] = {}
    for device in devices:
        who = {"device_id": device["device_id"], "platform": device["platform"]}
        try:
            inspected = worker.ask("inspect.basic", **who, progress_token=device["device_id"])
        except RuntimeError as problem:
            rows.append([device["device_id"], *["?"] * len(VERDICTS), str(problem)])
            continue
        rows.append(row(inspected["data"]))
    show("")
    print(table(rows))
    if inspected:
        print(f"\nA report of the last phone lies in {report(worker, inspected, folder)} and stays there")


def row(data: dict[str, Any]) -> list[str]:
    device = data["device"]
    name = device.get("marketing_name") or device.get("model") or device["device_id"]
    return [str(name), *(verdict(data["findings"][each]) for each in VERDICTS), worth_knowing(data)]


def verdict(finding: dict[str, Any]) -> str:
    """Yes, no, or why there is no telling."""
    if finding["value"] is None:
        return "-" if finding["reason"] == "not_applicable" else f"don't know: {REASONS[finding['reason']]}"
    return "YES" if finding["value"] else "no"


def worth_knowing(data: dict[str, Any]) -> str:
    organization = data["findings"].get("mdm_organization", {}).get("value")
    said = [f"belongs to {organization}"] if organization else []
    return "; ".join([*said, *([data["hint"]] if "hint" in data else [])])


def table(rows: list[list[str]]) -> str:
    """Columns side by side, long cells on several lines."""
    cells = [[wrapped(cell) for cell in each] for each in rows]
    widths = [max(len(line) for each in cells for line in each[column]) for column in range(len(rows[0]))]
    lines = []
    for number, each in enumerate(cells):
        for height in range(max(map(len, each))):
            parts = [
                (cell[height] if height < len(cell) else "").ljust(width)
                for cell, width in zip(each, widths, strict=True)
            ]
            lines.append("  ".join(parts).rstrip())
        if number == 0:
            lines.append("  ".join("-" * width for width in widths))
    return "\n".join(lines)


def wrapped(text: str) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= WIDEST:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def report(worker: Worker, inspected: dict[str, Any], folder: Path) -> Path:
    who = {name: inspected["data"]["device"][name] for name in ("device_id", "platform")}
    results = {"inspect.basic": inspected, "inspect.deep": worker.ask("inspect.deep", **who)}
    content = {"device": inspected["data"]["device"], "results": results}
    answer = worker.ask("report.format", report_id="demo", format="pdf", content=content)
    return folder / "demo" / str(answer["data"]["artifact"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
