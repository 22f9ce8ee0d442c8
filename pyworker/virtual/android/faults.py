"""What goes wrong on purpose. `phone.faults.add(where, kind, **how)`; the transports ask and misbehave.

where: "connect" (before the phone answers a host's CNXN), "auth" (after the host's signature), "service" (any
service), the beginning of a service's text ("exec:", "shell,v2"), "host" or the beginning of a request to the adb
server itself ("host:devices"), "*" (services and host requests).

| kind | over adbd | over the adb server | how |
|---|---|---|---|
| refused_open | CLSE(0, id) | FAIL "closed" | |
| stall | nothing more is sent, the connection stays | the same | after=bytes of output |
| no_end | all output, no CLSE | all output, the socket stays open | |
| wrong_checksum | a WRTE with a wrong checksum | as drop | after |
| wrong_magic | a WRTE with a wrong magic word | as drop | after |
| garbage | random bytes where a packet should be | as drop; to a host request: random bytes | after, size=64 |
| oversized_header | a packet header announcing `length`, then nothing | as drop; v2: such a v2 header | after, length=2^31 |
| flood | the same, then bytes without end | v2: the same; v1: bytes without end | after, length=2^31 |
| huge | `size` bytes of output (default 1 GiB) before the end | the same | size, seed text= |
| drop | the connection is closed, in the middle of a packet | the socket is closed | after |
| reset | the same, by a reset | the same | after |
| trickle | output goes `chunk` bytes every `every` seconds | the same | chunk=1, every=0.5 |
| delay | the first answer is late | the same | seconds=1.0 |
| tls | STLS instead of CNXN (wireless debugging) | | |

how also takes times=N: the fault strikes the first N times (default: always). Thread-safe.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import NamedTuple

KINDS = (
    "refused_open",
    "stall",
    "no_end",
    "wrong_checksum",
    "wrong_magic",
    "garbage",
    "oversized_header",
    "flood",
    "huge",
    "drop",
    "reset",
    "trickle",
    "delay",
    "tls",
)
AT_A_BYTE = ("stall", "wrong_checksum", "wrong_magic", "garbage", "oversized_header", "flood", "drop", "reset")
FLOOD_BLOCK = b"\xa5" * 65536  # sent over and over by a fault that sends too much


class Fault(NamedTuple):
    where: str
    kind: str
    after: int = 0
    size: int = 0
    length: int = 1 << 31
    chunk: int = 1
    every: float = 0.5
    seconds: float = 1.0
    times: int | None = None
    text: bytes = b"x"


class Faults:
    """The faults planned for one phone or server."""

    __slots__ = ("_planned", "_struck", "_lock")

    def __init__(self) -> None:
        self._planned: list[Fault] = []
        self._struck: list[int] = []
        self._lock = threading.Lock()

    def add(
        self,
        where: str,
        kind: str,
        *,
        after: int = 0,
        size: int = 0,
        length: int = 1 << 31,
        chunk: int = 1,
        every: float = 0.5,
        seconds: float = 1.0,
        times: int | None = None,
        text: bytes = b"x",
    ) -> None:
        if kind not in KINDS:
            raise ValueError(f"no such fault: {kind!r} (one of {', '.join(KINDS)})")
        with self._lock:
            self._planned.append(Fault(where, kind, after, size, length, chunk, every, seconds, times, text))
            self._struck.append(0)

    def clear(self) -> None:
        with self._lock:
            self._planned.clear()
            self._struck.clear()

    def strike(self, event: str, is_service: bool) -> Fault | None:
        """The first fault planned for this event, counted as struck; None when all goes well."""
        with self._lock:
            for index, fault in enumerate(self._planned):
                if fault.times is not None and self._struck[index] >= fault.times:
                    continue
                if _fits(fault.where, event, is_service):
                    self._struck[index] += 1
                    return fault
        return None


def _fits(where: str, event: str, is_service: bool) -> bool:
    if event in ("connect", "auth"):
        return where == event
    if where == "*":
        return True
    if where == "service":
        return is_service
    return event.startswith(where)


def huge_answer(fault: Fault) -> Iterator[bytes]:
    """The output of a service struck by "huge": `size` bytes, in pieces."""
    left = fault.size or 1 << 30
    block = (fault.text * (65536 // len(fault.text) + 1))[:65536]
    while left > 0:
        yield block[:left]
        left -= len(block)
