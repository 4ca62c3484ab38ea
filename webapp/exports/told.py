"""What other portals on the same home may know of a file: whose it is, and how far it is.

Behind several portals the page of a file is asked of any of them, and the file is made by one: it says so beside it.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from uuid import UUID

import msgspec
from msgspec import Struct

_NAME = "told.json"


class Told(Struct, frozen=True):
    """As its maker said last."""

    account_id: UUID
    person_id: UUID
    name: str
    form: str
    rows: int
    ready: bool


def write(folder: Path, told: Told) -> None:
    """Written whole or not at all. Raises `OSError`."""
    part = folder / f"{_NAME}.part"
    part.write_bytes(msgspec.json.encode(told))
    os.replace(part, folder / _NAME)


def read(folder: Path) -> Told | None:
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode((folder / _NAME).read_bytes(), type=Told)
    return None
