"""Virtual phones in a process of their own, so that they and the worker do not share an interpreter's lock."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]


class Phones(NamedTuple):
    """options: for the worker's command line. devices: device ids by the phones' names."""

    options: list[str]
    devices: dict[str, str]


@contextmanager
def phones(*names: str, latency_ms: int = 0) -> Iterator[Phones]:
    """The named virtual phones, or all that ship."""
    command = [sys.executable, "-m", "pyworker.virtual", "--latency-ms", str(latency_ms), *names]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdin is not None and process.stdout is not None
        devices: dict[str, str] = {}
        options: list[str] = []
        for line in process.stdout:
            words = line.split()
            if len(words) == 2 and words[1].startswith(("iphone-", "android-")):
                devices[words[1]] = words[0]
            if words[:3] == ["python", "-m", "pyworker"]:
                options = words[3:]
            if line.startswith("Ctrl-C"):
                break
        try:
            yield Phones(options, devices)
        finally:
            process.stdin.close()
