"""What every way to a phone raises when it brought no answer, and why."""

from __future__ import annotations


class NoAnswer(Exception):
    """reason: a name of findings.REASONS, for the reads that stay without an answer.

    state and hint: as in platforms.Device, where the failure tells how the phone stands; else "".
    """

    __slots__ = ("hint", "reason", "state")

    def __init__(self, reason: str, state: str = "", hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.state = state
        self.hint = hint
