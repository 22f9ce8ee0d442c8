"""`devices.list`, and finding the one phone a request is about.

Each platform is asked on a thread of its own; a daemon that is not there is an empty bench, not an error.
"""

from __future__ import annotations

import threading
from _queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from pyworker.errors import failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
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


PLATFORMS: dict[str, Callable[[], Platform]] = {"ios": ios, "android": android}


def list_devices(call: Call) -> dict[str, Any]:
    devices: list[Device] = []
    for answer in _ask_each(call, lambda platform: platform.attached(call)):
        if isinstance(answer, BaseException):
            raise answer
        devices += answer
    devices.sort(key=lambda device: (device.platform, device.device_id))
    return {"ok": True, "data": {"devices": [_described(device) for device in devices]}, "warnings": []}


def _described(device: Device) -> dict[str, Any]:
    """The members that say something."""
    return {name: value for name, value in device._asdict().items() if value != ""}


def find(call: Call) -> tuple[Platform, Device]:
    """The phone that `device_id` names, as soon as anybody knows it.

    Raises device_not_found only when everybody who was asked said so: whoever could not be asked might have it.
    """
    wanted: str = call.params["device_id"]
    trouble: BaseException | None = None
    for answer in _ask_each(call, lambda platform: (platform, platform.find(call, wanted))):
        if isinstance(answer, BaseException):
            trouble = trouble or answer
        elif answer[1] is not None:
            return answer[0], answer[1]
    raise trouble or failure("device_not_found")


def _ask_each(call: Call, question: Callable[[Platform], Asked]) -> Iterator[Asked | BaseException]:
    """The question put to the platform that was named, or to each side by side: answers as they come, troubles too."""
    named = call.params.get("platform")
    answers: SimpleQueue[Asked | BaseException] = SimpleQueue()

    def ask(name: str) -> None:
        try:
            answers.put(question(PLATFORMS[name]()))
        except BaseException as problem:  # noqa: BLE001  carried over to the asking thread
            answers.put(problem)

    names = [name for name in PLATFORMS if named in (None, name)]
    if len(names) == 1:
        ask(names[0])
    else:
        for name in names:
            threading.Thread(target=ask, args=(name,), name=f"ask {name}", daemon=True).start()
    for _ in names:
        yield answers.get()
