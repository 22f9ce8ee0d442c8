"""macOS: the audit hook and limits only. The system's own sandbox is put on by the parent, which starts the process.

A process that sandboxes itself must call a deprecated interface through ctypes, and would then be refused its own
lazily loaded libraries; the parent's profile is in README.md beside this file.
"""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

from pyworker import libusb

if TYPE_CHECKING:
    from collections.abc import Callable

USBMUXD = "/var/run/usbmuxd"
SOCKETPAIR_BINDS = False
DESCRIPTORS = 2048


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY or hard > DESCRIPTORS:
        resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))


def confine(writable: tuple[str, ...], scratch: str | None, judge: Callable[[object], None]) -> dict[str, object]:
    """Nothing that a process can put on itself here; what the hook would forbid must only come before it."""
    libusb.library()
    return {}


def join() -> None:
    """There is nothing that binds single threads."""
