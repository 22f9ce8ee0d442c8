"""Virtual iPhones on a virtual usbmuxd in this process, and what a handler would do with them."""

from __future__ import annotations

from contextlib import ExitStack
from time import monotonic
from typing import TYPE_CHECKING, Any

from pyworker.call import Call
from pyworker.ios.platform import IOS
from pyworker.platforms import Device, Observed
from pyworker.probes import BASIC, plan
from pyworker.settings import Settings
from pyworker.virtual.iphone import VirtualIphone, VirtualUsbmuxd

if TYPE_CHECKING:
    from pyworker.probes import Read

BASIC_READS = tuple(dict.fromkeys((*IOS.identity, *plan(probe for probe in IOS.probes if probe.depth == BASIC))))
ALL_READS = tuple(dict.fromkeys((*IOS.identity, *plan(IOS.probes))))


class Bench:
    """A usbmuxd, and what a handler does with it."""

    def __init__(self, usbmuxd: VirtualUsbmuxd) -> None:
        self.usbmuxd = usbmuxd

    def call(self, timeout_s: float = 10.0, **params: Any) -> Call:
        settings = Settings()
        settings.usbmuxd = self.usbmuxd.address
        return Call(params, settings, monotonic() + timeout_s)

    def listed(self, timeout_s: float = 10.0) -> list[Device]:
        return IOS.attached(self.call(timeout_s))

    def find(self, udid: str) -> Device | None:
        return IOS.find(self.call(), udid)

    def observe(self, phone: VirtualIphone, reads: tuple[Read, ...] = BASIC_READS, timeout_s: float = 10.0) -> Observed:
        """As the handlers do: find it, then observe."""
        device = self.find(phone.udid) or Device(phone.udid, "ios", "usb", "ready")
        return IOS.observe(self.call(timeout_s), device, reads)


class Benches:
    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def __call__(self, *phones: VirtualIphone, latency_s: float = 0.0) -> Bench:
        return Bench(self._stack.enter_context(VirtualUsbmuxd(phones, latency_s=latency_s)))
