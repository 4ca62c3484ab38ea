"""Orders of the owner or an operator on their way into the log: nothing but the log changes the read models.

The transaction that decides executes `SEND` with `parameters(order)`. A gateway then writes the record into the log
(`producers/outbox.py`).
"""

from __future__ import annotations

from typing import Any

from schemas.records import ContactForgotten, EventsDiscarded, GapGivenUp, OutletRemoved, encode
from schemas.statements import load

Order = ContactForgotten | EventsDiscarded | GapGivenUp | OutletRemoved

SEND = load("schemas", "outbox.sql")["send"]


def parameters(order: Order) -> dict[str, Any]:
    """What `SEND` needs."""
    return {"outlet": order.outlet, "record": encode(order)}
