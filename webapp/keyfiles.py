"""Keys of an installation in a file of its home: made where there is none, readable for its user alone."""

from __future__ import annotations

import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from schemas.errors import UsageError

BYTES = 32
_URLSAFE = str.maketrans("+/", "-_")


def kept(home: Path, name: str, make: Callable[[], str]) -> str:
    """The text of the home's file of that name; of two processes that begin at once one makes it."""
    path = home / name
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        new = home / f".{name}.{secrets.token_hex(8)}"
        with open(new, "x", opener=lambda file, flags: os.open(file, flags, 0o600)) as file:
            file.write(f"{make()}\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(new, path)
        new.unlink()
    return path.read_text()


def new_key() -> str:
    """Of `BYTES` bytes, in Base64."""
    return urlsafe_b64encode(secrets.token_bytes(BYTES)).decode()


def of_text(text: str, setting: str) -> list[bytes]:
    """Such keys as the setting has them, the present one first. Raises `UsageError`."""
    try:
        keys = [urlsafe_b64decode(key.translate(_URLSAFE)) for key in text.replace(",", " ").split()]
    except (Error, ValueError):
        keys = []
    if not keys or any(len(key) != BYTES for key in keys):
        raise UsageError(f"{setting} has to be keys of 32 bytes in Base64 each (openssl rand -base64 32)")
    return keys
