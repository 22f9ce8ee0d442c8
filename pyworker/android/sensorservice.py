"""`dumpsys sensorservice`: the sensors the phone has. Three shapes of lines, all divided by "|".

"0x00000001) NAME | VENDOR | ver: 1 | type: android.sensor.accelerometer(1) | ..." (Android 7 and later),
"NAME | VENDOR | version=1 |android.sensor.accelerometer| 0x00000001 | ..." (5 and 6). Facts: AOSP SensorService.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pyworker.android.dump_text import read_dump
from pyworker.findings import Unread

_HANDLE = re.compile(r"(?:0x)?[0-9a-fA-F]{8,10}\)\s*")
_TYPE = re.compile(r"(?:type: *|\|)\s*([a-z][\w]*(?:\.[\w]+)+)\s*(?:\(|\|)")
_COUNT = re.compile(r"Total ([0-9]{1,4}) h/w sensors\b")
MOST_SENSORS = 256  # a phone has at most a hundred; more is a dump that repeats itself


class Sensor(NamedTuple):
    name: str
    vendor: str
    type: str


class Sensors(NamedTuple):
    """announced: the number the dump itself gives, None where it gives none."""

    sensors: tuple[Sensor, ...]
    announced: int | None


def parse_sensors(data: bytes | str, cut: bool = False) -> Sensors | Unread:
    """`dumpsys sensorservice`, or its "|" lines alone -> Sensors; Unread when there is no sensor in it."""
    dump = read_dump(data, cut, "sensorservice")
    found: dict[Sensor, None] = {}
    announced = None
    for raw in dump.lines:
        line = raw.strip()
        count = _COUNT.match(line)
        if count:
            announced = int(count.group(1))
        kind = _TYPE.search(line)
        parts = line.split("|")
        if kind and len(parts) >= 4 and ("ver:" in line or "version=" in line) and len(found) < MOST_SENSORS:
            found[Sensor(_HANDLE.sub("", parts[0].strip(), count=1).strip(), parts[1].strip(), kind.group(1))] = None
    return Sensors(tuple(found), announced) if found else dump.refusal()
