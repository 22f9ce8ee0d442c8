"""What a collection was asked for, from checked parameters: values that no text of the request can travel in."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

DEFAULT, SYSTEM, CRASH, FULL = "default", "system", "crash", "full"

# An iPhone sends what it still has of the last moments at once; a few seconds more show what it is busy with.
DEFAULT_DURATION_S = 3.0
# Without an artifact folder the newest so many go into the answer, which a page can still show.
DEFAULT_INLINE_LIMIT = 1000

_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII)


class Wanted(NamedTuple):
    """since: with its zone. limit: the most entries, or None. duration_s: how long to listen to a live log."""

    scope: str
    since: datetime | None
    limit: int | None
    duration_s: float
    redact: str

    @property
    def crashes(self) -> bool:
        return self.scope != SYSTEM

    @property
    def log(self) -> bool:
        return self.scope != CRASH


def wanted(params: Mapping[str, Any], inline: bool) -> Wanted:
    """From parameters that fit the schema. Raises ValueError for a date that is none, like February 30th."""
    since = params.get("since")
    return Wanted(
        params.get("scope", DEFAULT),
        None if since is None else moment(since),
        params.get("limit", DEFAULT_INLINE_LIMIT if inline else None),
        params["duration_ms"] / 1000 if "duration_ms" in params else DEFAULT_DURATION_S,
        params.get("redact", "standard"),
    )


def moment(text: str) -> datetime:
    """RFC 3339, a leap second taken for the second before it. Raises ValueError."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise ValueError("not a moment of RFC 3339")
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    micros = int((found[7] or "0").ljust(6, "0")[:6])
    zone = UTC
    if found[8]:
        away = timedelta(hours=int(found[9]), minutes=int(found[10]))
        if away >= timedelta(days=1) or int(found[10]) > 59:
            raise ValueError("no such offset")
        zone = timezone(-away if found[8] == "-" else away)
    return datetime(year, month, day, hour, minute, min(second, 59), micros, zone)
