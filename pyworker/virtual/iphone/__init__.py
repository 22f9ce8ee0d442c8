"""A virtual iPhone behind a virtual usbmuxd, for the demo, for tests, and for page developers without phones.

Real clients (libimobiledevice's tools, pymobiledevice3) speak to it as to a phone: real sockets, real TLS, real pair
records. It tells only what its description says, changes nothing, and writes down whatever it is asked.
"""

from __future__ import annotations

from pyworker.virtual.iphone.faults import Faults
from pyworker.virtual.iphone.phone import VirtualIphone
from pyworker.virtual.iphone.record import Request
from pyworker.virtual.iphone.usbmux import VirtualUsbmuxd

__all__ = ["Faults", "Request", "VirtualIphone", "VirtualUsbmuxd"]
