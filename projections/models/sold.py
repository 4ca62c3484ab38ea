"""Sold goods: per outlet, local day and good what was sold that day, and what was returned that day.

Lines that are no revenue (advances, tips, debts paid off) are left out. Revenue is after discounts and before returns,
`cost_known_sum` that part of it whose cost is known. Names and categories are joined by who reads, as they are then.
"""

from __future__ import annotations

from projections.kinds.sums import Sums
from projections.models.positions import REVENUE
from projections.models.returns import RETURN_LINES
from projections.models.sales import LINES

SOLD = Sums(
    "sold",
    version=1,
    sources=(LINES.where("kind", *sorted(REVENUE)), RETURN_LINES.where("kind", *sorted(REVENUE))),
    key=("outlet_id", "day", "good_id"),
    sums=(
        "quantity",
        "revenue",
        "cost_sum",
        "cost_known_sum",
        "returned_quantity",
        "returned_sum",
        "returned_cost_sum",
        "returned_cost_known_sum",
    ),
)
