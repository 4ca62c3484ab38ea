"""The key by which push services know this installation (VAPID, RFC 8292): a private key of the curve P-256.

Browsers subscribe with its public part, so with another key every device has to be subscribed anew.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Struct

from schemas.errors import UsageError
from webapp import keyfiles

FILE = "push.key"
_CURVE = ec.SECP256R1()
_KEY_BYTES = 32


class PushKey(Struct, frozen=True):
    """Both parts, in Base64 for URLs without padding; `private` is the bare number, `public` the uncompressed point."""

    private: str
    public: str


def of_text(text: str) -> PushKey:
    """The key as `WEBOFFICE_PUSH_KEY` has it. Raises `UsageError`."""
    try:
        raw = decoded(text.strip())
        if len(raw) != _KEY_BYTES:
            raise ValueError
        point = ec.derive_private_key(int.from_bytes(raw), _CURVE).public_key()
    except (Error, ValueError) as exc:
        raise UsageError("WEBOFFICE_PUSH_KEY has to be a private key of P-256: its 32 bytes in Base64") from exc
    return PushKey(encoded(raw), encoded(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)))


def of_home(home: Path, setting: str = "") -> PushKey:
    """The key of the setting, else that in the home's file, which is made where there is none. Raises `UsageError`."""
    return of_text(setting or keyfiles.kept(home, FILE, new_key))


def new_key() -> str:
    while True:  # a number of 32 bytes is almost always one of the curve
        raw = secrets.token_bytes(_KEY_BYTES)
        try:
            return of_text(encoded(raw)).private
        except UsageError:
            continue


def encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Raises `ValueError` for what is no Base64."""
    text = text.translate(str.maketrans("+/", "-_")).rstrip("=")
    if not text.isascii() or not all(sign.isalnum() or sign in "-_" for sign in text):
        raise ValueError(text)
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
