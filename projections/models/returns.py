"""Returns: what came back, and what sums take of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from msgspec import Struct

from projections.kinds.columns import Bigint, Smallint, Uuid
from projections.kinds.consulting import Consulted
from projections.kinds.documents import Consulting, Documents, Voiding
from projections.kinds.provenance import Provenance, business_day, local_time
from projections.kinds.sums import Source
from projections.models.costs import COSTS, cost_of, goods_without_cost, new_goods_without_cost, with_costs
from projections.models.fiscal import ONCE
from projections.models.past_costs import PAST_COSTS
from projections.models.positions import (
    ReturnedPosition,
    line_cost,
    line_revenue,
    rate_value,
    returned_position,
    shares,
)
from projections.models.sales import SALES, SaleRow
from projections.models.voids import VoidColumn, void
from schemas.amounts import ZERO
from schemas.events import MAIN_WAREHOUSE, Refund, ReturnVoided, SaleReturned


def sale_ids(event: SaleReturned) -> tuple[str, ...]:
    """The sale whose costs a return may take over."""
    if event.sale_id is None or all(line.cost is not None for line in event.lines):
        return ()
    return (event.sale_id,)


def with_costs_of_sale(event: SaleReturned, old: ReturnRow | None, consulted: Consulted) -> SaleReturned:
    """The return with the costs of its sale's lines, else of its goods, in lines that say none."""
    kept: dict[str, Decimal | None] = {}
    for of_id in sale_ids(event):
        if (sale := sale_of(event, consulted.documents(of_id), consulted.till)) is not None:
            kept = {line.good_id: line.cost for line in reversed(sale.lines) if line.cost is not None}
    if old is not None:
        kept |= {line.good_id: line.cost for line in reversed(old.lines)}
    return with_costs(event, kept, lambda good: cost_of(consulted, good, old))


def sale_of(event: SaleReturned, sales: Iterable[SaleRow], till: str) -> SaleRow | None:
    """The sale that a return is of: the latest that is not later than it, of its own till, else of the outlet."""
    came = (sale for sale in sales if sale.void is None or not sale.void.unseen)
    earlier = [sale for sale in came if sale.at <= event.at]
    return max(earlier, key=lambda sale: (sale.till_id == till, sale.at, sale.till_id), default=None)


class ReturnRow(Struct, frozen=True):
    """A return; `sale_id` is "" where it names no sale.

    `difference` = refunds − amount; `received_at`, `applied_no` are of its first appearance. `amount` = revenue +
    advances + tips + debts, what comes off each; taxes and costs likewise. `imported` and `fiscal_copy` as for a
    sale.
    """

    outlet_id: Uuid
    return_id: str
    till_id: Uuid
    sale_id: str
    number: str | None
    at: datetime
    day: date
    hour: Smallint
    amount: Decimal
    revenue: Decimal
    advances_sum: Decimal
    tips_sum: Decimal
    debts_sum: Decimal
    tax_sum: Decimal
    cost_sum: Decimal
    cost_known_sum: Decimal
    difference: Decimal
    cashier: str | None
    cashier_id: str | None
    shift_id: str | None
    fiscal_fn: str | None
    fiscal_fd: str | None
    fiscal_fp: str | None
    tax_system: str | None
    correction: bool
    lines: list[ReturnedPosition]
    refunds: list[Refund]
    run: Uuid
    seq: Bigint
    log_offset: Bigint
    log_time: datetime | None
    received_at: datetime
    applied_no: Bigint
    void: VoidColumn | None = None
    imported: bool = False
    fiscal_copy: bool = False


