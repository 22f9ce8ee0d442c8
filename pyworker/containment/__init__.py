"""The layers of containment, one module each; `system` is the one of the system this runs on."""

import sys

if sys.platform == "linux":
    from pyworker.containment import linux as system
elif sys.platform == "win32":
    from pyworker.containment import windows as system
else:
    from pyworker.containment import macos as system

__all__ = ["system"]
