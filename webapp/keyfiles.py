"""Keys of an installation in a file of its home: made where there is none, readable for its user alone."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


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