def return_row(event: SaleReturned, provenance: Provenance, applied_no: int, received_at: datetime) -> ReturnRow:
    """The row of a return, with its sum and its local day and hour."""
    local = local_time(event.at, provenance.zone)
    lines = [returned_position(line) for line in event.lines]
    amount = sum((line.amount for line in lines), ZERO)
    share = shares(lines)
    fiscal = event.fiscal
    refunded = sum((refund.amount for refund in event.refunds), ZERO)
    return ReturnRow(
        outlet_id=provenance.outlet,
        return_id=event.return_id,
        till_id=provenance.till,
        sale_id=event.sale_id or "",
        number=event.number,
        at=event.at,
        day=business_day(local, provenance.day_begins),
        hour=local.hour,
        amount=amount,
        revenue=share.revenue,
        advances_sum=share.advances,
        tips_sum=share.tips,
        debts_sum=share.debts,
        tax_sum=share.tax,
        cost_sum=share.cost,
        cost_known_sum=share.cost_known,
        difference=refunded - amount,
        cashier=event.cashier,
        cashier_id=event.cashier_id,
        shift_id=event.shift_id,
        fiscal_fn=fiscal.fn if fiscal else None,
        fiscal_fd=fiscal.fd if fiscal else None,
        fiscal_fp=fiscal.fp if fiscal else None,
        tax_system=fiscal.tax_system if fiscal else None,
        correction=event.correction,
        lines=lines,
        refunds=event.refunds,
        run=provenance.run,
        seq=provenance.seq,
        log_offset=provenance.log_offset,
        log_time=provenance.log_time,
        received_at=received_at,
        applied_no=applied_no,
        imported=provenance.imported,
    )


def empty_return(event: ReturnVoided) -> SaleReturned:
    """Keeps the place of a return of which only the void has come."""
    return SaleReturned(event.at, event.return_id, [], [])


RETURNS = Documents(
    "returns",
    version=4,
    event=SaleReturned,
    id="return_id",
    row=ReturnRow,
    make=return_row,
    voided_by=Voiding(ReturnVoided, void, empty_return),
    consults=Consulting(
        with_costs_of_sale, COSTS, goods_without_cost, SALES, sale_ids, PAST_COSTS, new_goods_without_cost
    ),
    once=ONCE,
)


class Returned(Struct, frozen=True, gc=False):
    """One return in figures, on its own day; what it takes off is negative. `unreconciled` and "" as for a sale."""

    outlet_id: Uuid
    day: date
    hour: Smallint
    till_id: Uuid
    shift_id: str
    cashier_id: str
    cashier: str
    returns: int
    returns_sum: Decimal
    revenue: Decimal
    advances_sum: Decimal
    tips_sum: Decimal
    debts_sum: Decimal
    tax_sum: Decimal
    cost_sum: Decimal
    cost_known_sum: Decimal
    unreconciled: int


def returned(row: ReturnRow) -> tuple[Returned]:
    return (
        Returned(
            row.outlet_id,
            row.day,
            row.hour,
            row.till_id,
            row.shift_id or "",
            row.cashier_id or "",
            row.cashier or "",
            1,
            row.amount,
            -row.revenue,
            -row.advances_sum,
            -row.tips_sum,
            -row.debts_sum,
            -row.tax_sum,
            -row.cost_sum,
            -row.cost_known_sum,
            1 if row.difference else 0,
        ),
    )


RETURNED = Source(RETURNS, Returned, returned)


class ReturnedLine(Struct, frozen=True, gc=False):
    """One position given back, all of it positive; `returned_revenue` and costs as for a sale's position."""

    outlet_id: Uuid
    day: date
    hour: Smallint
    good_id: str
    warehouse_id: str
    kind: str
    returned_quantity: Decimal
    returned_sum: Decimal
    returned_revenue: Decimal
    returned_cost_sum: Decimal
    returned_cost_known_sum: Decimal


def returned_lines(row: ReturnRow) -> list[ReturnedLine]:
    found = []
    for line in row.lines:
        revenue, cost = line_revenue(line), line_cost(line)
        found.append(
            ReturnedLine(
                row.outlet_id,
                row.day,
                row.hour,
                line.good_id,
                line.warehouse_id or MAIN_WAREHOUSE,
                line.kind,
                line.quantity,
                line.amount,
                revenue,
                ZERO if cost is None else cost,
                ZERO if cost is None else revenue,
            )
        )
    return found


RETURN_LINES = Source(RETURNS, ReturnedLine, returned_lines)


class TaxReturned(Struct, frozen=True, gc=False):
    """The tax of one position given back, negative."""

    outlet_id: Uuid
    day: date
    hour: Smallint
    rate: str
    base_sum: Decimal
    tax_sum: Decimal


def taxes_returned(row: ReturnRow) -> list[TaxReturned]:
    outlet, day, hour = row.outlet_id, row.day, row.hour
    return [
        TaxReturned(outlet, day, hour, rate_value(line.tax.rate), line.tax.amount - line.amount, -line.tax.amount)
        for line in row.lines
        if line.tax is not None
    ]


TAXES_RETURNED = Source(RETURNS, TaxReturned, taxes_returned)


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
