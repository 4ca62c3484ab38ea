"""Daily revenue: per outlet and local day the sales, their sums, and what was returned that day.

Revenue of a day = totals of its sales − amounts of the returns made that day (contract, 'Events').
"""

from __future__ import annotations

from projections.kinds.columns import Less
from projections.kinds.sums import Sums
from projections.models.returns import RETURNED
from projections.models.sales import RECEIPTS

DAILY = Sums(
    "daily",
    version=1,
    sources=(RECEIPTS, RETURNED),
    key=("outlet_id", "day"),
    sums=("sales", "returns", "goods_sum", "discount_sum", "returns_sum", "unreconciled"),
    derived=(Less("revenue", "goods_sum", ("discount_sum", "returns_sum")),),
)
