"""Sales: the receipts, and what sums take of them."""

from __future__ import annotations

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
from projections.models.positions import REVENUE, SoldPosition, rate_value, shares, sold_position
from projections.models.voids import VoidColumn, void
from schemas.amounts import ZERO, line_sum
from schemas.events import MAIN_WAREHOUSE, Payment, SaleRegistered, SaleVoided


def with_costs_of_goods(sale: SaleRegistered, old: SaleRow | None, consulted: Consulted) -> SaleRegistered:
    """The sale with the costs that its goods have, or had when it was first applied, in lines that say none."""
    if old is None and not len(consulted.state):
        return sale  # no good of these lines has a cost
    kept = {} if old is None else {line.good_id: line.cost for line in reversed(old.lines)}
    return with_costs(sale, kept, lambda good: cost_of(consulted, good, old))


class SaleRow(Struct, frozen=True):
    """A receipt. `difference` = payments − change − total; `received_at`, `applied_no` are of its first appearance.

    `total` = goods − discount + rounding + tax on top = revenue + advances + tips + debts; the rounding is revenue.
    `cost_sum` is the cost of the lines whose cost is known, `cost_known_sum` the revenue of those lines.
    `imported`: of an importer's till. `fiscal_copy`: another document stands for it (`projections.models.fiscal`).
    """

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
    rounding: Decimal
    total: Decimal
    revenue: Decimal
    advances_sum: Decimal
    tips_sum: Decimal
    debts_sum: Decimal
    tax_sum: Decimal
    cost_sum: Decimal
    cost_known_sum: Decimal
    change: Decimal
    difference: Decimal
    contact_id: str | None
    cashier: str | None
    cashier_id: str | None
    shift_id: str | None
    fiscal_fn: str | None
    fiscal_fd: str | None
    fiscal_fp: str | None
    tax_system: str | None
    correction: bool
    lines: list[SoldPosition]
    payments: list[Payment]
    run: Uuid
    seq: Bigint
    log_offset: Bigint
    log_time: datetime | None
    received_at: datetime
    applied_no: Bigint
    void: VoidColumn | None = None
    imported: bool = False
    fiscal_copy: bool = False


def sale_row(sale: SaleRegistered, provenance: Provenance, applied_no: int, received_at: datetime) -> SaleRow:
    """The row of a receipt, with its sums and its local day and hour."""
    local = local_time(sale.at, provenance.zone)
    lines = [sold_position(line) for line in sale.lines]
    discount_sum = goods_sum = paid = ZERO
    for line in lines:
        discount_sum += line.discount
        goods_sum += line.sum
    goods_sum += discount_sum
    share = shares(lines)
    revenue = share.revenue + sale.rounding
    total = revenue + share.advances + share.tips + share.debts
    for payment in sale.payments:
        paid += payment.amount
    fiscal = sale.fiscal
    # By position, in the order of `SaleRow`: by name it takes five times as long, and this is done for every sale.
    return SaleRow(
        provenance.outlet,
        sale.sale_id,
        provenance.till,
        sale.number,
        sale.at,
        business_day(local, provenance.day_begins),
        local.hour,
        len(lines),
        goods_sum,
        discount_sum,
        sale.rounding,
        total,
        revenue,
        share.advances,
        share.tips,
        share.debts,
        share.tax,
        share.cost,
        share.cost_known,
        sale.change,
        paid - sale.change - total,
        sale.contact_id,
        sale.cashier,
        sale.cashier_id,
        sale.shift_id,
        fiscal.fn if fiscal else None,
        fiscal.fd if fiscal else None,
        fiscal.fp if fiscal else None,
        fiscal.tax_system if fiscal else None,
        sale.correction,
        lines,
        sale.payments,
        provenance.run,
        provenance.seq,
        provenance.log_offset,
        provenance.log_time,
        received_at,
        applied_no,
        imported=provenance.imported,
    )


def empty_sale(event: SaleVoided) -> SaleRegistered:
    """Keeps the place of a sale of which only the void has come."""
    return SaleRegistered(event.at, event.sale_id, "", [], [])


SALES = Documents(
    "sales",
    version=4,
    event=SaleRegistered,
    id="sale_id",
    row=SaleRow,
    make=sale_row,
    voided_by=Voiding(SaleVoided, void, empty_sale),
    consults=Consulting(
        with_costs_of_goods, COSTS, goods_without_cost, past=PAST_COSTS, past_keys=new_goods_without_cost
    ),
    once=ONCE,
)


