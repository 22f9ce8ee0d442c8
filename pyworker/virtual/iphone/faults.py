"""Faults that a test (or a page developer) puts into a phone: how a cable, a service or a whole phone fails.

A fault waits at a service ("lockdown", "usbmuxd", or the service's own name) and a step (the request as the record
spells it). When a reply of that step is about to leave, the fault takes its place:

    close         the connection ends instead of a reply
    reset         the connection ends with an error (RST over TCP; over a Unix socket, closed with the request unread,
                  so at a stream's later entries, where there is none, it is a plain end)
    stall         no reply, and nothing more on this connection, which stays open
    half_reply    the first half of the reply, then as stall
    huge_length   a length no reply has, then as stall; length=N (default: 2 GiB and a bit)
    garbage       a well-framed body of noise; body=b"..." for one's own, raw=True for noise without a frame
    wrong_keys    a well-framed, well-formed body that is not what the protocol promises; value=... for one's own
    unplug        the phone leaves the cable: every connection to it ends, usbmuxd tells its listeners
    tls_fail      the TLS handshake of this service (or of lockdown's session) is refused with an alert
    tls_stall     the TLS handshake is never answered
    trickle       the reply one byte at a time; interval_s=S (default 1 ms)

Every kind takes times=N (default: always) and skip=N (the first N replies of the step pass). The two TLS kinds wait at
the step "TLS"; any step given to them is taken to mean that one.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = frozenset((
    "close", "reset", "stall", "half_reply", "huge_length", "garbage", "wrong_keys", "unplug", "tls_fail", "tls_stall",
    "trickle",
))
ANY = "*"
TLS_STEP = "TLS"

# Past the largest reply any client takes (pymobiledevice3: 128 MiB), and it still fits a signed 32-bit length field's
# unsigned reading, so a client that reads it signed is found out too.
HUGE_LENGTH = 0x80000010

# Begins with neither "<" nor "bplist", so no parser of property lists takes it for one.
NOISE = bytes((index * 167 + 13) % 251 for index in range(1, 98))


class Framing(NamedTuple):
    """How the protocol of one reply wraps a body, so that a fault can spoil exactly one layer of it.

    wrap: body -> whole message. claim: length -> the header that promises that many bytes and nothing after it.
    strange: value (None for the usual one) -> a body that is well formed and makes no sense.
    """

    wrap: Callable[[bytes], bytes]
    claim: Callable[[int], bytes]
    strange: Callable[[Any], bytes]


class Fault:
    """One fault in its place. `times` counts down; None is for ever."""

    __slots__ = ("how", "kind", "service", "skip", "step", "times")

    def __init__(self, service: str, step: str, kind: str, times: int | None, skip: int, how: dict[str, Any]) -> None:
        self.service = service
        self.step = step
        self.kind = kind
        self.times = times
        self.skip = skip
        self.how = how

    def __repr__(self) -> str:
        return f"<Fault {self.kind} at {self.service} {self.step}>"


class Faults:
    """The faults of one phone, or of a usbmuxd. May be changed from any thread at any time."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, service: str, step: str, kind: str, **how: Any) -> Fault:
        """Put a fault where `service` answers `step` ("*" is any). Raises ValueError when there is no such kind."""
        if kind not in KINDS:
            raise ValueError(f"no such kind of fault: {kind!r}; one of {', '.join(sorted(KINDS))}")
        if kind in ("tls_fail", "tls_stall"):
            step = TLS_STEP
        fault = Fault(service, step, kind, how.pop("times", None), how.pop("skip", 0), how)
        with self._lock:
            self._waiting.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def take(self, service: str, step: str) -> Fault | None:
        """The fault that strikes this reply, or None. Counts it."""
        if not self._waiting:
            return None
        with self._lock:
            for fault in self._waiting:
                if fault.service not in (service, ANY):
                    continue
                if fault.step != step and (fault.step != ANY or step == TLS_STEP):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                if fault.times is not None:
                    if not fault.times:
                        continue
                    fault.times -= 1
                return fault
        return None
