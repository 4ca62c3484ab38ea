"""Returns: what came back, and what sums take of it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from msgspec import Struct

from projections.kinds.columns import Bigint, Smallint, Uuid
from projections.kinds.documents import Documents
from projections.kinds.provenance import Provenance, local_time
from projections.kinds.sums import Source
from schemas.amounts import ZERO
from schemas.events import MAIN_WAREHOUSE, Refund, ReturnLine, SaleReturned


class ReturnRow(Struct, frozen=True):
    """A return. `difference` = refunds − amount; `applied_no` is that of its first appearance."""

    outlet_id: Uuid
    return_id: str
    till_id: Uuid
    sale_id: str
    at: datetime
    day: date
    hour: Smallint
    amount: Decimal
    difference: Decimal
    lines: list[ReturnLine]
    refunds: list[Refund]
    run: Uuid
    seq: Bigint
    log_offset: Bigint
    log_time: datetime | None
    applied_no: Bigint


def return_row(event: SaleReturned, provenance: Provenance, applied_no: int) -> ReturnRow:
    """The row of a return, with its sum and its local day and hour."""
    local = local_time(event.at, provenance.zone)
    amount = sum((line.amount for line in event.lines), ZERO)
    refunded = sum((refund.amount for refund in event.refunds), ZERO)
    return ReturnRow(
        outlet_id=provenance.outlet,
        return_id=event.return_id,
        till_id=provenance.till,
        sale_id=event.sale_id,
        at=event.at,
        day=local.date(),
        hour=local.hour,
        amount=amount,
        difference=refunded - amount,
        lines=event.lines,
        refunds=event.refunds,
        run=provenance.run,
        seq=provenance.seq,
        log_offset=provenance.log_offset,
        log_time=provenance.log_time,
        applied_no=applied_no,
    )


RETURNS = Documents("returns", version=1, event=SaleReturned, id="return_id", row=ReturnRow, make=return_row)


class Returned(Struct, frozen=True, gc=False):
    """One return in figures; it comes off the revenue of its own day. `unreconciled` as for a sale."""

    outlet_id: Uuid
    day: date
    hour: Smallint
    returns: int
    returns_sum: Decimal
    revenue: Decimal
    unreconciled: int


def returned(row: ReturnRow) -> tuple[Returned]:
    return (Returned(row.outlet_id, row.day, row.hour, 1, row.amount, -row.amount, 1 if row.difference else 0),)


RETURNED = Source(RETURNS, Returned, returned)


class ReturnedLine(Struct, frozen=True, gc=False):
    """One position given back."""

    outlet_id: Uuid
    day: date
    hour: Smallint
    good_id: str
    warehouse_id: str
    returned_quantity: Decimal
    returned_sum: Decimal


def returned_lines(row: ReturnRow) -> list[ReturnedLine]:
    return [
        ReturnedLine(
            row.outlet_id,
            row.day,
            row.hour,
            line.good_id,
            line.warehouse_id or MAIN_WAREHOUSE,
            line.quantity,
            line.amount,
        )
        for line in row.lines
    ]


RETURN_LINES = Source(RETURNS, ReturnedLine, returned_lines)


class Refunded(Struct, frozen=True, gc=False):
    """Money given back by a method: `amount` is negative."""

    outlet_id: Uuid
    day: date
    hour: Smallint
    method: str
    amount: Decimal
    refunds: int


def refunded(row: ReturnRow) -> list[Refunded]:
    return [Refunded(row.outlet_id, row.day, row.hour, refund.method, -refund.amount, 1) for refund in row.refunds]


REFUNDS = Source(RETURNS, Refunded, refunded)
