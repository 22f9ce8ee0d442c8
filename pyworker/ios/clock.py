"""The phone's clock. How long it has been running is not told by any service; a skew needs the reader's own clock.

A judge has no clock, so the phone's time is given as it was read, with its zone. A clock that is far off explains
failed activations and certificates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyworker.findings import Finding, Unread
from pyworker.ios import reads
from pyworker.ios.plist import from_epoch, number, text, within
from pyworker.ios.reads import SESSION, told
from pyworker.probes import DEEP, Probe

if TYPE_CHECKING:
    from pyworker.probes import Observations

# The inhabited zones reach from -12 to +14 hours.
OFFSET_S = (-12 * 3600, 14 * 3600)


def _moment(value: Any) -> str | Unread:
    seconds = number(value)
    if isinstance(seconds, Unread):
        return seconds
    return from_epoch(seconds) or Unread("implausible")


TIME = reads.member_as(reads.ALL_VALUES, "TimeIntervalSince1970", _moment)
ZONE = reads.member_as(reads.ALL_VALUES, "TimeZone", text)
OFFSET = reads.member_as(reads.ALL_VALUES, "TimeZoneOffsetFromUTC", lambda value: within(value, *OFFSET_S))


def clock(seen: Observations) -> Finding:
    return seen.gathers({
        "time": told(seen, TIME),
        "time_zone": told(seen, ZONE),
        "utc_offset_s": told(seen, OFFSET),
    })


def uptime(seen: Observations) -> Finding:
    return seen.cannot_tell("not_exposed")


PROBES = (
    Probe("clock", DEEP, (TIME, ZONE, OFFSET, SESSION), clock),
    Probe("uptime", DEEP, (), uptime),
)
