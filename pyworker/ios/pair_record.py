"""The pair record: what a phone gave this computer when its owner tapped Trust, and the TLS that follows from it.

usbmuxd keeps it and hands it out. It holds a private key, so nothing here ever shows it, keeps it longer than the
inspection, or writes it into a file that somebody else could open.
"""

from __future__ import annotations

import ssl
import sys

from pyworker.ios import messages
from pyworker.ios.unanswered import Unanswered

if sys.platform == "linux":
    from pyworker.ios.tls_linux import load_identity
else:
    from pyworker.ios.tls_elsewhere import load_identity

# Phones before iOS 9 have keys and ciphers that OpenSSL refuses at its usual level, and none of them renegotiates
# securely. The certificates are the pairing's own; no authority could vouch for them.
_CIPHERS = "ALL:!aNULL:!eNULL"
_OP_LEGACY_SERVER_CONNECT = 0x4

# An RSA key and its certificate are 4 KiB.
_MAX_PEM = 64 * 1024


class PairRecord:
    """No repr of its own and no equality: a private key is in here."""

    __slots__ = ("host_id", "system_buid", "_certificate", "_private_key")

    def __init__(self, host_id: str, system_buid: str, certificate: bytes, private_key: bytes) -> None:
        self.host_id = host_id
        self.system_buid = system_buid
        self._certificate = certificate
        self._private_key = private_key

    def tls_context(self) -> ssl.SSLContext:
        """TLS as lockdownd and the services speak it. Raises Unanswered("unreadable") when the keys are no keys."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2  # which iOS has had since 5
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        level = ":@SECLEVEL=0" if ssl.OPENSSL_VERSION.startswith("OpenSSL") else ""
        context.set_ciphers(_CIPHERS + level)
        context.options |= _OP_LEGACY_SERVER_CONNECT
        try:
            load_identity(context, self._certificate + b"\n" + self._private_key)
        except OSError:  # ssl.SSLError is one
            raise Unanswered("unreadable") from None
        return context


def parse(data: bytes) -> PairRecord:
    """From the property list usbmuxd keeps. Raises Unanswered("unreadable") when it is damaged."""
    record = messages.decode(data)
    host_id = record.get("HostID")
    system_buid = record.get("SystemBUID", "")
    certificate = record.get("HostCertificate")
    private_key = record.get("HostPrivateKey")
    if not isinstance(host_id, str) or not isinstance(system_buid, str):
        raise Unanswered("unreadable")
    if not isinstance(certificate, bytes) or not isinstance(private_key, bytes):
        raise Unanswered("unreadable")
    if len(certificate) > _MAX_PEM or len(private_key) > _MAX_PEM:
        raise Unanswered("unreadable")
    return PairRecord(host_id, system_buid, certificate, private_key)
