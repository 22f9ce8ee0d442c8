"""A virtual iPhone: what a JSON file says about it, the state it is in, what it was asked, what is broken about it.

The description's members (all optional but `udid` and `lockdown`; shapes as on the wire, data and dates as
`property_list.from_json` reads them):

    udid, state        the phone's name on the bus, and the state it starts in
    usb                ProductID, LocationID, ConnectionSpeed, ConnectionType
    lockdown           values: GetValue without a domain; domains: name -> values; key_only_domains: those that answer a
                       key and are {} as a whole; public: the keys an untrusted host may read; clock_skew_s:
                       TimeIntervalSince1970 runs with this computer's clock, so many seconds off
    services           refused: name -> lockdown's error word; locked: those refused while the phone is locked;
                       plain: those without TLS; extra: com.apple.afc2, on a jailbroken phone
    activation_state   what mobileactivationd says, when it is not lockdown's ActivationState
    cloud_configuration, profiles      MCInstall's answers
    diagnostics        entries: IORegistry entry name -> properties; classes: class -> entry name; info: GasGauge, NAND,
                       WiFi; mobilegestalt: answers by key
    crash_folder, media_folder, root_folder, log_archive       files by name: {"text"|"base64"|"data"|"size", "mtime",
                       "link"}, or {"files": {...}} for a folder
    device_info        AFC's, by key
    apps, processes    installation_proxy's dictionaries; names by pid
    log, syslog        see log_stream, os_trace, syslog_relay
    developer_mode     from iOS 16 on
"""

from __future__ import annotations

import copy
import json
import pathlib
from typing import TYPE_CHECKING, Any

from pyworker.virtual.iphone.faults import Faults
from pyworker.virtual.iphone.property_list import from_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyworker.virtual.iphone.record import Request

STATES = (
    "trusted",              # a good pair record, unlocked
    "untrusted",            # this computer was never trusted
    "stale_record",         # there is a pair record, and the phone has forgotten it
    "before_first_unlock",  # restarted and not yet unlocked: no session
    "locked",               # unlocked once since it started, the screen is locked now
    "dialog_pending",       # the Trust dialog is on the screen
    "denied",               # "Don't Trust" was tapped
)
HAS_PAIR_RECORD = frozenset(("trusted", "stale_record", "before_first_unlock", "locked"))
HAS_SESSION = frozenset(("trusted", "locked"))

PHONES = pathlib.Path(__file__).resolve().parent.parent / "phones"

# iOS hands out service ports from the dynamic range.
_FIRST_PORT = 49152
_LAST_PORT = 65535


class VirtualIphone:
    """Raises ValueError for a description without a udid or with an unknown state, KeyError without `lockdown`."""

    def __init__(self, description: Mapping[str, Any]) -> None:
        self.description: dict[str, Any] = from_json(copy.deepcopy(dict(description)))
        self.udid: str = str(self.description["udid"])
        self.description["lockdown"].setdefault("values", {}).setdefault("UniqueDeviceID", self.udid)
        self.state = self.description.get("state", "trusted")
        self.record: list[Request] = []
        self.faults = Faults()
        self._next_port = _FIRST_PORT
        self._services_by_port: dict[int, str] = {}

    @classmethod
    def load(cls, path_or_name: str | pathlib.Path) -> VirtualIphone:
        """From a JSON file, or by the name of one of the phones that come with the package ("iphone-clean")."""
        path = pathlib.Path(path_or_name)
        if path.suffix != ".json":
            path = PHONES / f"{path_or_name}.json"
        return cls(json.loads(path.read_text(encoding="utf-8")))

    @classmethod
    def from_json(cls, description: Mapping[str, Any]) -> VirtualIphone:
        return cls(description)

    @property
    def state(self) -> str:
        return self._state

    @state.setter
    def state(self, state: str) -> None:
        if state not in STATES:
            raise ValueError(f"no such state: {state!r}; one of {', '.join(STATES)}")
        self._state = state

    @property
    def version(self) -> tuple[int, ...]:
        """ProductVersion as numbers: (17, 4, 1). Empty when there is none."""
        text = str(self.description["lockdown"]["values"].get("ProductVersion", ""))
        return tuple(int(part) for part in text.split(".") if part.isdigit())

    def member(self, name: str) -> dict[str, Any]:
        """A part of the description that is an object; empty when it is not there."""
        part = self.description.get(name)
        return part if isinstance(part, dict) else {}

    def open_port(self, service: str) -> int:
        """A port on which `service` waits for one connection."""
        port = self._next_port
        self._next_port = port + 1 if port < _LAST_PORT else _FIRST_PORT
        self._services_by_port[port] = service
        return port

    def take_port(self, port: int) -> str | None:
        """The service that waits on this port, which is closed to anyone else from here on."""
        return self._services_by_port.pop(port, None)

    def __repr__(self) -> str:
        return f"<VirtualIphone {self.udid} {self.state}>"
