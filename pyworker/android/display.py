"""The panel as the system knows it: pixels, density, refresh rates. Whether it is cracked no computer can see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyworker.android import reads
from pyworker.findings import Finding
from pyworker.probes import DEEP, Probe, Witness

if TYPE_CHECKING:
    from pyworker.probes import Observations

WIDTH = Witness(reads.WM_SIZE, "width", lambda size: size.width_px)
HEIGHT = Witness(reads.WM_SIZE, "height", lambda size: size.height_px)
SIZE_OVERRIDDEN = Witness(reads.WM_SIZE, "Override size", lambda size: size.overridden)
DENSITY = Witness(reads.WM_DENSITY, "density", lambda density: density.dpi)
RATES = Witness(reads.DISPLAY, "refresh rates", list)


def display(seen: Observations) -> Finding:
    return seen.gathers({"width_px": WIDTH, "height_px": HEIGHT, "size_overridden": SIZE_OVERRIDDEN,
                         "density_dpi": DENSITY, "refresh_rates_hz": RATES})


DISPLAY = Probe("display", DEEP, (WIDTH, HEIGHT, SIZE_OVERRIDDEN, DENSITY, RATES), display)
