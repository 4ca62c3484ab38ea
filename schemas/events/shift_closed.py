"""The end of a shift, with the sums of its Z-report."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from schemas.amounts import Money
from schemas.events.event_type import EXAMPLE_AT, EventType, Part, TillEvent
from schemas.events.payments import Method
from schemas.texts import Cashier, Code, Id


class MethodTotal(Part, frozen=True, gc=False):
    """What a shift took by one method: payments − change − refunds."""

    method: Method
    amount: Money


class ShiftTotals(Part, frozen=True, gc=False):
    """The sums of a Z-report; only what is there is compared."""

    sales: Money | None = None
    returns: Money | None = None
    receipts: Annotated[int, Meta(ge=0, le=2**31 - 1, description="The number of sales.")] | None = None
    by_method: list[MethodTotal] | None = None


class ShiftClosed(TillEvent, frozen=True, tag="shift.closed"):
    """A shift ended; `cash` is what was counted in the drawer, `totals` what the till's own Z-report says."""

    shift_id: Id
    number: Code
    cash: Money | None = None
    cashier: Cashier | None = None
    cashier_id: Id | None = None
    totals: ShiftTotals | None = None


TYPE = EventType(
    ru="Смена закрыта",
    en="Shift closed",
    example=ShiftClosed(
        at=EXAMPLE_AT,
        shift_id="sh-1",
        number="17",
        cash=Decimal("4024.00"),
        cashier="Кузнецова А.",
        cashier_id="k-1",
        totals=ShiftTotals(
            Decimal("1274.40"),
            Decimal("49.95"),
            12,
            [MethodTotal("cash", Decimal("1024.00")), MethodTotal("card", Decimal("200.45"))],
        ),
    ),
)
