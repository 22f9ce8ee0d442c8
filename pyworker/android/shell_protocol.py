"""The packets of adb's shell protocol (`shell,v2`), taken apart while they arrive. No I/O.

A packet is an identifier byte, a length (32 bits, little-endian) and that many bytes: 1 standard output, 2 standard
error, 3 the exit status, which is also how a whole output is told from one that was cut. From AOSP shell_protocol.h.

Payloads are handed on as they come, so that a length of 2 GiB costs no memory.
"""

from __future__ import annotations

from pyworker.android.no_answer import NoAnswer

_STDOUT = 1
_STDERR = 2
_EXIT = 3
_HEADER = 5


class ShellPackets:
    """status: the exit status once it has come."""

    __slots__ = ("_header", "_kind", "_left", "status")

    def __init__(self) -> None:
        self._header = b""
        self._kind = 0
        self._left = 0
        self.status: int | None = None

    def feed(self, data: memoryview) -> list[memoryview]:
        """The output in `data`, standard error among it. Raises NoAnswer("unreadable") for what is no packet."""
        output: list[memoryview] = []
        at, end = 0, len(data)
        while at < end and self.status is None:
            if self._left == 0:
                take = _HEADER - len(self._header)
                self._header += data[at:at + take]
                at += take
                if len(self._header) < _HEADER:
                    break
                self._kind = self._header[0]
                self._left = int.from_bytes(self._header[1:], "little")
                self._header = b""
                if self._kind not in (_STDOUT, _STDERR, _EXIT) or (self._kind == _EXIT and self._left != 1):
                    raise NoAnswer("unreadable")
                continue
            payload = data[at:at + self._left]
            at += len(payload)
            self._left -= len(payload)
            if self._kind == _EXIT:
                self.status = payload[0]
            else:
                output.append(payload)
        return output
