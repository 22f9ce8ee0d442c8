"""What a virtual phone was asked: the witness for "read-only, and provably".

Every request is written down before it is answered or refused. Services are called as lockdown calls them
("com.apple.mobile.diagnostics_relay"), with two exceptions: "lockdown" for lockdownd itself and "usbmuxd" for what the
host's usbmuxd was asked about this phone.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Request(NamedTuple):
    """service: who was asked. request: the verb, as the protocol spells it. detail: its other members, decoded."""

    service: str
    request: str
    detail: dict[str, Any]
