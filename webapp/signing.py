"""Signatures by a key of the installation (Ed25519), which anybody checks who has its public half.

The key is `WEBOFFICE_CLOSING_KEYS`, else that of HOME/closing.key, made where there is none. Its public half is told as
PEM, as other programs read it (`openssl pkey -pubin -text`).
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from schemas.errors import UsageError
from webapp import keyfiles

FILE = "closing.key"
SETTING = "WEBOFFICE_CLOSING_KEYS"
_END = "-----END PUBLIC KEY-----"
_ID_SIGNS = 16


class PublicKey:
    """What a signature is checked with. `id` names it: the beginning of its SHA-256."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key
        raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = sha256(raw).hexdigest()[:_ID_SIGNS]

    def signed(self, content: bytes, signature: str) -> bool:
        """Whether the signature (Base64) is this key's, of that content."""
        try:
            self._key.verify(b64decode(signature, validate=True), content)
        except (InvalidSignature, Error, ValueError):
            return False
        return True

    @property
    def pem(self) -> str:
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


class SigningKeys:
    """The key that signs, and those that did before it, of which only the public halves are of use."""

    def __init__(self, keys: list[bytes]) -> None:
        private = [Ed25519PrivateKey.from_private_bytes(key) for key in keys]
        self._private = private[0]
        self.public = [PublicKey(key.public_key()) for key in private]

    @property
    def id(self) -> str:
        """Of the key that signs."""
        return self.public[0].id

    def sign(self, content: bytes) -> str:
        """The signature in Base64."""
        return b64encode(self._private.sign(content)).decode()


def of_text(text: str) -> SigningKeys:
    """Keys as the setting has them, the present one first. Raises `UsageError`."""
    return SigningKeys(keyfiles.of_text(text, SETTING))


def of_home(home: Path, setting: str = "") -> SigningKeys:
    """The keys of the setting, else that in the home's file, which is made where there is none, for its user alone.
    Raises `UsageError`."""
    return of_text(setting or keyfiles.kept(home, FILE, keyfiles.new_key))


def public_keys(pem: str) -> list[PublicKey]:
    """The public keys that a text has one after the other. Raises `UsageError` where it has none."""
    found = []
    for block in pem.split(_END)[:-1]:
        try:
            key = load_pem_public_key((block.strip() + "\n" + _END + "\n").encode())
        except ValueError as exc:
            raise UsageError("the file with the public key can't be read: it has to be PEM") from exc
        if not isinstance(key, Ed25519PublicKey):
            raise UsageError("the public key is of another kind: closings are signed by Ed25519")
        found.append(PublicKey(key))
    if not found:
        raise UsageError("there is no public key in that file (-----BEGIN PUBLIC KEY-----)")
    return found
