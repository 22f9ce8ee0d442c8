"""Windows: the audit hook only. Job object, integrity level and firewall rule are put on by the parent (README.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyworker import libusb

if TYPE_CHECKING:
    from collections.abc import Callable

USBMUXD: str | None = None  # Apple's service listens on loopback
SOCKETPAIR_BINDS = True  # socketpair is made of a loopback connection there


def limit() -> None:
    """A job object of the parent's is the only limit that holds here."""


def confine(writable: tuple[str, ...], scratch: str | None, judge: Callable[[object], None]) -> dict[str, object]:
    """Nothing that a process can put on itself here; what the hook would forbid must only come before it."""
    libusb.library()
    return {}


def join() -> None:
    """There is nothing that binds single threads."""
