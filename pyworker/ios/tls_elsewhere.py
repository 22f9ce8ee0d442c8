"""macOS, Windows: a certificate and its key into a TLS context by way of a file that only this user can open.

The ssl module takes them from a path only, and these systems have no file without a folder. The file lies in a new
private folder for the few milliseconds it takes to load it; both are removed before this returns.
"""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl


def load_identity(context: ssl.SSLContext, pem: bytes) -> None:
    """pem: certificate and unencrypted key. Raises ssl.SSLError when it is neither."""
    with tempfile.TemporaryDirectory(prefix="pyworker-") as folder:  # made with mode 0700
        path = os.path.join(folder, "identity.pem")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        try:
            os.write(descriptor, pem)
        finally:
            os.close(descriptor)
        # The empty password: without one OpenSSL would ask for it on the terminal if the key were encrypted.
        context.load_cert_chain(path, password="")
