"""What a till keeps to itself: an event loses people's full names and contact data before it is even stored."""

from __future__ import annotations

from typing import Any

from schemas.people import shortening
from schemas.private import is_code, scrubbed, without_private_fields

_FORM = frozenset(["type", "at", "method", "kind"])  # the gateway says what is wrong with these, and quotes them


def minimised(event: dict[str, Any]) -> dict[str, Any]:
    """The event without private fields, with names as «Фамилия И.О.» and texts without e-mails and phone numbers."""
    kept: dict[str, Any] = _scrubbed(without_private_fields(event))
    for field, value in list(kept.items()):
        shorten = shortening(kept.get("type"), field)
        if shorten is not None and isinstance(value, str):
            kept[field] = shorten(value)
            if kept[field] is None:
                del kept[field]
    return kept


def _scrubbed(value: Any) -> Any:
    match value:
        case str():
            return scrubbed(value)
        case list():
            return [_scrubbed(item) for item in value]
        case dict():
            return {k: v if k in _FORM or is_code(k) else _scrubbed(v) for k, v in value.items()}
        case _:
            return value
