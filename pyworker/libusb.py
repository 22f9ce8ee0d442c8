"""libusb, loaded once and before containment goes up: afterwards no library may be loaded any more.

Its first context stays open for the life of the process. Where libusb opens a channel for hot-plug events (Linux), it
does so with that one, and the system-call filter would not let it do so later. Its own thread starts here as well.
"""

from __future__ import annotations

from typing import Any

from pyworker import log


class _State:
    """usb1: the module with the library under it, None where either is missing. context: the first."""

    __slots__ = ("context", "tried", "usb1")

    def __init__(self) -> None:
        self.tried = False
        self.usb1: Any = None
        self.context: Any = None


_state = _State()


def library() -> Any:
    """The module usb1, or None where there is no libusb: then phones are reached through the adb server only."""
    if not _state.tried:
        _state.tried = True
        _load()
    return _state.usb1


def _load() -> None:
    try:
        import usb1

        usb1.loadLibrary()
    except (ImportError, OSError, AttributeError) as missing:  # the module, the library, or something it should have
        log.write("info", "no_libusb", kind=type(missing).__name__)
        return
    _state.usb1 = usb1
    try:
        _state.context = usb1.USBContext().open()
    except usb1.USBError as problem:
        log.write("info", "no_usb_bus", kind=type(problem).__name__)
