"""Daily revenue: per outlet and local day the sales, their sums, and what was returned that day.

Revenue of a day = totals of its sales without advances, tips and debts paid off − the same of the returns made that day
(contract, 'Events'); what is no revenue is a figure of its own. `returns_sum` is all that was given back. `voided` are
sales that were voided, on their own day.
"""

from __future__ import annotations

from projections.kinds.sums import Sums
from projections.models.returns import RETURNED
from projections.models.sales import RECEIPTS, VOIDED_RECEIPTS

DAILY = Sums(
    "daily",
    version=2,
    sources=(RECEIPTS, RETURNED, VOIDED_RECEIPTS),
    key=("outlet_id", "day"),
    sums=(
        *("sales", "returns", "goods_sum", "discount_sum", "returns_sum", "revenue", "unreconciled"),
        *("tax_sum", "advances_sum", "tips_sum", "debts_sum", "cost_sum", "cost_known_sum", "voided"),
    ),
)
