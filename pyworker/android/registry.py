"""Everything the Android side can find out, in the order of the answer."""

from __future__ import annotations

from pyworker.android import identity, locks
from pyworker.android.battery import BATTERY_STATE
from pyworker.android.cameras import CAMERAS
from pyworker.android.crashes import CRASH_SUMMARY
from pyworker.android.developer import DEVELOPER
from pyworker.android.display import DISPLAY
from pyworker.android.lock_screen import LOCK_SCREEN
from pyworker.android.memory import MEMORY
from pyworker.android.root import ROOT_SIGNS
from pyworker.android.security import SECURITY_STATE
from pyworker.android.sensors import SENSORS
from pyworker.android.sim import SIM_STATE
from pyworker.android.storage import STORAGE_HEALTH
from pyworker.android.thermal import THERMAL_STATE

PROBES = (
    *locks.PROBES, SECURITY_STATE, ROOT_SIGNS, LOCK_SCREEN, THERMAL_STATE, SIM_STATE, MEMORY, DISPLAY, CAMERAS, SENSORS,
    CRASH_SUMMARY, DEVELOPER, BATTERY_STATE, STORAGE_HEALTH,
)
IDENTITY = identity.READS
identify = identity.identify
