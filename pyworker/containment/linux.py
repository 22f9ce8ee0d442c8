"""Linux: Landlock for files and ports, a seccomp filter for everything else. Both bind native code as well.

Neither needs a privilege. A machine or a kernel that lacks one of them gets the other, and `policy.get` says so.
"""

from __future__ import annotations

import os
import resource
from typing import TYPE_CHECKING

from pyworker import dial, libusb
from pyworker.containment import landlock, seccomp

if TYPE_CHECKING:
    from collections.abc import Callable

USBMUXD = "/var/run/usbmuxd"
SOCKETPAIR_BINDS = False  # the kernel has a call of its own for it

# Libraries and 32 threads take less than one GiB of addresses; four keep a runaway from taking the whole machine.
ADDRESS_SPACE = 4 * 1024**3
# A bench of 64 phones has some 500 connections open at once.
DESCRIPTORS = 2048

def limit() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold pair records and keys
    for which, wanted in ((resource.RLIMIT_AS, ADDRESS_SPACE), (resource.RLIMIT_NOFILE, DESCRIPTORS)):
        _, hard = resource.getrlimit(which)
        if hard == resource.RLIM_INFINITY or hard > wanted:
            resource.setrlimit(which, (wanted, wanted))


def confine(writable: tuple[str, ...], scratch: str | None, judge: Callable[[object], None]) -> dict[str, object]:
    """{"landlock_abi": the level in force or None, "seccomp": whether both filters are}. Raises OSError.

    scratch: that of the writable folders which is itself to be removed at the end. judge: what may be connected to.
    """
    seccomp.give_up_privileges()
    version = landlock.restrict(writable, scratch)
    libusb.library()
    filtered = seccomp.install()
    if filtered:
        dial.appoint(judge)  # its thread stands under everything but the filter that now follows
        filtered = seccomp.forbid_connecting()
    return {"landlock_abi": version, "seccomp": filtered}


def join() -> None:
    """Put what binds single threads on the calling one too. Raises OSError."""
    seccomp.give_up_privileges()
    landlock.restrict_thread()
    if os.uname().machine in seccomp.MACHINES and not seccomp.forbid_connecting():
        raise OSError("seccomp")
