"""Secrets that are shown once and kept as their SHA-256 only.

Each holds 256 random bits, so an unsalted digest can't be guessed back; a prefix says what a found token is for.
"""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Literal


def new_token(kind: Literal["till", "owner"]) -> str:
    """A new bearer token, e.g. `wo_till_…`."""
    return f"wo_{kind}_{new_secret()}"


def new_secret() -> str:
    """256 random bits as URL-safe text: for sessions and one-time links."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """What is kept of a token: the 32 bytes of its SHA-256."""
    return sha256(token.encode()).digest()


def hint(token: str) -> str:
    """The token's last four characters: enough for its owner to know it again, no help to anybody else."""
    return token[-4:]
