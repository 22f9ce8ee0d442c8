"""What leaves a part of a script before its end: exceptions that carry a status to whoever runs that part."""

from __future__ import annotations

MAX_CALLS = 40  # nested functions and evals; a script that recurses for ever ends here and not on Python's stack


class ExitShell(Exception):
    """The shell ends: `exit`, `set -e`, or a fault that no shell survives."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class ReturnFrom(Exception):
    """`return`, on its way to the function."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class LeaveLoop(Exception):
    """`break` and `continue`, on their way to the loop. levels: how many loops further out that is."""

    def __init__(self, levels: int, again: bool) -> None:
        super().__init__(levels)
        self.levels = levels
        self.again = again
