"""A first upload to try an outlet's token with: a good and a sale of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec


def events(now: datetime) -> list[dict[str, Any]]:
    """Two events at `now` (aware, by the outlet's clock)."""
    at = now.isoformat(timespec="seconds")
    return [
        {
            "type": "good.saved",
            "at": at,
            "good_id": "1",
            "name": "Чай чёрный, 100 г",
            "category": "Чай",
            "max_price": "199.90",
        },
        {
            "type": "sale.registered",
            "at": at,
            "sale_id": "1",
            "number": "1",
            "lines": [{"good_id": "1", "name": "Чай чёрный, 100 г", "quantity": "2", "price": "199.90"}],
            "payments": [{"method": "card", "amount": "399.80"}],
        },
    ]


def upload(now: datetime) -> str:
    """The body of an upload of a new run, as JSON for a person to read."""
    document = {"run": str(uuid4()), "first_seq": 1, "events": events(now)}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def lines(now: datetime) -> str:
    """The same events as JSON Lines, the form of `weboffice upload`."""
    return "".join(msgspec.json.encode(event).decode() + "\n" for event in events(now))
