"""Way (c): the carrier adb_shell is given to reach a phone over USB, through libusb; and what the bus shows unasked.

Rules:
- after a transfer that fills its last packet an empty one must follow, or the phone waits for more (AOSP
  docs/dev/zero_length_packet.md); adb_shell's own carrier never sends it;
- an interface has one owner: when an adb server runs, it is that. Busy and not permitted are states with a hint;
- a kernel driver is never detached, a configuration never set, a device never reset;
- every transfer has a time limit, as 0 means for ever to libusb, and a short one, so that a stopped call is noticed.
"""

from __future__ import annotations

import os
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from adb_shell.transport.base_transport import BaseTransport

from pyworker import libusb
from pyworker.android.adb_server import HINT_PERMISSIONS
from pyworker.android.no_answer import NoAnswer
from pyworker.android.tcp_transport import LARGEST_PACKET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyworker.call import Call

HINT_BUSY = "Another adb server holds this phone: close it, or let the worker ask that server (--adb-server)."

_ADB_INTERFACE = (0xFF, 0x42, 0x01)  # vendor specific, adb, protocol 1
_SLICE_MS = 250  # a stopped call is noticed this soon
_STALE_WAIT_MS = 20  # for what an earlier owner of the interface left in the phone's queue
_STALE_TRANSFERS = 64  # then it is no remainder any more
_SERIAL_FOLDER = "/sys/bus/usb/devices"  # Linux keeps a device's strings there, readable without opening the device


class UsbPhone(NamedTuple):
    """serial: "" when it cannot be read. port: bus and ports, "1-2.4", as adb's list writes it. state, hint: as in
    platforms.Device.
    """

    serial: str
    port: str
    state: str
    hint: str

    @property
    def device_id(self) -> str:
        return self.serial or f"usb:{self.port}"


def usb_phones() -> list[UsbPhone]:
    """Every phone on the bus with an adb interface; none is claimed. Empty without libusb or without a bus."""
    usb1 = libusb.library()
    if usb1 is None:
        return []
    try:
        with usb1.USBContext() as context:
            return [_describe(usb1, device) for device, _ in _adb_interfaces(context)]
    except usb1.USBError:
        return []  # the system has no USB bus, or does not show it


def _adb_interfaces(context: Any) -> Iterator[tuple[Any, Any]]:
    for device in context.getDeviceIterator(skip_on_error=True):
        for setting in device.iterSettings():
            if (setting.getClass(), setting.getSubClass(), setting.getProtocol()) == _ADB_INTERFACE:
                yield device, setting
                break


def _port(device: Any) -> str:
    return f"{device.getBusNumber()}-{'.'.join(map(str, device.getPortNumberList()))}"


def _describe(usb1: Any, device: Any) -> UsbPhone:
    port = _port(device)
    serial = _serial_from_the_system(port)
    try:
        handle = device.open()
        try:
            return UsbPhone(serial or handle.getSerialNumber() or "", port, "ready", "")
        finally:
            handle.close()
    except usb1.USBErrorAccess:
        return UsbPhone(serial, port, "no_permissions", HINT_PERMISSIONS)
    except usb1.USBErrorBusy:
        return UsbPhone(serial, port, "offline", HINT_BUSY)
    except usb1.USBError:
        return UsbPhone(serial, port, "offline", "")


def _serial_from_the_system(port: str) -> str:
    try:
        with open(os.path.join(_SERIAL_FOLDER, port, "serial"), encoding="ascii", errors="replace") as file:
            return file.read(256).strip()
    except OSError:
        return ""  # not Linux, or a phone without a serial number


class UsbTransport(BaseTransport):  # type: ignore[misc]  # the library carries no types
    """The phone that usb_phones() calls `device_id`. until, budget: as in TcpTransport."""

    def __init__(self, device_id: str, call: Call, until: float, budget: int) -> None:
        self.until = until
        self.budget = budget
        self._device_id = device_id
        self._call = call
        self._context: Any = None
        self._handle: Any = None
        self._interface = 0
        self._read_from = 0
        self._write_to = 0
        self._packet = 0

    def connect(self, transport_timeout_s: float | None = None) -> None:
        """Claim the interface. Raises NoAnswer: busy and not permitted with a state, else "disconnected"."""
        import usb1

        try:
            self._context = usb1.USBContext().open()
            for device, setting in _adb_interfaces(self._context):
                if _describe(usb1, device).device_id == self._device_id:
                    self._claim(device, setting)
                    self._drop_stale()
                    return
        except usb1.USBError as error:
            self.close()
            raise self._failure(error) from None
        self.close()
        raise NoAnswer("disconnected")

    def _claim(self, device: Any, setting: Any) -> None:
        for endpoint in setting.iterEndpoints():
            address = endpoint.getAddress()
            if address & 0x80:
                self._read_from = address
            else:
                self._write_to = address
                self._packet = endpoint.getMaxPacketSize()
        self._handle = device.open()
        self._handle.claimInterface(setting.getNumber())
        self._interface = setting.getNumber()

    def _drop_stale(self) -> None:
        import usb1

        for _ in range(_STALE_TRANSFERS):
            try:
                self._handle.bulkRead(self._read_from, 16384, timeout=_STALE_WAIT_MS)
            except usb1.USBErrorTimeout:
                return

    def close(self) -> None:
        import usb1

        handle, self._handle = self._handle, None
        context, self._context = self._context, None
        if handle is not None:
            # An error here: the phone is gone, or the interface was never ours. Closing the handle is all that is left.
            with suppress(usb1.USBError):
                handle.releaseInterface(self._interface)
            handle.close()
        if context is not None:
            context.close()

    def _patience_ms(self) -> int:
        left = self.until - monotonic()
        if left <= 0 or self._call.stopped:
            raise NoAnswer("timeout")
        if self._handle is None:
            raise NoAnswer("disconnected")
        return max(1, min(_SLICE_MS, int(left * 1000)))

    def _failure(self, error: Exception) -> NoAnswer:
        import usb1

        if isinstance(error, usb1.USBErrorBusy):
            return NoAnswer("refused", "offline", HINT_BUSY)
        if isinstance(error, usb1.USBErrorAccess):
            return NoAnswer("permission_denied", "no_permissions", HINT_PERMISSIONS)
        return NoAnswer("disconnected")

    def bulk_read(self, numbytes: int, transport_timeout_s: float | None = None) -> bytes:
        """Exactly `numbytes`. Raises NoAnswer."""
        import usb1

        if numbytes > LARGEST_PACKET:
            raise NoAnswer("unreadable")
        self.budget -= numbytes
        if self.budget < 0:
            raise NoAnswer("truncated")
        data = bytearray()
        while len(data) < numbytes:
            patience = self._patience_ms()
            try:
                data += self._handle.bulkRead(self._read_from, numbytes - len(data), timeout=patience)
            except usb1.USBErrorTimeout as silence:
                data += silence.received
            except usb1.USBError as error:
                raise self._failure(error) from None
        return bytes(data)

    def bulk_write(self, data: bytes, transport_timeout_s: float | None = None) -> int:
        """All of `data`, and the empty packet where it is due. Raises NoAnswer."""
        self._write(data)
        if self._packet and len(data) % self._packet == 0:
            self._write(b"")
        return len(data)

    def _write(self, data: bytes) -> None:
        import usb1

        left = data
        while True:
            patience = self._patience_ms()
            try:
                self._handle.bulkWrite(self._write_to, left, timeout=patience)
                return
            except usb1.USBErrorTimeout as silence:
                left = left[silence.transferred:]
                if data and not left:
                    return
            except usb1.USBError as error:
                raise self._failure(error) from None
