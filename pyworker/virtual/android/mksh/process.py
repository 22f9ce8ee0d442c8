"""What runs: a command of the phone, and a job of the shell in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from pyworker.virtual.android.mksh.signals import Signals

if TYPE_CHECKING:
    from pyworker.virtual.android.mksh.shell import Shell


class Process:
    """One running command: what the phone's programs are given."""

    __slots__ = (
        "arguments", "phone", "stdin", "stdout", "stderr", "signals", "environment", "directory", "start", "uid", "shell_name",
    )

    def __init__(self, arguments: list[str], shell: Shell) -> None:
        self.arguments = arguments
        self.phone = shell.phone
        self.stdin = shell.source(0)
        self.stdout = shell.sink(1)
        self.stderr = shell.sink(2)
        self.signals = shell.signals
        self.environment = shell.environment()
        self.directory = shell.directory
        self.uid = shell.uid
        self.shell_name = shell.name  # "" for a program that another program started
        self.start: Callable[[list[str], Signals], int] = shell.start_by_program

    def out(self, text: str) -> None:
        self.stdout.write(text.encode("latin-1", "replace"), self.signals)

    def out_bytes(self, data: bytes) -> None:
        self.stdout.write(data, self.signals)

    def err(self, text: str) -> None:
        self.stderr.write(text.encode("latin-1", "replace"), self.signals)

    def read(self, limit: int = 65536) -> bytes:
        return self.stdin.read(limit, self.signals)


class Job:
    __slots__ = ("number", "thread", "signals", "status")

    def __init__(self, number: int, signals: Signals) -> None:
        self.number = number
        self.signals = signals
        self.status = 0
        self.thread: threading.Thread | None = None
