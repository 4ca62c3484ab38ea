"""What a till keeps to itself: an event loses people's full names and contact data before it is even stored."""

from __future__ import annotations

from typing import Any, Literal

from schemas.people import shortening
from schemas.private import PRIVATE_FIELDS, is_code, scrubbed, without_private_fields

_FORM = frozenset(["type", "at", "method", "kind"])  # the gateway says what is wrong with these, and quotes them


def minimised(event: dict[str, Any]) -> dict[str, Any]:
    """The event without private fields, with names as «Фамилия И.О.» and texts without e-mails and phone numbers."""
    kept = _minimised(event)
    kind = kept.get("type")
    for field, value in list(kept.items()):
        shorten = shortening(kind, field)
        if shorten is not None and isinstance(value, str):
            kept[field] = shorten(value)
            if kept[field] is None:
                del kept[field]
    return kept


def _minimised(record: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for field, value in record.items():
        rule = _rules[field]
        if type(value) is str:  # nearly all of them
            if rule == "kept":
                kept[field] = value
            elif rule == "scrubbed":
                kept[field] = scrubbed(value)
        elif rule == "kept":
            kept[field] = without_private_fields(value)
        elif rule == "scrubbed":
            kept[field] = _scrubbed(value)
    return kept


def _scrubbed(value: Any) -> Any:
    match value:
        case str():
            return scrubbed(value)
        case dict():
            return _minimised(value)
        case list():
            return [_scrubbed(item) for item in value]
        case _:
            return value


class _Rules(dict[str, Literal["dropped", "kept", "scrubbed"]]):
    """What happens to a field, by its name: events have the same few dozen fields, again and again."""

    def __missing__(self, field: str) -> Literal["dropped", "kept", "scrubbed"]:
        code = field in _FORM or is_code(field)
        rule: Literal["dropped", "kept", "scrubbed"]
        rule = "dropped" if field.lower() in PRIVATE_FIELDS else "kept" if code else "scrubbed"
        if len(self) < _NAMES_MAX and len(field) < _NAME_MAX:
            self[field] = rule
        return rule


_NAMES_MAX, _NAME_MAX = 1000, 100
_rules = _Rules()
