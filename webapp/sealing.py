"""Secrets that have to be read again, sealed with a key that is not in the database (AES-256-GCM).

A sealed text says which key it is under, and opens for the one whose it is alone: copied to another's row it is worth
nothing. Texts from before there were keys are opened as they are; `second_factor.reseal` seals them.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas.errors import WebOfficeError
from webapp import keyfiles

FILE = "factor.key"
_SEALED = "v1"
_NONCE_BYTES, _ID_SIGNS = 12, 8


class SealedOtherwise(WebOfficeError):
    """A text was sealed with a key that is not at hand, for somebody else, or was altered."""


class Keys:
    """The key that seals, and those that were in use before it: they open what they sealed."""

    def __init__(self, keys: list[bytes]) -> None:
        self._by_id = {sha256(b"id of " + key).hexdigest()[:_ID_SIGNS]: AESGCM(key) for key in keys}
        self._present = next(iter(self._by_id))

    def seal(self, text: str, whose: UUID) -> str:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._by_id[self._present].encrypt(nonce, text.encode(), whose.bytes)
        return f"{_SEALED}:{self._present}:{urlsafe_b64encode(sealed).decode()}"

    def open(self, sealed: str, whose: UUID) -> str:
        """Raises `SealedOtherwise`."""
        if not sealed.startswith(f"{_SEALED}:"):
            return sealed
        _, key, text = sealed.split(":")
        if key not in self._by_id:
            raise SealedOtherwise(f"a second factor is sealed with key {key}; WEBOFFICE_FACTOR_KEYS does not have it")
        raw = urlsafe_b64decode(text)
        try:
            return self._by_id[key].decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], whose.bytes).decode()
        except InvalidTag as exc:
            raise SealedOtherwise("a second factor was altered, or is another person's") from exc

    def is_present(self, sealed: str) -> bool:
        """Whether it is under the key that seals now."""
        return sealed.startswith(f"{_SEALED}:{self._present}:")


def of_text(text: str) -> Keys:
    """Keys as `WEBOFFICE_FACTOR_KEYS` has them, the present one first. Raises `UsageError`."""
    return Keys(keyfiles.of_text(text, "WEBOFFICE_FACTOR_KEYS"))


def new_key() -> str:
    return keyfiles.new_key()


def of_home(home: Path, setting: str = "") -> Keys:
    """The keys of the setting, else those in the home's file, which is made where there is none, for its user alone.
    Raises `UsageError`."""
    return of_text(setting or keyfiles.kept(home, FILE, new_key))
