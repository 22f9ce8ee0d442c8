"""Load what the first inspection needs while nobody is waiting.

Runs on a thread of its own once the first answer is out and the wire is quiet; whoever asks meanwhile shares the
imports that are done already. A library that cannot be loaded is the first request's to report, not this one's.
"""

from __future__ import annotations

from pyworker import log


def warm() -> None:
    try:
        from pyworker import devices, validation

        for name in ("devices.list", "inspect.basic", "inspect.deep"):
            validation.validator(f"{name}.params")
        for platform in devices.PLATFORMS.values():
            platform()
    except Exception as problem:  # noqa: BLE001  nobody asked for this; the request that does will be told
        log.bug("not_warmed", problem)
