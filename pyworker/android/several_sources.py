"""What to say when several sources could have told a value and none did."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def most_telling(reasons: Sequence[str]) -> str:
    """Of several sources' reasons: that of an attempt that failed, else that there is no such thing, else no value."""
    failed = [reason for reason in reasons if reason not in ("key_missing", "unsupported")]
    if failed:
        return failed[0]
    return "unsupported" if reasons and "key_missing" not in reasons else "key_missing"
