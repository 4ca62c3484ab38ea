"""Taxes: per outlet, local day and rate, by the rate's value. Returns are taken off, lines without tax left out.

`base_sum` is without the tax.
"""

from __future__ import annotations

from projections.kinds.sums import Sums
from projections.models.returns import TAXES_RETURNED
from projections.models.sales import TAXES_TAKEN

TAXES = Sums(
    "taxes",
    version=1,
    sources=(TAXES_TAKEN, TAXES_RETURNED),
    key=("outlet_id", "day", "rate"),
    sums=("base_sum", "tax_sum"),
)
