"""An event as it is stored and sent: JSON, without what a till keeps to itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from producers.till.errors import EventUnfit
from producers.till.privacy import minimised
from schemas.limits import MAX_BYTES

FRAME_BYTES = 256
"""Of an upload, around its events."""

Event = Mapping[str, Any]


def encoded(event: Event) -> bytes:
    """The event as JSON; amounts and moments may be `Decimal` and `datetime`. Raises `EventUnfit`."""
    try:
        plain = json.loads(json.dumps(event, default=_plain, allow_nan=False))
        if not isinstance(plain, dict):
            raise EventUnfit("an event is an object")
        text = _written(minimised(plain))
    except (TypeError, ValueError, RecursionError) as exc:
        raise EventUnfit(f"the event can't be written as JSON: {exc}") from exc
    return _bounded(text)


def encoded_line(line: bytes) -> bytes:
    """The same for an event that comes as JSON, in UTF-8. Raises `EventUnfit`."""
    try:
        plain = json.loads(line.decode(), parse_constant=_refuse)
        if not isinstance(plain, dict):
            raise EventUnfit("an event is an object")
        text = _written(minimised(plain))
    except (ValueError, RecursionError) as exc:
        raise EventUnfit(f"it can't be read as JSON: {exc}") from exc
    return _bounded(text)


def _written(event: Event) -> bytes:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def _bounded(text: bytes) -> bytes:
    if len(text) > MAX_BYTES - FRAME_BYTES:
        raise EventUnfit(f"an event is smaller than {MAX_BYTES} bytes")
    return text


def _plain(value: object) -> object:
    match value:
        case Decimal() if value.is_finite():
            return format(value, "f")
        case datetime() if value.tzinfo:
            return value.isoformat()
        case UUID():
            return str(value)
        case Mapping():
            return dict(value)
        case _:
            raise TypeError(f"{type(value).__name__} has no form in JSON")


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is no number of JSON")
