"""Android as the methods see it: how phones are found, read and described. No line of this package is imported before
the first request for an Android phone.
"""

from __future__ import annotations

from pyworker.android.attached import attached, find
from pyworker.android.identity import identify
from pyworker.android.logs import READS, collect
from pyworker.android.registry import IDENTITY, PROBES
from pyworker.android.session import observe
from pyworker.platforms import Platform

ANDROID = Platform("android", attached, find, observe, PROBES, IDENTITY, identify, READS, collect)
