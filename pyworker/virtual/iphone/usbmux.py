"""The virtual usbmuxd: the host's side of the cable, on a socket of its own, with the phones that are plugged in.

One thread with an event loop serves every connection; what is said on one is usbmux_conversation's.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import selectors
import socket
import tempfile
import threading
from typing import TYPE_CHECKING, Any, Self

from pyworker.virtual.iphone import pairing
from pyworker.virtual.iphone.faults import Faults
from pyworker.virtual.iphone.link import Link
from pyworker.virtual.iphone.usbmux_conversation import Attached, UsbmuxConversation, message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from pyworker.virtual.iphone.phone import VirtualIphone

# A loop that has not come to an end by then never will, and a test that waits longer would not say why.
_CLOSE_LIMIT_S = 5.0
# More than a client opens at once, even one that inspects every phone of a full bench.
_BACKLOG = 256


class VirtualUsbmuxd:
    """A usbmuxd with virtual phones on its bus; `with VirtualUsbmuxd([phone]) as usbmuxd: ...`

    phones: those plugged in from the start. latency_s: one round trip over the cable; usbmuxd itself answers at once.
    address: a path for a Unix socket or (host, port); None for a private one. Raises OSError when it is taken.
    """

    def __init__(
        self, phones: Sequence[VirtualIphone] = (), latency_s: float = 0.0,
        address: str | tuple[str, int] | None = None,
    ) -> None:
        self.latency_s = latency_s
        self.faults = Faults()
        self.listeners: set[Link] = set()
        self.connections = 0
        self.services_started = 0
        self._wanted_address = address
        self._attached: dict[str, Attached] = {}
        self._next_device_id = 1
        self._links: dict[Link, VirtualIphone | None] = {}
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self.address: str | tuple[str, int] = ""
        for phone in phones:
            self._attach(phone)

    # -- from any thread -------------------------------------------------------------------------------------------

    @property
    def libusbmuxd_address(self) -> str:
        """As libusbmuxd takes it in USBMUXD_SOCKET_ADDRESS."""
        return f"UNIX:{self.address}" if isinstance(self.address, str) else "{}:{}".format(*self.address)

    def start(self) -> Self:
        if self._thread is not None:
            return self
        # Making the keys takes a moment; better here than inside somebody's first handshake.
        pairing.server_context()
        self._listener = self._bind()
        # Readers and writers of plain sockets: on Windows only the selector loop has them. epoll waits in whole
        # milliseconds and rounds up, which would make a cable of two milliseconds one of three.
        self._loop = asyncio.SelectorEventLoop(selectors.SelectSelector() if self.latency_s else None)
        self._loop.add_reader(self._listener, self._accept)
        self._thread = threading.Thread(target=self._run, name="virtual-usbmuxd", daemon=True)
        self._thread.start()
        return self

    def close(self) -> None:
        """Every connection ends, the thread is gone, the socket is removed."""
        thread, loop = self._thread, self._loop
        if thread is None or loop is None:
            return
        self._thread = None
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_CLOSE_LIMIT_S)
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
        elif isinstance(self.address, str):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.address)

    def plug(self, phone: VirtualIphone) -> None:
        """Attach the phone; listeners are told. A phone that is attached already stays as it is."""
        self._call(lambda: self._attach(phone))

    def unplug(self, udid: str) -> None:
        """Take the phone off: its connections end, listeners are told. Without effect when it is not attached."""
        self._call(lambda: self.detach(udid))

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- in the loop's thread --------------------------------------------------------------------------------------

    def device_list(self) -> list[dict[str, Any]]:
        return [attached.event() for attached in self._attached.values()]

    def find(self, udid: Any = None, device_id: Any = None) -> Attached | None:
        if udid is not None:
            return self._attached.get(udid)
        return next((attached for attached in self._attached.values() if attached.device_id == device_id), None)

    def belongs(self, link: Link, phone: VirtualIphone) -> None:
        """This connection goes through to the phone, and ends with its cable."""
        self._links[link] = phone

    def count_service(self) -> None:
        self.services_started += 1

    def detach(self, udid: str) -> None:
        attached = self._attached.pop(udid, None)
        if attached is None:
            return
        for link in [link for link, phone in self._links.items() if phone is attached.phone]:
            link.abort()
        self._tell({"MessageType": "Detached", "DeviceID": attached.device_id})

    def _attach(self, phone: VirtualIphone) -> None:
        if phone.udid in self._attached:
            return
        attached = self._attached[phone.udid] = Attached(self._next_device_id, phone)
        self._next_device_id += 1
        self._tell(attached.event())

    def _tell(self, event: dict[str, Any]) -> None:
        for link in tuple(self.listeners):
            link.send(message(event, 0))

    def _call(self, change: Callable[[], None]) -> None:
        """Make a change in the loop's thread and wait for it, so that what the caller does next sees it."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None or thread is threading.current_thread():
            change()
            return
        done = threading.Event()

        def make() -> None:
            change()
            done.set()

        loop.call_soon_threadsafe(make)
        done.wait(_CLOSE_LIMIT_S)

    def _bind(self) -> socket.socket:
        address = self._wanted_address
        if address is None:
            if hasattr(socket, "AF_UNIX"):
                self._folder = tempfile.TemporaryDirectory(prefix="usbmuxd-")
                address = os.path.join(self._folder.name, "usbmuxd")
            else:
                address = ("127.0.0.1", 0)
        listener = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
        try:
            if not isinstance(address, str):
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(_BACKLOG)
            listener.setblocking(False)
        except OSError:
            listener.close()
            raise
        self.address = address if isinstance(address, str) else listener.getsockname()[:2]
        return listener

    def _run(self) -> None:
        loop, listener = self._loop, self._listener
        assert loop is not None and listener is not None
        try:
            loop.run_forever()
        finally:
            loop.remove_reader(listener)
            listener.close()
            for link in tuple(self._links):
                link.abort()
            loop.close()
            self._loop = None

    def _accept(self) -> None:
        assert self._listener is not None and self._loop is not None
        try:
            sock, _ = self._listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return
        if sock.family == socket.AF_INET:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connections += 1
        link = Link(self._loop, sock, self._forget)
        self._links[link] = None
        link.begin(UsbmuxConversation(self, link))

    def _forget(self, link: Link) -> None:
        self._links.pop(link, None)
        self.listeners.discard(link)
