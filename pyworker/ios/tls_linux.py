"""Linux: a certificate and its key into a TLS context without a file.

The ssl module takes them from a path only. A memfd is a file without a folder: nobody else can open it, and nothing
is left of it when its descriptor is closed, however the process ends.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl


def load_identity(context: ssl.SSLContext, pem: bytes) -> None:
    """pem: certificate and unencrypted key. Raises ssl.SSLError when it is neither."""
    descriptor = os.memfd_create("identity", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, pem)
        # The empty password: without one OpenSSL would ask for it on the terminal if the key were encrypted.
        context.load_cert_chain(f"/proc/self/fd/{descriptor}", password="")
    finally:
        os.close(descriptor)
