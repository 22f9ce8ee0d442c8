"""`wm size`, `wm density` and the "DisplayDeviceInfo" lines of `dumpsys display`.

`wm` prints "Physical size: 1080x2400" and, where somebody changed it, "Override size: ..." below; without arguments it
changes nothing. Facts: AOSP Wm command, DisplayDeviceInfo (Android 5 to 16).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pyworker.android.dump_text import read_dump
from pyworker.findings import Unread

_SIZE = re.compile(r"(Physical|Override) size: ([0-9]{2,5})x([0-9]{2,5})$")
_DENSITY = re.compile(r"(Physical|Override) density: ([0-9]{2,4})$")
_RATE = re.compile(r"fps=([0-9]{1,3}(?:\.[0-9]{1,9})?)|([0-9]{1,3}(?:\.[0-9]{1,9})?) fps\b")


class ScreenSize(NamedTuple):
    """Pixels of the panel. overridden: the system was told to use another size."""

    width_px: int
    height_px: int
    overridden: bool


class Density(NamedTuple):
    """Dots per inch the system counts with. overridden: somebody chose others than the phone's own."""

    dpi: int
    overridden: bool


def parse_wm_size(data: bytes | str, cut: bool = False) -> ScreenSize | Unread:
    dump = read_dump(data, cut)
    said = {f.group(1): (int(f.group(2)), int(f.group(3))) for line in dump.lines if (f := _SIZE.match(line.strip()))}
    return ScreenSize(*said["Physical"], "Override" in said) if "Physical" in said else dump.refusal()


def parse_wm_density(data: bytes | str, cut: bool = False) -> Density | Unread:
    dump = read_dump(data, cut)
    said = {f.group(1): int(f.group(2)) for line in dump.lines if (f := _DENSITY.match(line.strip()))}
    return Density(said.get("Override", said["Physical"]), "Override" in said) if "Physical" in said else dump.refusal()


def parse_refresh_rates(data: bytes | str, cut: bool = False) -> tuple[float, ...] | Unread:
    """The refresh rates (Hz, rounded) the built-in display offers, ascending."""
    dump = read_dump(data, cut)
    for line in dump.lines:
        if "DisplayDeviceInfo{" in line:
            rates = {round(float(one or other)) for one, other in _RATE.findall(line)}
            plausible = tuple(float(rate) for rate in sorted(rates) if 10 <= rate <= 480)
            return plausible or Unread("key_missing")
    return dump.refusal()
