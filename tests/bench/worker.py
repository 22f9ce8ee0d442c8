"""A real worker over its pipe, as the parent starts it, with what a benchmark wants to know of its process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[2]
# What a worker takes at once is 32 requests; a parent with more to ask waits for an answer first.
MOST_IN_FLIGHT = 32
# Linux alone tells a process's memory and processor time in the way that is read here.
MEASURABLE = Path("/proc/self/status").exists()


class Worker:
    """`with Worker("--usbmuxd", address) as worker: worker.ask("health")`. What is not pointed at is not looked for."""

    def __init__(self, *options: str) -> None:
        command = [sys.executable, "-m", "pyworker", "--log-level", "off"]
        for option, nothing in (("--usbmuxd", "127.0.0.1:9"), ("--adb-server", "none")):
            if option not in options:
                command += [option, nothing]
        self._process = subprocess.Popen([*command, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input, self._output = self._process.stdin, self._process.stdout
        self._last_id = 0

    def __enter__(self) -> Worker:
        self.ask("health")
        return self

    def __exit__(self, *_: object) -> None:
        self._input.close()
        self._process.wait()
        self._output.close()

    def ask(self, method: str, **params: Any) -> Any:
        """The result. Raises RuntimeError for an error: a figure of a failed request is none."""
        return self.ask_all([(method, params)])[0]

    def ask_all(self, asked: Iterable[tuple[str, dict[str, Any]]]) -> list[Any]:
        """The results in the order they came, with as many requests in flight as the worker takes."""
        waiting = list(asked)[::-1]
        results: list[Any] = []
        in_flight = 0
        while waiting or in_flight:
            while waiting and in_flight < MOST_IN_FLIGHT:
                method, params = waiting.pop()
                self._last_id += 1
                message = {"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params}
                self._input.write(json.dumps(message).encode() + b"\n")
                in_flight += 1
            self._input.flush()
            line = self._output.readline()
            if not line:
                raise RuntimeError(f"the worker ended with {self._process.wait(5)}")
            answer = json.loads(line)
            if "error" in answer:
                raise RuntimeError(answer["error"])
            results.append(answer["result"])
            in_flight -= 1
        return results

    def memory_mib(self, which: str = "VmRSS") -> float:
        """ "VmRSS": now. "VmHWM": the most it ever was."""
        return int(Path(f"/proc/{self._process.pid}/status").read_text().partition(f"{which}:")[2].split()[0]) / 1024

    def processor_s(self) -> float:
        """Seconds of processor time since it started."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def settle(self) -> None:
        """Until the idle thread has loaded the device libraries: its processor time stands still for a second."""
        if not MEASURABLE:
            time.sleep(4)
            return
        before = -1.0
        for _ in range(10):
            now = self.processor_s()
            if now == before:
                return
            before = now
            time.sleep(1)