class Receipt(Struct, frozen=True, gc=False):
    """One sale in figures; `unreconciled` is 1 where its own numbers do not add up, `discounted` where something was
    taken off. What is not named is "" here."""

    outlet_id: Uuid
    day: date
    hour: Smallint
    till_id: Uuid
    shift_id: str
    cashier_id: str
    cashier: str
    sales: int
    positions: int
    goods_sum: Decimal
    discount_sum: Decimal
    revenue: Decimal
    advances_sum: Decimal
    tips_sum: Decimal
    debts_sum: Decimal
    tax_sum: Decimal
    cost_sum: Decimal
    cost_known_sum: Decimal
    unreconciled: int
    discounted: int


def receipt(sale: SaleRow) -> tuple[Receipt]:
    return (
        Receipt(
            sale.outlet_id,
            sale.day,
            sale.hour,
            sale.till_id,
            sale.shift_id or "",
            sale.cashier_id or "",
            sale.cashier or "",
            1,
            sale.positions,
            sale.goods_sum,
            sale.discount_sum,
            sale.revenue,
            sale.advances_sum,
            sale.tips_sum,
            sale.debts_sum,
            sale.tax_sum,
            sale.cost_sum,
            sale.cost_known_sum,
            1 if sale.difference else 0,
            1 if sale.discount_sum else 0,
        ),
    )


RECEIPTS = Source(SALES, Receipt, receipt)


class VoidedReceipt(Struct, frozen=True, gc=False):
    """A sale that was voided: it counts as nothing else. What is not named is "" here."""

    outlet_id: Uuid
    day: date
    hour: Smallint
    till_id: Uuid
    cashier_id: str
    cashier: str
    voided: int


def voided_receipt(sale: SaleRow) -> tuple[VoidedReceipt]:
    return (
        VoidedReceipt(sale.outlet_id, sale.day, sale.hour, sale.till_id, sale.cashier_id or "", sale.cashier or "", 1),
    )


VOIDED_RECEIPTS = Source(SALES, VoidedReceipt, voided_receipt, voided=True)


class SoldLine(Struct, frozen=True, gc=False):
    """One position of a sale; `warehouse_id` is that of the shop's main one where the line names none.

    `revenue` is after the discount, with tax that is on top; 0 for a line of a kind that is no revenue. `cost_sum` is
    the cost of all of it and `cost_known_sum` its revenue, both 0 where the cost is not known.
    """

    outlet_id: Uuid
    day: date
    hour: Smallint
    good_id: str
    warehouse_id: str
    kind: str
    lines: int
    quantity: Decimal
    discount: Decimal
    revenue: Decimal
    cost_sum: Decimal
    cost_known_sum: Decimal


def sold_lines(sale: SaleRow) -> list[SoldLine]:
    outlet, day, hour = sale.outlet_id, sale.day, sale.hour
    found = []
    for line in sale.lines:
        # `line_revenue` and `line_cost`, without their calls: this is done for every line of every receipt.
        cost = known = revenue = ZERO
        if line.kind in REVENUE:
            tax = line.tax
            revenue = line.sum if tax is None or not tax.on_top else line.sum + tax.amount
            if line.cost is not None:
                cost, known = line_sum(line.quantity, line.cost), revenue
        found.append(
            SoldLine(
                outlet,
                day,
                hour,
                line.good_id,
                line.warehouse_id or MAIN_WAREHOUSE,
                line.kind,
                1,
                line.quantity,
                line.discount,
                revenue,
                cost,
                known,
            )
        )
    return found


LINES = Source(SALES, SoldLine, sold_lines)


class TaxTaken(Struct, frozen=True, gc=False):
    """The tax of one position of a sale; `base_sum` is without it. A line without tax has none."""

    outlet_id: Uuid
    day: date
    hour: Smallint
    rate: str
    base_sum: Decimal
    tax_sum: Decimal


def taxes_taken(sale: SaleRow) -> list[TaxTaken]:
    outlet, day, hour = sale.outlet_id, sale.day, sale.hour
    return [
        TaxTaken(outlet, day, hour, rate_value(line.tax.rate), line.amount - line.tax.amount, line.tax.amount)
        for line in sale.lines
        if line.tax is not None
    ]


TAXES_TAKEN = Source(SALES, TaxTaken, taxes_taken)


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
