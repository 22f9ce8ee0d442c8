"""Trust between a host and a phone: three RSA keys, three certificates, one pair record.

As libimobiledevice and Apple's daemons make them: the host is its own root authority, signs a certificate for itself
and one for the phone's key. Either side shows its own in TLS; the phone checks the host's, the host checks nothing.

Made once a process and shared by all virtual phones (making keys is slow, and nothing is protected by these); only the
HostID in the record is a phone's own. Names and serial numbers differ on purpose: with empty names and equal serial
numbers, as some clients make them, OpenSSL takes the host's certificate for a root and will not chain it.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import os
import plistlib
import ssl
import tempfile
import threading
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Iterator

# The smallest that TLS libraries take at their usual security level.
KEY_BITS = 2048
_YEARS = datetime.timedelta(days=3650)
_CLOCK_SLACK = datetime.timedelta(days=1)

# This computer, as its usbmuxd calls it in every pair record.
SYSTEM_BUID = "5B0D43A1-7E2C-4F1B-9C55-2D6E0A7B1C34"


class Identity(NamedTuple):
    """A key and its certificate, PEM."""

    key: bytes
    certificate: bytes


class Identities(NamedTuple):
    root: Identity
    host: Identity
    device: Identity


_making = threading.Lock()


def identities() -> Identities:
    # Two usbmuxds may start at once; their phones must share one root all the same.
    with _making:
        return _make_identities()


@functools.cache
def _make_identities() -> Identities:
    root_key, host_key, device_key = (rsa.generate_private_key(65537, KEY_BITS) for _ in range(3))
    root = _certificate("Root", 1, root_key.public_key(), "Root", root_key, authority=True)
    host = _certificate("Host", 2, host_key.public_key(), "Root", root_key, authority=False)
    device = _certificate("Device", 3, device_key.public_key(), "Root", root_key, authority=False)
    return Identities(
        Identity(_private(root_key), root), Identity(_private(host_key), host), Identity(_private(device_key), device)
    )


def host_id(udid: str) -> str:
    """The HostID a phone knows this computer by."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"host of {udid}")).upper()


def stale_host_id(udid: str) -> str:
    """The HostID of an older record that the phone has forgotten."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"former host of {udid}")).upper()


@functools.lru_cache(maxsize=256)
def pair_record(udid: str, wifi_address: str, stale: bool) -> bytes:
    """The pair record as usbmuxd keeps it and hands it out: an XML property list."""
    made = identities()
    record: dict[str, Any] = {
        "DeviceCertificate": made.device.certificate,
        "EscrowBag": uuid.uuid5(uuid.NAMESPACE_OID, f"escrow bag of {udid}").bytes * 2,
        "HostCertificate": made.host.certificate,
        "HostID": stale_host_id(udid) if stale else host_id(udid),
        "HostPrivateKey": made.host.key,
        "RootCertificate": made.root.certificate,
        "RootPrivateKey": made.root.key,
        "SystemBUID": SYSTEM_BUID,
        "WiFiMACAddress": wifi_address,
    }
    return plistlib.dumps(record)


@functools.cache
def server_context() -> ssl.SSLContext:
    """TLS as lockdownd and its services speak it: at most 1.2, and only to the host whose root it was paired with."""
    made = identities()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # Clients offer TLS 1.0 to phones older than iOS 10, which newer OpenSSL only speaks at level 0.
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    # Each connection is a phone's own; sessions are not resumed.
    context.options |= ssl.OP_NO_TICKET
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=made.root.certificate.decode())
    with _as_file(made.device.certificate + made.device.key) as path:
        context.load_cert_chain(path)
    return context


@contextlib.contextmanager
def _as_file(content: bytes) -> Iterator[str]:
    """The ssl module takes keys from files only: one in memory where the system has them, else one gone at once."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("virtual-iphone-identity")
        try:
            os.write(descriptor, content)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "identity.pem")
        with open(path, "wb") as file:
            file.write(content)
        yield path


def _private(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _certificate(
    subject: str, serial: int, public_key: rsa.RSAPublicKey, issuer: str, signer: rsa.RSAPrivateKey, authority: bool,
) -> bytes:
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(public_key)
        .serial_number(serial)
        .not_valid_before(now - _CLOCK_SLACK)
        .not_valid_after(now + _YEARS)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if not authority:
        usage = x509.KeyUsage(
            digital_signature=True, key_encipherment=True, content_commitment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False)
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
