"""How a script gets to a phone: three ways in, one call behind them.

    adb-server   through the adb server that runs, a connection a script, several side by side
    adb-tcp      to the phone's own adbd, over the network or this computer's loopback
    adb-usb      the same over USB, which no adb server may hold at that time

The direct ways make one connection when first needed and carry one service at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from pyworker.android import adb_server, attached
from pyworker.android.no_answer import NoAnswer
from pyworker.errors import failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyworker.android.device_stream import DeviceConnection
    from pyworker.call import Call
    from pyworker.platforms import Device


class ServiceStream(Protocol):
    """One opened service."""

    def read(self, until: float) -> bytes:
        """What has come; b"" at the end. Raises NoAnswer: "timeout" at `until`, "disconnected" when it broke off."""

    def close(self) -> None:
        """End it, on the phone too. Raises nothing."""


class Way(Protocol):
    """side_by_side: whether several streams may be open at once, from several threads."""

    side_by_side: bool

    def open(self, text: str, until: float) -> ServiceStream:
        """Run the script `text`. Raises NoAnswer."""

    def drop(self) -> None:
        """Forget a connection that did not behave; the next `open` makes a new one. Raises nothing."""


class ThroughServer:
    """Way (a). Asks at once what the phone's shell can do. Raises NoAnswer."""

    __slots__ = ("_address", "_call", "_prefix", "_serial", "side_by_side")

    def __init__(self, address: tuple[str, int], serial: str, call: Call, until: float) -> None:
        self.side_by_side = True
        self._address = address
        self._serial = serial
        self._call = call
        try:
            known = adb_server.features(address, serial, call, until)
        except OSError:
            raise NoAnswer("disconnected") from None  # the server has gone since the phone was found
        self._prefix = adb_server.SHELL_V2 if "shell_v2" in known else adb_server.EXEC

    def open(self, text: str, until: float) -> ServiceStream:
        try:
            return adb_server.ServerStream(self._address, self._serial, self._prefix + text, self._call, until)
        except OSError:
            raise NoAnswer("disconnected") from None

    def drop(self) -> None:
        """Nothing to forget: each stream has its own connection."""


class Direct:
    """Ways (b) and (c). `connect` makes the connection; raises OSError when nobody is there."""

    __slots__ = ("_connect", "_connection", "_was_there", "side_by_side")

    def __init__(self, connect: Callable[[float], DeviceConnection]) -> None:
        self.side_by_side = False
        self._connect = connect
        self._connection: DeviceConnection | None = None
        self._was_there = False

    def open(self, text: str, until: float) -> ServiceStream:
        """Raises device_not_found, beside NoAnswer, when nobody is there from the first."""
        from pyworker.android.device_stream import DeviceStream

        if self._connection is None:
            try:
                self._connection = self._connect(until)
            except OSError:
                if self._was_there:
                    raise NoAnswer("disconnected") from None
                raise failure("device_not_found") from None
            self._was_there = True
        return DeviceStream(self._connection, adb_server.EXEC + text, until)

    def drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def way_to(device: Device, call: Call, until: float, budget: int) -> Way:
    """The way `device.connection` names. budget: the bytes a direct connection may bring. Raises NoAnswer."""
    if device.connection == "adb-server":
        if call.settings.adb_server is None:
            raise NoAnswer("disconnected")
        return ThroughServer(call.settings.adb_server, device.device_id, call, until)

    def connect(until: float) -> DeviceConnection:
        from pyworker.android.adb_key import AdbKey
        from pyworker.android.device_stream import DeviceConnection

        key = None if call.settings.adb_key is None else AdbKey(call.settings.adb_key)
        return DeviceConnection(_carrier(device, call, until, budget), key)

    return Direct(connect)


def _carrier(device: Device, call: Call, until: float, budget: int) -> Any:
    if device.connection == "adb-tcp":
        from pyworker.android.tcp_transport import TcpTransport

        address = attached.tcp_address(device.device_id, call.settings)
        if address is None:
            raise NoAnswer("disconnected")
        return TcpTransport(address, call, until, budget)
    from pyworker.android.usb_transport import UsbTransport

    return UsbTransport(device.device_id, call, until, budget)
