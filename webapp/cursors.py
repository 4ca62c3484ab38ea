"""Cursors of lists that are read page by page: the last row of a page as an opaque text for URLs."""

from __future__ import annotations

import base64
import binascii
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def pack(cursor: Any) -> str:
    """A cursor as text."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).rstrip(b"=").decode()


def unpack(text: str, kind: type[T]) -> T:
    """What `pack` made of a cursor; raises `ValueError` for anything else."""
    try:
        document = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        cursor = msgspec.json.decode(document, type=kind)
    except (binascii.Error, msgspec.MsgspecError, UnicodeError) as exc:
        raise ValueError("not a cursor") from exc
    if b"\\u0000" in document:  # PostgreSQL knows no such character
        raise ValueError("not a cursor")
    return cursor
