"""The referee of "read-only, and provably": what virtual iPhones were asked, held against the gate's list.

Every virtual iPhone of the whole suite is watched (see conftest.py). Other people's clients, which the tests of the
virtual phones run, ask for more than the worker may; their tests are not judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyworker.ios import gate
from pyworker.virtual.iphone import Request, VirtualIphone

if TYPE_CHECKING:
    from collections.abc import Iterable

_AFC_NUMBERS = {name: number for number, (name, _why) in gate.AFC_OPERATIONS.items()}

# Not even a gate that somebody widened may let these through.
NEVER = frozenset((
    "Pair", "Unpair", "ValidatePair", "SetValue", "RemoveValue", "EnterRecovery", "Activate", "Deactivate",
    "SavePairRecord", "DeletePairRecord", "Restart", "Shutdown", "Sleep", "Flush", "Escalate", "EraseDevice",
    "InstallProfile", "RemoveProfile", "SetCloudConfiguration", "WriteFile", "TruncateFile", "RemovePath", "MakeDir",
    "FileRefWrite", "RenamePath", "MakeLink", "SetModTime", "FileRefLock", "Install", "Uninstall", "MountImage",
))


def unlisted(record: Iterable[Request]) -> list[Request]:
    """The requests that the gate does not list."""
    return [request for request in record if request.request in NEVER or not _is_listed(request)]


def _is_listed(request: Request) -> bool:
    try:
        if request.service == "usbmuxd":
            gate.check_usbmux({"MessageType": request.request, **request.detail})
        elif request.service == "lockdown":
            gate.check_lockdown({"Request": request.request, **request.detail})
        else:
            _check_service(request, gate.SERVICES.get(request.service))
    except gate.NotListed:
        return False
    return True


def _check_service(request: Request, rules: Any) -> None:
    if isinstance(rules, gate.AfcFolder):
        mode = request.detail.get("mode", 0).to_bytes(8, "little")
        gate.check_afc(request.service, _AFC_NUMBERS.get(request.request, -1), mode)
    elif isinstance(rules, gate.Plist) and not rules.requests and request.request == "connect":
        if request.service == "com.apple.afc2":
            raise gate.NotListed("afc2 is started, never connected to")
    elif isinstance(rules, gate.Plist):
        gate.check_request(request.service, {rules.verb: request.request, **request.detail})
    else:
        raise gate.NotListed(request.service)


class Watch:
    """The records of all phones that were made since it began."""

    def __init__(self) -> None:
        self._records: list[list[Request]] = []
        self._judged: list[int] = []
        self.requests = 0

    def begin(self) -> None:
        make = VirtualIphone.__init__

        def watched(phone: VirtualIphone, *description: Any, **more: Any) -> None:
            make(phone, *description, **more)
            self._records.append(phone.record)
            self._judged.append(0)

        VirtualIphone.__init__ = watched  # type: ignore[method-assign]

    def since_last_time(self) -> list[Request]:
        new: list[Request] = []
        for index, record in enumerate(self._records):
            new += record[self._judged[index]:]
            self._judged[index] = len(record)
        self.requests += len(new)
        return new
