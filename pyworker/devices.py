"""`devices.list`, and finding the one phone a request is about.

Each platform is asked on a thread of its own; a daemon that is not there is an empty bench, not an error.
"""

from __future__ import annotations

import threading
from _queue import SimpleQueue
from functools import cache
from typing import TYPE_CHECKING, Any

from pyworker.errors import failure
from pyworker.loading import LOADING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    from pyworker.call import Call
    from pyworker.platforms import Device, Platform

    Asked = TypeVar("Asked")


@cache
def ios() -> Platform:
    with LOADING:
        from pyworker.ios.platform import IOS

    return IOS


@cache
def android() -> Platform:
    with LOADING:
        from pyworker.android.platform import ANDROID

    return ANDROID


PLATFORMS: dict[str, Callable[[], Platform]] = {"ios": ios, "android": android}


def list_devices(call: Call) -> dict[str, Any]:
    devices: list[Device] = []
    for answer in _ask_each(_named(call), lambda platform: platform.attached(call)):
        if isinstance(answer, BaseException):
            raise answer
        devices += answer
    devices.sort(key=lambda device: (device.platform, device.device_id))
    return {"ok": True, "data": {"devices": [_described(device) for device in devices]}, "warnings": list(call.warnings)}


def _described(device: Device) -> dict[str, Any]:
    """The members that say something."""
    return {name: value for name, value in device._asdict().items() if value != ""}


def find(call: Call) -> tuple[Platform, Device]:
    """The phone that `device_id` names, as soon as anybody knows it.

    Raises device_not_found only when everybody who was asked said so: whoever could not be asked might have it.
    """
    found = _find(call, _named(call))
    if found is None:
        raise failure("device_not_found")
    return found


def attached_as(call: Call) -> str | None:
    """The platform of the phone that `device_id` names, whatever `platform` says. Raises RpcError as `find` does."""
    found = _find(call, list(PLATFORMS))
    return None if found is None else found[0].name


def _find(call: Call, names: list[str]) -> tuple[Platform, Device] | None:
    wanted: str = call.params["device_id"]
    trouble: BaseException | None = None
    for answer in _ask_each(names, lambda platform: (platform, platform.find(call, wanted))):
        if isinstance(answer, BaseException):
            trouble = trouble or answer
        elif answer[1] is not None:
            return answer[0], answer[1]
    if trouble is not None:
        raise trouble
    return None


def _named(call: Call) -> list[str]:
    """The platform that was asked for, else each that there is. None of them is a Mac."""
    named = call.params.get("platform")
    return [name for name in PLATFORMS if named in (None, name)]


def _ask_each(names: list[str], question: Callable[[Platform], Asked]) -> Iterator[Asked | BaseException]:
    """The question put to each of these platforms, side by side: answers as they come, troubles too."""
    answers: SimpleQueue[Asked | BaseException] = SimpleQueue()

    def ask(name: str) -> None:
        try:
            answers.put(question(PLATFORMS[name]()))
        except BaseException as problem:  # noqa: BLE001  carried over to the asking thread
            answers.put(problem)

    if len(names) == 1:
        ask(names[0])
    else:
        for name in names:
            threading.Thread(target=ask, args=(name,), name=f"ask {name}", daemon=True).start()
    for _ in names:
        yield answers.get()
