"""A count of stock."""

from __future__ import annotations

from decimal import Decimal

from schemas.amounts import SignedQuantity
from schemas.events.event_type import EXAMPLE_AT, EventType, TillEvent
from schemas.texts import Id


class StockCounted(TillEvent, frozen=True, tag="stock.counted"):
    """The stock of a good in a warehouse after a count."""

    good_id: Id
    warehouse_id: Id
    quantity: SignedQuantity


TYPE = EventType(
    ru="Пересчёт",
    en="Stock count",
    example=StockCounted(at=EXAMPLE_AT, good_id="g-1", warehouse_id="main", quantity=Decimal("-0.125")),
)
