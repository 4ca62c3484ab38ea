"""Places in a list that is read page by page: the last row of a page as an opaque text for URLs."""

from __future__ import annotations

import base64
import binascii
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def pack(place: Any) -> str:
    """A place as text."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode()


def unpack(text: str, kind: type[T]) -> T:
    """What `pack` made of a place; raises `ValueError` for anything else."""
    try:
        document = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        place = msgspec.json.decode(document, type=kind)
    except (binascii.Error, msgspec.MsgspecError, UnicodeError) as exc:
        raise ValueError("not a place in a list") from exc
    if b"\\u0000" in document:  # PostgreSQL knows no such character
        raise ValueError("not a place in a list")
    return place
