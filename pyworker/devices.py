"""`devices.list`, and finding the one phone a request is about.

Each platform is asked on a thread of its own; a daemon that is not there is an empty bench, not an error.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from pyworker.errors import failure

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from pyworker.call import Call
    from pyworker.platforms import Device, Platform

    Asked = TypeVar("Asked")


def ios() -> Platform:
    from pyworker.ios.platform import IOS

    return IOS


def android() -> Platform:
    from pyworker.android.platform import ANDROID

    return ANDROID


# In the order in which an ambiguous device_id is looked for.
PLATFORMS: dict[str, Callable[[], Platform]] = {"ios": ios, "android": android}


def list_devices(call: Call) -> dict[str, Any]:
    found = _ask(call, lambda platform: platform.attached(call))
    devices = [device for each in found for device in each]
    devices.sort(key=lambda device: (device.platform, device.device_id))
    return {"ok": True, "data": {"devices": [_described(device) for device in devices]}, "warnings": []}


def _described(device: Device) -> dict[str, Any]:
    """The members that say something."""
    return {name: value for name, value in device._asdict().items() if value != ""}


def find(call: Call) -> tuple[Platform, Device]:
    """The phone that `device_id` names. Raises device_not_found."""
    wanted: str = call.params["device_id"]
    found = _ask(call, lambda platform: [(platform, device)] if (device := platform.find(call, wanted)) else [])
    for each in found:
        for platform, device in each:
            return platform, device
    raise failure("device_not_found")


def _ask(call: Call, question: Callable[[Platform], list[Asked]]) -> list[list[Asked]]:
    """The question put to the platform that was named, or to each side by side."""
    named = call.params.get("platform")
    if named is not None:
        return [question(PLATFORMS[named]())] if named in PLATFORMS else []
    answers: dict[str, list[Asked]] = {}
    problems: list[BaseException] = []

    def ask(name: str) -> None:
        try:
            answers[name] = question(PLATFORMS[name]())
        except BaseException as problem:  # noqa: BLE001  carried over to the asking thread, which raises it
            problems.append(problem)

    threads = [threading.Thread(target=ask, args=(name,), name=f"ask {name}", daemon=True) for name in PLATFORMS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return [answers[name] for name in PLATFORMS]
