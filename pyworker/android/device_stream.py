"""One service's output from a phone's own adbd, over a carrier of ways (b) and (c).

adb_shell does the greeting and the authorisation. The stream of a service is read here, with the library's messages:
its own reader does not see that a service was refused, does not check a header's magic, waits by rules of its own and
loses everything on an error (measured). One service at a time, `exec:` always: whether a phone has `shell,v2` is in the
greeting, which the library drops, and the script's END does the work of the exit packet.

A phone sends the next piece when the last was acknowledged, so that goes out before anything else is done.
"""

from __future__ import annotations

import sys
from time import monotonic
from typing import TYPE_CHECKING

# The library's own USB carrier opens libusb, with a thread and a socket, as soon as it is imported, and where a sandbox
# forbids that, the import fails. It is not needed (usb_transport.py); the library does without what it cannot import.
sys.modules.setdefault("adb_shell.transport.usb_transport", None)  # type: ignore[arg-type]

from adb_shell import constants  # noqa: E402
from adb_shell.adb_device import AdbDevice  # noqa: E402
from adb_shell.adb_message import AdbMessage, checksum  # noqa: E402
from adb_shell.exceptions import (  # noqa: E402
    AdbTimeoutError,
    DeviceAuthError,
    InvalidChecksumError,
    InvalidCommandError,
    InvalidResponseError,
)

from pyworker.android import gate  # noqa: E402
from pyworker.android.no_answer import NoAnswer  # noqa: E402

if TYPE_CHECKING:
    from pyworker.android.adb_key import AdbKey
    from pyworker.android.tcp_transport import TcpTransport
    from pyworker.android.usb_transport import UsbTransport

_HINT_NO_KEY = "The phone asks for an authorised adb key, and the worker was given none (--adb-key)."
_HINT_TLS = "The phone uses wireless debugging: pair it with adb, and let the worker ask the adb server."

_HEADER = 24
_MASK = 0xFFFFFFFF
_BANNER = b"pyworker"  # shown nowhere; without one the library would send this computer's name


class DeviceConnection:
    """A greeted and authorised connection to an adbd. Raises NoAnswer, or OSError when nobody is there."""

    __slots__ = ("_last_id", "transport")

    def __init__(self, transport: TcpTransport | UsbTransport, key: AdbKey | None) -> None:
        self.transport = transport
        self._last_id = 0
        try:
            self._greet(key)
        except BaseException:
            transport.close()
            raise

    def _greet(self, key: AdbKey | None) -> None:
        # The carrier ends every wait; the library's own limits are only kept from ending one earlier.
        patience = max(0.0, self.transport.until - monotonic()) + 1.0
        try:
            AdbDevice(self.transport, banner=_BANNER).connect(
                rsa_keys=None if key is None else [key], transport_timeout_s=patience, read_timeout_s=patience,
                auth_timeout_s=patience)
        except DeviceAuthError:
            raise NoAnswer("unauthorized", "unauthorized", _HINT_NO_KEY) from None
        except InvalidCommandError as error:
            if "STLS" in str(error):
                raise NoAnswer("refused", "offline", _HINT_TLS) from None
            raise NoAnswer("unreadable") from None
        except (InvalidChecksumError, InvalidResponseError, ValueError):
            raise NoAnswer("unreadable") from None
        except AdbTimeoutError:
            raise NoAnswer("timeout") from None

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def send(self, command: bytes, local: int, remote: int, data: bytes = b"") -> None:
        message = AdbMessage(command, local, remote, data)
        self.transport.bulk_write(message.pack())
        if data:
            self.transport.bulk_write(data)

    def receive(self) -> tuple[bytes, int, int, bytes]:
        """The next message: command, the phone's id, our id, data. Raises NoAnswer("unreadable") for what is none."""
        header = self.transport.bulk_read(_HEADER)
        word, remote, local, length, summed, magic = (
            int.from_bytes(header[at:at + 4], "little") for at in range(0, _HEADER, 4))
        command = constants.WIRE_TO_ID.get(word)
        if command is None or magic != word ^ _MASK:
            raise NoAnswer("unreadable")
        data = self.transport.bulk_read(length) if length else b""
        if checksum(data) != summed:
            raise NoAnswer("unreadable")
        return command, remote, local, data

    def close(self) -> None:
        self.transport.close()


class DeviceStream:
    """The output of one service. Opens it at once. Raises NoAnswer("refused") when the phone does not."""

    __slots__ = ("_connection", "_ended", "_local", "_remote")

    def __init__(self, connection: DeviceConnection, service: str, until: float) -> None:
        gate.check(service)
        self._connection = connection
        self._local = connection.next_id()
        self._ended = False
        connection.transport.until = until
        connection.send(constants.OPEN, self._local, 0, service.encode() + b"\0")
        command, self._remote, _ = self._mine()
        if command != constants.OKAY:
            raise NoAnswer("refused")

    def _mine(self) -> tuple[bytes, int, bytes]:
        while True:
            command, remote, local, data = self._connection.receive()
            if local == self._local:
                return command, remote, data

    def read(self, until: float) -> bytes:
        """What has come; b"" at the end. Raises NoAnswer."""
        self._connection.transport.until = until
        while not self._ended:
            command, _, data = self._mine()
            if command == constants.CLSE:
                self.close()
            elif command == constants.WRTE:
                self._connection.send(constants.OKAY, self._local, self._remote)
                if data:
                    return data
        return b""

    def close(self) -> None:
        """Tell the phone that nobody listens any more: it ends what still runs. The connection can go on."""
        if self._ended:
            return
        self._ended = True
        try:
            self._connection.send(constants.CLSE, self._local, self._remote)
        except NoAnswer:
            return  # the phone is gone, and its commands with it; whoever uses the connection next is told
