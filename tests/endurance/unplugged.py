"""`python -m tests.endurance.unplugged [N]`: a phone goes in N ways in the middle of an inspection.

Every message of the phone may be the last: cut, reset, stalled, half, garbled or unplugged. Each time the answer must be
typed and come within its deadline and a second, and the next inspection must be whole.
"""

from __future__ import annotations

import random
import sys
import time
from time import monotonic

from protocol.errors import RpcError
from pyworker.call import Call
from pyworker.ios.platform import IOS
from pyworker.probes import BASIC, plan
from pyworker.settings import Settings
from pyworker.virtual.iphone import VirtualIphone, VirtualUsbmuxd

SECONDS = 1.0
KINDS = ("close", "reset", "stall", "half_reply", "garbage", "unplug", "huge_length", "wrong_keys")
STEPS = (
    ("lockdown", "GetValue"),
    ("lockdown", "StartSession"),
    ("lockdown", "StartService"),
    ("usbmuxd", "Connect"),
    ("usbmuxd", "ReadPairRecord"),
    ("com.apple.mobile.MCInstall", "*"),
    ("com.apple.mobile.diagnostics_relay", "*"),
)
TYPED = ("device_not_found", "device_disconnected", "device_protocol_error", "timeout")


def run(count: int, seed: int = 1) -> list[str]:
    """What was not as it should be."""
    choose = random.Random(seed)
    phone = VirtualIphone.load("iphone-clean")
    reads = tuple(dict.fromkeys((*IOS.identity, *plan(probe for probe in IOS.probes if probe.depth == BASIC))))
    problems: list[str] = []
    with VirtualUsbmuxd([phone]) as usbmuxd:
        settings = Settings()
        settings.usbmuxd = usbmuxd.address

        def inspect(seconds: float) -> str:
            call = Call({}, settings, monotonic() + seconds)
            try:
                device = IOS.find(call, phone.udid)
                return "gone" if device is None else IOS.observe(call, device, reads).state
            except RpcError as error:
                return error.kind if error.kind in TYPED else f"untyped {error.kind}"

        for number in range(count):
            (service, step), kind = choose.choice(STEPS), choose.choice(KINDS)
            phone.faults.add(service, step, kind, skip=choose.randrange(4))
            began = time.monotonic()
            said = inspect(SECONDS)
            took = time.monotonic() - began
            if took > SECONDS + 1.0 or said.startswith("untyped"):
                problems.append(f"{number}: {service} {step} {kind}: {said} after {took:.1f} s")
            phone.faults.clear()
            usbmuxd.plug(phone)
            if (after := inspect(10.0)) != "ready":
                problems.append(f"{number}: after {service} {step} {kind} the next inspection says {after}")
    return problems


def main(arguments: list[str]) -> int:
    count = int(arguments[0]) if arguments else 10_000
    problems = run(count)
    print(f"{count} unplugs: {len(problems)} problems", *problems[:10], sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
