"""What a phone's shell answered to one read, as it came: the raw answer that reads' parsers are given."""

from __future__ import annotations

from typing import NamedTuple

NO_STATUS = -1  # the command was cut off by us; no exit status of a shell is negative


class Output(NamedTuple):
    """data: standard output and standard error in one, at most READ_LIMIT bytes. status: the exit status (0 to 255), or
    NO_STATUS. truncated: data is only the beginning; what is missing from it proves nothing.
    """

    data: bytes
    status: int = 0
    truncated: bool = False
