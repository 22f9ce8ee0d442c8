"""The services a phone's adbd offers, by name. `open_service` records the request, starts it on a flow, or refuses.

Besides the shells: those that only answer a sentence (root:, tcpip: …), `reboot:`, and `sync:` (sync.py). Those that
alter something do so on the virtual phone and are recorded. Everything else is refused as adbd refuses it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from pyworker.virtual.android import shell
from pyworker.virtual.android.faults import Fault, huge_answer
from pyworker.virtual.android.flow import Flow
from pyworker.virtual.android.mksh import Hangup

if TYPE_CHECKING:
    from pyworker.virtual.android.phone import VirtualAndroid

SENTENCES = {
    "root": "adbd cannot run as root in production builds\n",
    "unroot": "adbd not running as root\n",
    "remount": "remount failed\n",
    "disable-verity": "verity cannot be disabled\n",
    "enable-verity": "verity is already enabled\n",
    "tcpip": "restarting in TCP mode port: {}\n",
    "usb": "restarting in USB mode\n",
}


def open_service(phone: VirtualAndroid, service: str, flow: Flow, fault: Fault | None) -> bool:
    """Starts the service on the flow; False when the phone refuses it."""
    phone.asked("service", service)
    if fault is not None and fault.kind == "refused_open":
        return False
    if fault is not None and fault.kind == "huge":
        _in_thread(lambda: _pour(fault, flow), flow)
        return True
    found = shell.parsed(service, phone)
    if found is not None:
        shell.start(found, service.startswith("exec:"), phone, flow)
        return True
    name, _, argument = service.partition(":")
    if name == "sync":
        from pyworker.virtual.android import sync

        _in_thread(lambda: sync.serve(phone, flow), flow)
        return True
    if name == "reboot":
        phone.alter("reboot", argument)
        phone.state = "offline"
        flow.finish()
        return True
    if name in SENTENCES:
        phone.alter(name, argument)
        flow.write(SENTENCES[name].format(argument).encode(), flow.signals)
        flow.finish()
        return True
    return False


def _in_thread(body: Callable[[], None], flow: Flow) -> None:
    def run() -> None:
        try:
            body()
        except Hangup:
            return
        finally:
            flow.finish()

    threading.Thread(target=run, daemon=True, name="virtual service").start()


def _pour(fault: Fault, flow: Flow) -> None:
    for piece in huge_answer(fault):
        flow.write(piece, flow.signals)
