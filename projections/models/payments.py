"""Payment methods: per outlet and local day, payments − change − refunds; change comes off the cash.

So the figures of a day add up to its revenue wherever the till's own numbers do. `count` is the number of payments.
"""

from __future__ import annotations

from projections.kinds.sums import Sums
from projections.models.returns import REFUNDS
from projections.models.sales import PAYMENTS_TAKEN

PAYMENTS = Sums(
    "payments",
    version=1,
    sources=(PAYMENTS_TAKEN, REFUNDS),
    key=("outlet_id", "day", "method"),
    sums=("amount", "count", "refunds"),
)
