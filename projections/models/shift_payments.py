"""What a shift took by each method: payments − change − refunds, change off the cash, as in `payments`."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from projections.kinds.columns import Uuid
from projections.kinds.sums import Source, Sums
from projections.models.returns import RETURNS, ReturnRow
from projections.models.sales import SALES, SaleRow


class ShiftMoney(Struct, frozen=True, gc=False):
    """Money that a document of a shift brought by a method; given back, it is negative."""

    outlet_id: Uuid
    shift_id: str
    till_id: Uuid
    method: str
    amount: Decimal


def taken(sale: SaleRow) -> list[ShiftMoney]:
    if sale.shift_id is None:
        return []
    shift = sale.outlet_id, sale.shift_id, sale.till_id
    rows = [ShiftMoney(*shift, payment.method, payment.amount) for payment in sale.payments]
    if sale.change:
        rows.append(ShiftMoney(*shift, "cash", -sale.change))
    return rows


def given_back(row: ReturnRow) -> list[ShiftMoney]:
    if row.shift_id is None:
        return []
    return [
        ShiftMoney(row.outlet_id, row.shift_id, row.till_id, refund.method, -refund.amount) for refund in row.refunds
    ]


SHIFT_PAYMENTS = Sums(
    "shift_payments",
    version=1,
    sources=(Source(SALES, ShiftMoney, taken), Source(RETURNS, ShiftMoney, given_back)),
    key=("outlet_id", "shift_id", "till_id", "method"),
    sums=("amount",),
)
