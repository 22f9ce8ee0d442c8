"""Main memory, from the kernel's own figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyworker.android import reads
from pyworker.findings import Finding
from pyworker.probes import DEEP, Probe, Witness

if TYPE_CHECKING:
    from pyworker.probes import Observations

TOTAL = Witness(reads.MEMINFO, "MemTotal")
AVAILABLE = Witness(reads.MEMINFO, "MemAvailable")
SWAP_TOTAL = Witness(reads.MEMINFO, "SwapTotal")


def memory(seen: Observations) -> Finding:
    return seen.gathers({"total_bytes": TOTAL, "available_bytes": AVAILABLE, "swap_total_bytes": SWAP_TOTAL})


MEMORY = Probe("memory", DEEP, (TOTAL, AVAILABLE, SWAP_TOTAL), memory)
