"""Which sensors answer: a fingerprint of the board, and the quickest hint of a loose flex cable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyworker.android import reads
from pyworker.findings import MISSING, Finding, Unread
from pyworker.probes import DEEP, Probe, Witness

if TYPE_CHECKING:
    from pyworker.android.sensorservice import Sensors
    from pyworker.probes import Observations

USUAL = ("accelerometer", "gyroscope", "magnetic_field", "proximity", "light", "pressure")
_PREFIX = "android.sensor."


def _listed(found: Sensors) -> object:
    return [{"model": s.name, "vendor": s.vendor, "type": s.type.removeprefix(_PREFIX)} for s in found.sensors]


LISTED = Witness(reads.SENSORS, "sensors", _listed)
ANNOUNCED = Witness(reads.SENSORS, "Total h/w sensors",
                    lambda found: MISSING if found.announced is None else found.announced)


def sensors(seen: Observations) -> Finding:
    listed = seen.answer(LISTED)
    if isinstance(listed, Unread):
        return seen.cannot_tell(listed.reason)
    types = {sensor["type"] for sensor in listed}
    return seen.gathers({
        "count": len(listed),
        "announced_count": ANNOUNCED,
        "usual_missing": [kind for kind in USUAL if kind not in types],
        "sensors": listed,
    })


SENSORS = Probe("sensors", DEEP, (LISTED, ANNOUNCED), sensors)
