"""The method table: everything the peer can ask for, and nothing else.

A method is a name, the capability the policy must allow, where its handler is, and how it runs: `at_once` on the
reader's thread (it touches neither phones nor disks), or on a thread of its own with a deadline. Its schemas are
schemas/<name>.params.json and schemas/<name>.result.json. Handlers are imported when first called.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pyworker.call import Call


class Method:
    """handler: "module:function" taking a Call and returning a JSON value. seconds: the deadline without timeout_ms.

    lane: requests with the same value of this parameter run one after another, in order of arrival.
    """

    __slots__ = ("name", "summary", "capability", "handler", "at_once", "seconds", "lane", "_function")

    def __init__(
        self,
        name: str,
        summary: str,
        capability: str,
        handler: str,
        *,
        at_once: bool = False,
        seconds: float = 0.0,
        lane: str = "",
    ) -> None:
        self.name = name
        self.summary = summary
        self.capability = capability
        self.handler = handler
        self.at_once = at_once
        self.seconds = seconds
        self.lane = lane
        self._function: Callable[[Call], Any] | None = None

    @property
    def is_loaded(self) -> bool:
        return self._function is not None

    def function(self) -> "Callable[[Call], Any]":
        if self._function is None:
            module, _, name = self.handler.partition(":")
            __import__(module)
            import sys

            self._function = getattr(sys.modules[module], name)
        return self._function


# Without timeout_ms. Long enough for a slow phone on a bad cable; a technician gives up on a blank page after that.
_LIST_S = 10.0
_BASIC_S = 20.0
_DEEP_S = 45.0
_REPORT_S = 60.0
_LOGS_S = 180.0  # a full log is hundreds of megabytes through USB 2
_DISCOVER_S = 10.0

METHODS: "dict[str, Method]" = {
    method.name: method
    for method in (
        Method(
            "health",
            "Whether the worker runs, its version and how long it has been up.",
            "control",
            "pyworker.health:health",
            at_once=True,
        ),
        Method(
            "devices.list",
            "The phones that are attached, each with its state.",
            "list",
            "pyworker.devices:list_devices",
            seconds=_LIST_S,
        ),
        Method(
            "inspect.basic",
            "The locks that decide what a phone is worth, each with its evidence.",
            "inspect_basic",
            "pyworker.inspect:basic",
            seconds=_BASIC_S,
            lane="device_id",
        ),
        Method(
            "inspect.deep",
            "Battery, storage, security and whatever else the phone tells.",
            "inspect_deep",
            "pyworker.inspect:deep",
            seconds=_DEEP_S,
            lane="device_id",
        ),
        Method(
            "logs.collect",
            "Logs and crash reports, counted, sifted and redacted.",
            "logs",
            "pyworker.logs:collect",
            seconds=_LOGS_S,
            lane="device_id",
        ),
        Method(
            "report.format",
            "A report as PDF, HTML or JSON.",
            "report",
            "pyworker.report:format_report",
            seconds=_REPORT_S,
            lane="report_id",
        ),
        Method(
            "policy.get",
            "The policy's ceiling, what each mode allows, and how well the worker is contained.",
            "control",
            "pyworker.policy_get:policy",
            at_once=True,
        ),
        Method(
            "rpc.discover",
            "This table and its schemas as an OpenRPC document.",
            "control",
            "pyworker.discover:discover",
            seconds=_DISCOVER_S,
        ),
        Method(
            "shutdown", "Finish what is under way, then leave.", "control", "pyworker.health:shutdown", at_once=True
        ),
    )
}
