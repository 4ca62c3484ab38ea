"""Cashiers: per outlet, local day and who stood at the till, by the shop's id and by name; "" where one is not given.

The figures of all cashiers of a day are those of the day. Revenue, advances, tips and debts are less what the cashier
took back; `discounted` are the sales with something taken off, `voided` the cashier's sales that were voided.
"""

from __future__ import annotations

from projections.kinds.sums import Sums
from projections.models.returns import RETURNED
from projections.models.sales import RECEIPTS, VOIDED_RECEIPTS

CASHIERS = Sums(
    "cashiers",
    version=2,
    sources=(RECEIPTS, RETURNED, VOIDED_RECEIPTS),
    key=("outlet_id", "day", "cashier_id", "cashier"),
    sums=(
        *("sales", "positions", "revenue", "advances_sum", "tips_sum", "debts_sum"),
        *("discount_sum", "discounted", "returns", "returns_sum", "voided"),
    ),
)
