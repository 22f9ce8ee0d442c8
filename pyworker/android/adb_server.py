"""Way (a) to a phone: through the adb server that already runs, by its socket protocol.

A request is four hex digits of length and that many bytes of text; the answer is OKAY, or FAIL with a counted text.
One service a connection: after `host:transport:` and OKAY, the service's own bytes follow until the end of the stream.
Sources: AOSP docs/dev/services.md and adb.cpp; what servers 29 and 36 do was measured.

Never: start, kill or reconnect a server, make it connect to a phone, or send a service string above SERVICE_LIMIT (the
server checks a limit that only it knows, and ends itself). Each text passes the gate. A stalled phone makes the server
wait for ever, so every read here has an end. With `exec:` a broken connection looks like the end of the output; the
script's END tells them apart.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pyworker.android import gate
from pyworker.android.bounded_socket import BoundedSocket
from pyworker.android.no_answer import NoAnswer
from pyworker.android.shell_protocol import ShellPackets

if TYPE_CHECKING:
    from pyworker.call import Call

SHELL_V2 = "shell,v2,raw:"
EXEC = "exec:"

# Large enough that a hundred megabytes of log cost few turns of the loop, small beside what a worker may hold.
_BUFFER = 256 * 1024

_LISTED = re.compile(
    r"(?P<serial>\S.*?)\s+(?P<state>device|offline|unauthorized|authorizing|connecting|no permissions|recovery|sideload"
    r"|rescue|bootloader|host|detached|unknown)(?=\s|$)(?P<rest>.*)")
_DETAIL = re.compile(r"(?:^|\s)(usb|product|model|device|transport_id):(\S*)")
_LONGEST_DETAIL = 64  # characters; what a phone says of itself has no bound of its own

HINT_AUTHORIZE = "Unlock the phone and accept USB debugging for this computer on its screen."
HINT_OFFLINE = "Unplug the phone, plug it in again and wait a moment."
HINT_OLD_SERVER = "The adb server is too old for this: update the Android platform tools on this computer."
HINT_PERMISSIONS = "This computer may not open the phone: check the udev rules or the driver, then plug it in again."


class Listed(NamedTuple):
    """A line of the server's list. state: the server's word. usb: the port ("1-2") where it tells that, else ""."""

    serial: str
    state: str
    usb: str
    product: str
    model: str
    device: str


def parse_list(text: str) -> list[Listed]:
    """The phones in a `host:devices-l` answer. Lines that are none are left out."""
    phones = []
    for line in text.splitlines():
        found = _LISTED.fullmatch(line.strip())
        if found is not None:
            said = {key: value[:_LONGEST_DETAIL] for key, value in _DETAIL.findall(found["rest"])}
            phones.append(Listed(found["serial"], found["state"], *(
                said.get(key, "") for key in ("usb", "product", "model", "device"))))
    return phones


# What the server says instead of OKAY (AOSP transport.cpp, adb.cpp), by words it contains: reason, state, hint.
_FAILURES = (
    ("device unauthorized", "unauthorized", "unauthorized", HINT_AUTHORIZE),
    ("device still authorizing", "unauthorized", "unauthorized", HINT_AUTHORIZE),
    ("device offline", "disconnected", "offline", HINT_OFFLINE),
    ("device still connecting", "disconnected", "offline", "The phone is still connecting: wait a moment."),
    ("no permissions", "permission_denied", "no_permissions", HINT_PERMISSIONS),
    ("insufficient permissions", "permission_denied", "no_permissions", HINT_PERMISSIONS),
    ("more than one device", "refused", "offline", "Two phones have the same serial number: unplug one."),
    ("not found", "disconnected", "", ""),
    ("no device", "disconnected", "", ""),
    ("closed", "refused", "", ""),
    ("unknown host service", "refused", "", HINT_OLD_SERVER),
)


def failure_of(text: str) -> NoAnswer:
    """What the server's FAIL text means."""
    for words, reason, state, hint in _FAILURES:
        if words in text:
            return NoAnswer(reason, state, hint)
    return NoAnswer("refused")


def _ask(connection: BoundedSocket, text: str, until: float) -> None:
    """Send one request and hear OKAY. Raises NoAnswer."""
    gate.check(text)
    request = text.encode()
    connection.send(b"%04x%s" % (len(request), request), until)
    status = connection.receive_exactly(4, until)
    if status == b"FAIL":
        raise failure_of(_counted(connection, until))
    if status != b"OKAY":
        raise NoAnswer("unreadable")


def _counted(connection: BoundedSocket, until: float) -> str:
    """A text with its length before it: at most 64 KiB, as the length has four digits."""
    digits = connection.receive_exactly(4, until)
    try:
        length = int(digits, 16)
    except ValueError:
        raise NoAnswer("unreadable") from None
    return connection.receive_exactly(length, until).decode("utf-8", "replace")


def list_devices(address: tuple[str, int], call: Call, until: float) -> list[Listed]:
    """Every phone the server holds. Raises OSError when there is no server, NoAnswer when it does not behave as one."""
    connection = BoundedSocket(address, call, until)
    try:
        _ask(connection, "host:devices-l", until)
        return parse_list(_counted(connection, until))
    finally:
        connection.close()


def features(address: tuple[str, int], serial: str, call: Call, until: float) -> frozenset[str]:
    """What the phone's adbd can do: "shell_v2", "cmd" … Empty for an old one, and from a server that does not know."""
    connection = BoundedSocket(address, call, until)
    try:
        _ask(connection, f"host-serial:{serial}:features", until)
        return frozenset(_counted(connection, until).split(","))
    except NoAnswer as told:
        if told.hint == HINT_OLD_SERVER:
            return frozenset()
        raise
    finally:
        connection.close()


class ServerStream:
    """The output of one service on the phone, through the server. Opens it at once."""

    __slots__ = ("_buffer", "_connection", "_packets")

    def __init__(self, address: tuple[str, int], serial: str, service: str, call: Call, until: float) -> None:
        self._buffer = memoryview(bytearray(_BUFFER))
        self._packets = ShellPackets() if service.startswith(SHELL_V2) else None
        self._connection = BoundedSocket(address, call, until)
        try:
            _ask(self._connection, f"host:transport:{serial}", until)
            _ask(self._connection, service, until)
        except BaseException:
            self._connection.close()
            raise

    def read(self, until: float) -> bytes:
        """What has come; b"" at the end. Raises NoAnswer: "timeout" at `until`, "disconnected" when it broke off."""
        if self._packets is None:
            return bytes(self._buffer[:self._connection.receive_into(self._buffer, until)])
        while self._packets.status is None:
            count = self._connection.receive_into(self._buffer, until)
            if not count:
                raise NoAnswer("disconnected")
            output = self._packets.feed(self._buffer[:count])
            if output:
                return b"".join(output)
        return b""

    def close(self) -> None:
        """Ends the command on the phone too, if it still runs."""
        self._connection.close()
