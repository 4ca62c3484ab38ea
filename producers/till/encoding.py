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
_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def encoded(event: Event) -> bytes:
    """The event as JSON; amounts and moments may be `Decimal` and `datetime`. Raises `EventUnfit`."""
    try:
        text = json.dumps(event, default=_plain, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as exc:
        raise EventUnfit("no_form", problem=exc) from exc
    return encoded_plain(json.loads(text))


def encoded_line(line: bytes) -> bytes:
    """The same for an event that comes as JSON, in UTF-8. Raises `EventUnfit`."""
    try:
        plain = json.loads(line.decode(), parse_constant=_refuse)
    except UnicodeDecodeError as exc:
        raise EventUnfit("not_utf8", byte=exc.start + 1) from exc
    except json.JSONDecodeError as exc:
        raise EventUnfit("not_json", character=exc.pos + 1) from exc
    except RecursionError as exc:
        raise EventUnfit("too_deep") from exc
    except ValueError as exc:  # NaN, or more digits than Python reads
        raise EventUnfit("no_number") from exc
    return encoded_plain(plain)


def readable(event: bytes) -> bool:
    """Whether it is JSON by every reader's rules."""
    try:
        json.loads(event, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def encoded_plain(plain: object) -> bytes:
    """The same for an event that was read from JSON. Raises `EventUnfit`."""
    if not isinstance(plain, dict):
        raise EventUnfit("no_object")
    try:
        text = _encoder.encode(minimised(plain)).encode()
    except UnicodeEncodeError as exc:
        raise EventUnfit("half_a_character") from exc
    except RecursionError as exc:
        raise EventUnfit("too_deep") from exc
    except ValueError as exc:  # 1e999 was read as infinity
        raise EventUnfit("no_number") from exc
    if len(text) > MAX_BYTES - FRAME_BYTES:
        raise EventUnfit("too_long", most=MAX_BYTES // 2**20)
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
