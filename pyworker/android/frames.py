"""A script's output taken apart while it arrives: bytes in, events out, no I/O.

A frame opens with a line `<nonce>:<index>:B`, closes with `<nonce>:<index>:E:<status>`, and the script's last line is
`<nonce>:END`. Frames come in order, one at a time. A closing marker follows the output at once, so it stands at the
start of a line only where the output ended one. Lines may end CR LF (a phone that puts a terminal in between).

A nonce that is not followed by the one marker that may come now is output like any other: a list of processes shows
the script itself, nonce and all. What arrives outside any frame (a linker's warning, a shell's complaint) is dropped.

Kept between two calls of `feed`: less than one marker. How much of a frame is worth keeping is the caller's decision.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_REST_OF_MARKER = re.compile(rb":(?:END|([0-9]{1,4}):(?:B|E:([0-9]{1,3})))\r?\n")
_LONGEST_REST = len(b":9999:E:255\r\n")


class Began(NamedTuple):
    frame: int


class Piece(NamedTuple):
    """Some of the running frame's output; never empty."""

    frame: int
    data: memoryview


class Ended(NamedTuple):
    frame: int
    status: int


Event = Began | Piece | Ended


class Frames:
    """running: the index of the frame that is open, or None. complete: the script has said its END.

    begun: how many frames were opened so far. outside: how many bytes were dropped because no frame was open.
    What is fed after the END is ignored.
    """

    __slots__ = ("_kept", "_nonce", "begun", "complete", "outside", "running")

    def __init__(self, nonce: str) -> None:
        self._nonce = nonce.encode()
        self._kept = b""
        self.running: int | None = None
        self.begun = 0
        self.outside = 0
        self.complete = False

    def feed(self, data: bytes | memoryview) -> list[Event]:
        events: list[Event] = []
        if self.complete:
            return events
        window = b"".join((self._kept, data))
        whole = memoryview(window)
        at = 0  # everything before it is dealt with
        look = 0  # where the next search begins
        while not self.complete:
            found = window.find(self._nonce, look)
            if found < 0:
                # The nonce may have begun in the last bytes.
                rest = max(at, len(window) - len(self._nonce) + 1)
                break
            after = found + len(self._nonce)
            marker = _REST_OF_MARKER.match(window, after)
            if marker is None and len(window) - after < _LONGEST_REST:
                rest = found
                break
            if marker is None or not self._is_due(marker):
                look = after
                continue
            self._output(events, whole[at:found])
            self._apply(events, marker)
            at = look = marker.end()
        else:
            self._kept = b""
            return events
        self._output(events, whole[at:rest])
        self._kept = window[rest:]
        return events

    def _is_due(self, marker: re.Match[bytes]) -> bool:
        index, status = marker[1], marker[2]
        if self.running is not None:
            return status is not None and int(index) == self.running
        return status is None and (index is None or int(index) == self.begun)

    def _apply(self, events: list[Event], marker: re.Match[bytes]) -> None:
        if marker[1] is None:
            self.complete = True
        elif marker[2] is None:
            self.running = self.begun
            self.begun += 1
            events.append(Began(self.running))
        else:
            self.running = None
            events.append(Ended(int(marker[1]), int(marker[2])))

    def _output(self, events: list[Event], data: memoryview) -> None:
        if self.running is None:
            self.outside += len(data)
        elif data:
            events.append(Piece(self.running, data))
