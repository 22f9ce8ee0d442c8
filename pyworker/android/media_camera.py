"""`dumpsys media.camera`: how many cameras the phone's camera service sees, and which way they look.

Facts: AOSP CameraService (Android 5 to 16).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pyworker.android.dump_text import read_dump
from pyworker.findings import Unread

_COUNT = re.compile(r"Number of camera devices: ([0-9]{1,3})$")
_FACING = re.compile(r"Facing: (back|front|external)$", re.I)


class Cameras(NamedTuple):
    """devices: as the service gives it. facing: "back", "front", "external" with how many say so."""

    devices: int
    facing: dict[str, int]


def parse_cameras(data: bytes | str, cut: bool = False) -> Cameras | Unread:
    """`dumpsys media.camera`, or its "Number of" and "Facing" lines alone -> Cameras; Unread without a number."""
    dump = read_dump(data, cut, "media.camera")
    count: int | None = None
    facing: dict[str, int] = {}
    for raw in dump.lines:
        line = raw.strip()
        number, way = _COUNT.match(line), _FACING.match(line)
        if number and count is None:
            count = int(number.group(1))
        elif way:
            facing[way.group(1).lower()] = facing.get(way.group(1).lower(), 0) + 1
    return dump.refusal() if count is None else Cameras(count, facing)
