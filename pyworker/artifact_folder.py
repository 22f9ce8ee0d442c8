"""What reports and logs share about the one place where files are written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pyworker.errors import failure

if TYPE_CHECKING:
    from protocol.errors import RpcError


def settle(folder: str) -> None:
    """Force the names in a folder to the disk. Windows has no such call and needs none. Raises OSError."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def failed(error: OSError) -> RpcError:
    """The artifact_failed that says what the system said."""
    # strerror names the cause ("No space left on device") and, unlike the whole message, no path.
    return failure("artifact_failed", (error.strerror or type(error).__name__).lower())
