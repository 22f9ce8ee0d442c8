"""Who may talk to the phone: the signature over adbd's token, checked with the public keys the phone has accepted.

adbd sends 20 random bytes; the host answers with a PKCS#1 v1.5 signature made over them *as if they were* a SHA-1
digest (AOSP adb/daemon/auth.cpp, RSA_verify with NID_sha1). A public key travels as text: base64 of Android's RSA
structure (word count, n0inv, modulus, R^2, exponent, all little-endian), a space, user@host.
"""

from __future__ import annotations

import base64
import binascii
import struct

TOKEN_SIZE = 20
MODULUS_SIZE = 256
STRUCTURE = struct.Struct(f"<II{MODULUS_SIZE}s{MODULUS_SIZE}sI")


def numbers(public_key: str | bytes) -> tuple[int, int] | None:
    """(modulus, exponent) of an adbkey.pub text; None when it is not one."""
    text = public_key.encode("ascii", "replace") if isinstance(public_key, str) else public_key
    fields = text.strip(b"\0 \t\r\n").split()
    if not fields:
        return None
    try:
        words, _, modulus, _, exponent = STRUCTURE.unpack(base64.b64decode(fields[0], validate=True))
    except (binascii.Error, struct.error):
        return None
    if words != MODULUS_SIZE // 4:
        return None
    return int.from_bytes(modulus, "little"), exponent


def is_signed_by(public_key: str | bytes, token: bytes, signature: bytes) -> bool:
    """Whether `signature` is one over `token` by the holder of this key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils

    found = numbers(public_key)
    if found is None:
        return False
    modulus, exponent = found
    try:
        key = rsa.RSAPublicNumbers(exponent, modulus).public_key()
        key.verify(signature, token, padding.PKCS1v15(), utils.Prehashed(hashes.SHA1()))
    except (InvalidSignature, ValueError):
        return False
    return True


def public_key_text(private_key_pem: bytes, owner: str) -> str:
    """The adbkey.pub text of a private key in PEM form, for tests and demos that make their own key."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = serialization.load_pem_private_key(private_key_pem, None)
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size != MODULUS_SIZE * 8:
        raise ValueError("adb keys are RSA keys of 2048 bits")
    public = key.public_key().public_numbers()
    n0inv = (1 << 32) - pow(public.n, -1, 1 << 32)
    r_squared = pow(1 << (MODULUS_SIZE * 8), 2, public.n)
    packed = STRUCTURE.pack(
        MODULUS_SIZE // 4,
        n0inv,
        public.n.to_bytes(MODULUS_SIZE, "little"),
        r_squared.to_bytes(MODULUS_SIZE, "little"),
        public.e,
    )
    return base64.b64encode(packed).decode("ascii") + f" {owner}"
