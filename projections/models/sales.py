"""Sales: the receipts, and what sums take of them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from msgspec import Struct

from projections.kinds.columns import Bigint, Smallint, Uuid
from projections.kinds.documents import Documents
from projections.kinds.provenance import Provenance, local_time
from projections.kinds.sums import Source
from schemas.amounts import ZERO
from schemas.events import MAIN_WAREHOUSE, Line, Payment, SaleRegistered, sale_sums


class SaleRow(Struct, frozen=True):
    """A receipt. `difference` = payments − change − total; `applied_no` is that of its first appearance."""

    outlet_id: Uuid
    sale_id: str
    till_id: Uuid
    number: str
    at: datetime
    day: date
    hour: Smallint
    positions: int
    goods_sum: Decimal
    discount_sum: Decimal
    total: Decimal
    change: Decimal
    difference: Decimal
    contact_id: str | None
    cashier: str | None
    lines: list[Line]
    payments: list[Payment]
    run: Uuid
    seq: Bigint
    log_offset: Bigint
    log_time: datetime | None
    applied_no: Bigint


def sale_row(sale: SaleRegistered, provenance: Provenance, applied_no: int) -> SaleRow:
    """The row of a receipt, with its sums and its local day and hour."""
    local = local_time(sale.at, provenance.zone)
    goods_sum, discount_sum = sale_sums(sale)
    total = goods_sum - discount_sum
    paid = ZERO
    for payment in sale.payments:
        paid += payment.amount
    # By position, in the order of `SaleRow`: by name it takes five times as long, and this is done for every sale.
    return SaleRow(
        provenance.outlet,
        sale.sale_id,
        provenance.till,
        sale.number,
        sale.at,
        local.date(),
        local.hour,
        len(sale.lines),
        goods_sum,
        discount_sum,
        total,
        sale.change,
        paid - sale.change - total,
        sale.contact_id,
        sale.cashier,
        sale.lines,
        sale.payments,
        provenance.run,
        provenance.seq,
        provenance.log_offset,
        provenance.log_time,
        applied_no,
    )


SALES = Documents("sales", version=1, event=SaleRegistered, id="sale_id", row=SaleRow, make=sale_row)


class Receipt(Struct, frozen=True, gc=False):
    """One sale in figures; `unreconciled` is 1 where its own numbers do not add up."""

    outlet_id: Uuid
    day: date
    hour: Smallint
    sales: int
    goods_sum: Decimal
    discount_sum: Decimal
    revenue: Decimal
    unreconciled: int


def receipt(sale: SaleRow) -> tuple[Receipt]:
    return (
        Receipt(
            sale.outlet_id,
            sale.day,
            sale.hour,
            1,
            sale.goods_sum,
            sale.discount_sum,
            sale.total,
            1 if sale.difference else 0,
        ),
    )


RECEIPTS = Source(SALES, Receipt, receipt)


class SoldLine(Struct, frozen=True, gc=False):
    """One position of a sale; `warehouse_id` is that of the shop's main one where the line names none."""

    outlet_id: Uuid
    day: date
    hour: Smallint
    good_id: str
    warehouse_id: str
    lines: int
    quantity: Decimal
    discount: Decimal


def sold_lines(sale: SaleRow) -> list[SoldLine]:
    outlet, day, hour = sale.outlet_id, sale.day, sale.hour
    return [
        SoldLine(outlet, day, hour, line.good_id, line.warehouse_id or MAIN_WAREHOUSE, 1, line.quantity, line.discount)
        for line in sale.lines
    ]


LINES = Source(SALES, SoldLine, sold_lines)


class Paid(Struct, frozen=True, gc=False):
    """Money taken by a method. Change comes off the cash: a row of its own, that counts as no payment."""

    outlet_id: Uuid
    day: date
    hour: Smallint
    method: str
    amount: Decimal
    count: int


def paid(sale: SaleRow) -> list[Paid]:
    outlet, day, hour = sale.outlet_id, sale.day, sale.hour
    rows = [Paid(outlet, day, hour, payment.method, payment.amount, 1) for payment in sale.payments]
    if sale.change:
        rows.append(Paid(outlet, day, hour, "cash", -sale.change, 0))
    return rows


PAYMENTS_TAKEN = Source(SALES, Paid, paid)
