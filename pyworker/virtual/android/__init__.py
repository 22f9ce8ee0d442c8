"""A virtual Android phone, and the two things that stand between a phone and this computer.

    phone = VirtualAndroid.load("android-clean")
    with VirtualAdbServer([phone]) as server:     # as the adb server on port 5037
        ...server.address...
    with VirtualAdbd(phone) as adbd:              # as adbd over TCP, with real RSA authorisation
        ...adbd.address...

Phones are folders in pyworker/virtual/phones/ (see phone.py). They answer from their folder, change when they are told
to change, misbehave when `phone.faults` says so, and keep a record of everything they were asked.
Standard library and `cryptography` only.
"""

from pyworker.virtual.android.adb_server import VirtualAdbServer
from pyworker.virtual.android.adbd import VirtualAdbd
from pyworker.virtual.android.faults import Fault, Faults
from pyworker.virtual.android.phone import Output, VirtualAndroid
from pyworker.virtual.android.record import Request

__all__ = ["Fault", "Faults", "Output", "Request", "VirtualAdbServer", "VirtualAdbd", "VirtualAndroid"]
