"""What a shift comes to: its drawer, and its Z-report figure by figure. For pages, files and the read API. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

import msgspec
from msgspec import Struct

from schemas.amounts import ZERO
from schemas.events import MethodTotal


class Reported(Protocol):
    """A shift with what its Z-report says (`totals_…`, None what it does not name) and what its documents come to."""

    @property
    def sales(self) -> int: ...
    @property
    def sales_sum(self) -> Decimal: ...
    @property
    def returns_sum(self) -> Decimal: ...
    @property
    def totals_sales(self) -> Decimal | None: ...
    @property
    def totals_returns(self) -> Decimal | None: ...
    @property
    def totals_receipts(self) -> int | None: ...
    @property
    def totals_methods(self) -> list[object]: ...
    @property
    def methods(self) -> dict[str, str]: ...


class ShiftRow(Struct, frozen=True):
    """A row of the read API's statement `shifts`. `totals_…` is what the Z-report says; `methods` is method → amount of
    the shift's documents, as text."""

    shift_id: str
    till_id: UUID
    number: str | None
    opened_at: datetime | None
    closed_at: datetime | None
    cashier: str | None
    day: date
    sales: int
    sales_sum: Decimal
    revenue: Decimal
    returns_sum: Decimal
    cash_counted: Decimal | None
    cash_expected: Decimal | None
    totals_sales: Decimal | None
    totals_returns: Decimal | None
    totals_receipts: int | None
    totals_methods: list[object]
    methods: dict[str, str]


class Line(Struct, frozen=True):
    """A figure of a shift: `sales`, `returns` and the methods are money, `receipts` is the number of sales. `reported`
    is what the Z-report says, None where it does not name the figure; `counted` is what the documents come to."""

    name: str
    reported: Decimal | None
    counted: Decimal

    @property
    def difference(self) -> Decimal:
        """What the Z-report has more than the documents; 0 where it does not name the figure."""
        return ZERO if self.reported is None else self.reported - self.counted


def difference(counted: Decimal | None, expected: Decimal | None) -> Decimal | None:
    """What was counted in the drawer over what should lie there; None where either is not known."""
    return None if counted is None or expected is None else counted - expected


def lines(shift: Reported) -> list[Line]:
    """The figures that the Z-report may name, then the methods: those of the documents, too, that it does not name."""
    methods: dict[str, Decimal] = {
        total.method: total.amount for total in msgspec.convert(shift.totals_methods, list[MethodTotal])
    }
    counted = amounts(shift.methods)
    receipts = None if shift.totals_receipts is None else Decimal(shift.totals_receipts)
    return [
        Line("sales", shift.totals_sales, shift.sales_sum),
        Line("returns", shift.totals_returns, shift.returns_sum),
        Line("receipts", receipts, Decimal(shift.sales)),
        *(Line(name, methods.get(name), counted.get(name, ZERO)) for name in dict.fromkeys([*methods, *counted])),
    ]


def amounts(methods: Mapping[str, str]) -> dict[str, Decimal]:
    """What was paid by each method, less refunds; those that came to nothing are left out."""
    return {name: Decimal(amount) for name, amount in methods.items() if Decimal(amount)}


def matches(lines: Sequence[Line]) -> bool | None:
    """Whether the documents come to each figure that the Z-report names; None where it names none."""
    named = [line for line in lines if line.reported is not None]
    return all(not line.difference for line in named) if named else None
