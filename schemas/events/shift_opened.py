"""The beginning of a shift."""

from __future__ import annotations

from decimal import Decimal

from schemas.amounts import Money
from schemas.events.event_type import EXAMPLE_AT, EventType, TillEvent
from schemas.texts import Cashier, Code, Id


class ShiftOpened(TillEvent, frozen=True, tag="shift.opened"):
    """A shift began; `cash` is what lies in the drawer."""

    shift_id: Id
    number: Code
    cash: Money
    cashier: Cashier | None = None
    cashier_id: Id | None = None


TYPE = EventType(
    ru="Смена открыта",
    en="Shift opened",
    example=ShiftOpened(
        at=EXAMPLE_AT,
        shift_id="sh-1",
        number="17",
        cash=Decimal("3000.00"),
        cashier="Кузнецова А.",
        cashier_id="k-1",
    ),
)
