"""Revenue by the hour of the outlet's local day: for 'the same hours yesterday' and the rhythm of the week."""

from __future__ import annotations

from projections.kinds.sums import Sums
from projections.models.returns import RETURNED
from projections.models.sales import RECEIPTS

HOURLY = Sums(
    "hourly",
    version=1,
    sources=(RECEIPTS, RETURNED),
    key=("outlet_id", "day", "hour"),
    sums=("sales", "revenue"),
)
