"""The one read that is too large to keep: its output handed on while it comes.

A hundred megabytes of log go through here at the speed of the connection: no line is looked at, nothing is kept. The
read runs as a script of one frame, so the end of the output is known from a connection that broke.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from pyworker.android import script
from pyworker.android.frames import Ended, Frames, Piece
from pyworker.android.no_answer import NoAnswer
from pyworker.android.output import NO_STATUS
from pyworker.android.session import not_ready, refusal, time_limits
from pyworker.android.ways import way_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyworker.android.ways import Way
    from pyworker.call import Call
    from pyworker.platforms import Device
    from pyworker.probes import Read

SILENCE_LIMIT_S = 10.0  # between two pieces; logcat answers within a second, a slow phone within a few
OUTSIDE_LIMIT = 64 * 1024  # what may stand before the output begins: a warning or two of the phone's linker
_PACKETS = 4 * 1024 * 1024  # what a direct connection may bring beside the output: the last packets beyond the limit


class LogStream:
    """Iterate over it, once. The iteration never raises; when it is over, `end` tells why.

    end: None while it runs, then "complete", "truncated" (there was more than byte_limit, or it was cut short), or
    another name of findings.REASONS. status: the command's exit status when complete, else NO_STATUS. received: bytes
    handed on so far.
    """

    __slots__ = ("_call", "_limit", "_read", "_until", "_way", "end", "received", "status")

    def __init__(self, call: Call, way: Way, read: Read, byte_limit: int, until: float) -> None:
        self._call = call
        self._way = way
        self._read = read
        self._limit = byte_limit
        self._until = until
        self.end: str | None = None
        self.status = NO_STATUS
        self.received = 0

    def __iter__(self) -> Iterator[bytes]:
        nonce = script.new_nonce()
        frames = Frames(nonce)
        stream = None
        try:
            stream = self._way.open(script.build([self._read.request], nonce, script.NO_PHONE_LIMIT), self._patience())
            while self.end is None:
                data = stream.read(self._patience())
                if not data:
                    raise NoAnswer("truncated")
                if frames.outside > OUTSIDE_LIMIT:
                    raise NoAnswer("unreadable")
                for event in frames.feed(data):
                    if isinstance(event, Piece):
                        room = self._limit - self.received
                        piece = bytes(event.data[:room])
                        self.received += len(piece)
                        if piece:
                            yield piece
                        if len(event.data) > room:
                            self.end = "truncated"
                            break
                    elif isinstance(event, Ended):
                        self.end, self.status = "complete", event.status
        except NoAnswer as trouble:
            self.end = trouble.reason
        finally:
            if stream is not None:
                stream.close()
            self._way.drop()

    def _patience(self) -> float:
        return min(self._until, monotonic() + SILENCE_LIMIT_S)


def stream(call: Call, device: Device, read: Read, byte_limit: int) -> LogStream:
    """The output of `read`, at most `byte_limit` bytes of it. Raises RpcError when the phone cannot be asked at all."""
    until = time_limits(call).until
    if device.state != "ready":
        raise refusal(not_ready(device))
    try:
        # Each packet has a header, 24 bytes in at most 4096 with the oldest phones.
        way = way_to(device, call, until, byte_limit + byte_limit // 64 + _PACKETS)
    except NoAnswer as trouble:
        call.check_stopped()
        raise refusal(trouble) from None
    return LogStream(call, way, read, byte_limit, until)
