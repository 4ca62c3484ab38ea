"""Cash that came into the drawer or left it otherwise than by a receipt."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from schemas.amounts import SignedMoney
from schemas.events.event_type import EXAMPLE_AT, EventType, TillEvent
from schemas.texts import Id, Text

CashReason = Literal["deposit", "withdrawal", "debt_repayment", "expense", "salary", "other"]


class CashMoved(TillEvent, frozen=True, tag="cash.moved"):
    """Cash came into (positive) or left (negative) the drawer otherwise than by a receipt."""

    cash_id: Id
    amount: SignedMoney
    reason: CashReason
    shift_id: Id | None = None
    note: Text | None = None


TYPE = EventType(
    ru="Движение наличных",
    en="Cash movement",
    example=CashMoved(
        at=EXAMPLE_AT,
        cash_id="ca-1",
        amount=Decimal("-500.00"),
        reason="expense",
        shift_id="sh-1",
        note="Вода для кулера",
    ),
)
