"""The key the worker was given to show to phones that already know it.

Only signatures leave here. After the last refused signature adb_shell asks the signer for its public key, in order to
offer it, and that raises a dialogue on the phone. This signer raises NoAnswer("unauthorized") instead of giving one.
So no `.pub` file is needed either, and none is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from pyworker.android.adb_server import HINT_AUTHORIZE
from pyworker.android.no_answer import NoAnswer

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_HINT_KEY_FILE = "The file given with --adb-key is no RSA private key without a password: give the one adb uses."
_LARGEST_KEY_FILE = 64 * 1024  # bytes; a 2048-bit key in PEM is 1.7 kB


class AdbKey:
    """What adb_shell calls a signer. Raises NoAnswer("unauthorized") when the file cannot be used."""

    __slots__ = ("_key",)

    def __init__(self, path: str) -> None:
        self._key = _load(path)

    def Sign(self, data: bytes) -> bytes:
        """The signature adbd checks: PKCS #1 v1.5 over the 20 token bytes, which stand where a SHA-1 sum would."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding, utils

        try:
            return self._key.sign(bytes(data), padding.PKCS1v15(), utils.Prehashed(hashes.SHA1()))
        except ValueError:
            raise NoAnswer("unreadable") from None  # a token of another length

    def GetPublicKey(self) -> NoReturn:
        raise NoAnswer("unauthorized", "unauthorized", HINT_AUTHORIZE)


def _load(path: str) -> RSAPrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        with open(path, "rb") as file:
            key = load_pem_private_key(file.read(_LARGEST_KEY_FILE), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise NoAnswer("unauthorized", "unauthorized", _HINT_KEY_FILE)
    return key
