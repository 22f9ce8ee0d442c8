"""Leaving out what is older than was asked for, line by line, from a log that was not asked that way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

from datetime import timedelta, timezone

_STAMP = re.compile(
    rb"[ ,]{0,12}(?:(?:(\d{4})-)?(\d\d-\d\d \d\d:\d\d:\d\d\.\d{3,9})(?: ([+-])(\d\d)(\d\d))?|(\d{9,11}\.\d{3,9}) )")


class NewerLines:
    """since: with a zone. now: the phone's clock, for the year and the zone of lines that lack them.

    A line without a time goes with the line before it.
    """

    __slots__ = ("_keeps", "_latest", "_now", "_since", "_thresholds")

    def __init__(self, since: datetime, now: datetime) -> None:
        self._since = since
        self._now = now
        self._keeps = False
        self._thresholds: dict[bytes, bytes] = {}
        self._latest = now.strftime("%m-%d %H:%M:%S").encode("ascii")

    def only(self, chunk: bytes) -> bytes:
        return b"".join(line for line in chunk.splitlines(keepends=True) if self._is_kept(line))

    def _is_kept(self, line: bytes) -> bool:
        found = _STAMP.match(line)
        if found is None:
            # The name of a buffer must stay, whatever came before it.
            return self._keeps or line.startswith(b"---------")
        year, stamp, sign, hours, minutes, seconds = found.groups()
        if seconds:
            self._keeps = float(seconds) >= self._since.timestamp()
        else:
            zone = sign + hours + minutes if sign else b""
            moment = (year or self._year(stamp)) + b"-" + stamp
            self._keeps = moment >= self._threshold(zone)
        return self._keeps

    def _year(self, stamp: bytes) -> bytes:
        """A date later than the phone's today is of last year."""
        is_later = stamp[:len(self._latest)] > self._latest
        return b"%04d" % (self._now.year - is_later)

    def _threshold(self, zone: bytes) -> bytes:
        """`since` as a line of this zone would write it."""
        if zone not in self._thresholds:
            there = self._now.tzinfo
            if zone:
                away = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
                there = timezone(-away if zone[:1] == b"-" else away) if away < timedelta(days=1) else there
            local = self._since.astimezone(there)
            self._thresholds[zone] = local.strftime("%Y-%m-%d %H:%M:%S.%f").encode("ascii")[:-3]
        return self._thresholds[zone]
