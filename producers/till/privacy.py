"""What a till keeps to itself: an event loses people's full names and contact data before it is even stored."""

from __future__ import annotations

from typing import Any

from schemas.cashiers import shorten_cashier
from schemas.names import shorten
from schemas.private import scrubbed, without_private_fields

# Ids, barcodes and numbers may well look like a phone number; they stay as they are.
_EXEMPT = frozenset("type at number barcode barcodes quantity price discount amount change max_price".split()) | {
    "purchases_total",
    "debt",
    "points",
    "method",
}


def minimised(event: dict[str, Any]) -> dict[str, Any]:
    """The event without private fields, with names as «Фамилия И.О.» and texts without e-mails and phone numbers."""
    kept: dict[str, Any] = without_private_fields(event)
    named, short = ("name", shorten) if kept.get("type") == "contact.saved" else ("cashier", shorten_cashier)
    name = kept.pop(named, None)
    if isinstance(name, str):
        name = short(name)
    return {**_scrubbed(kept), **({} if name is None else {named: name})}


def _scrubbed(value: Any) -> Any:
    match value:
        case str():
            return scrubbed(value)
        case list():
            return [_scrubbed(item) for item in value]
        case dict():
            return {k: v if k in _EXEMPT or k.endswith("_id") else _scrubbed(v) for k, v in value.items()}
        case _:
            return value
