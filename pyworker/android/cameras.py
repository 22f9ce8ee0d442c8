"""How many cameras answer, and which way they look: one that is missing here is broken or unplugged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyworker.android import reads
from pyworker.findings import MISSING, Finding
from pyworker.probes import DEEP, Probe, Witness

if TYPE_CHECKING:
    from pyworker.android.media_camera import Cameras
    from pyworker.probes import Observations

COUNT = Witness(reads.CAMERAS, "Number of camera devices", lambda cameras: cameras.devices)


def _facing(way: str) -> Witness:
    def pick(cameras: Cameras) -> object:
        return cameras.facing.get(way, 0) if cameras.facing else MISSING

    return Witness(reads.CAMERAS, f"Facing: {way}", pick)


BACK, FRONT, EXTERNAL = _facing("back"), _facing("front"), _facing("external")


def cameras(seen: Observations) -> Finding:
    return seen.gathers({"count": COUNT, "back_count": BACK, "front_count": FRONT, "external_count": EXTERNAL})


CAMERAS = Probe("cameras", DEEP, (COUNT, BACK, FRONT, EXTERNAL), cameras)
