"""A movement of stock."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from schemas.amounts import SignedQuantity
from schemas.events.event_type import EXAMPLE_AT, EventType, TillEvent
from schemas.texts import Id

MoveReason = Literal["receipt", "write_off", "transfer", "production", "other"]


class StockMoved(TillEvent, frozen=True, tag="stock.moved"):
    """Goods came into (positive) or left (negative) a warehouse otherwise than by a sale."""

    move_id: Id
    good_id: Id
    warehouse_id: Id
    quantity: SignedQuantity
    reason: MoveReason


TYPE = EventType(
    ru="Движение товара",
    en="Stock movement",
    example=StockMoved(
        at=EXAMPLE_AT, move_id="m-1", good_id="g-1", warehouse_id="main", quantity=Decimal("12"), reason="receipt"
    ),
)
