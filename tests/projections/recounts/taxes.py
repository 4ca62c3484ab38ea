"""What was taxed at each rate by day, counted line by line; rates that are the same number are one."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from schemas.events import SaleRegistered, SaleReturned
from tests.projections import receipts
from tests.projections.model import OutletModel
from tests.projections.recounts import Rows


def rows(model: OutletModel) -> Rows:
    found: Rows = {}

    def add(document: SaleRegistered | SaleReturned, sign: int) -> None:
        for line in document.lines:
            if line.tax is not None:
                key = (model.day(document.at), _rate(line.tax.rate))
                row = found.setdefault(key, {"base_sum": Fraction(0), "tax_sum": Fraction(0)})
                row["base_sum"] += sign * (receipts.taken(line) - Fraction(line.tax.amount))
                row["tax_sum"] += sign * Fraction(line.tax.amount)

    for sale in model.sold():
        add(sale, 1)
    for back in model.returned():
        add(back, -1)
    return found


def _rate(text: str) -> str:
    return "/".join(part if part == "none" else f"{Decimal(part).normalize():f}" for part in text.split("/"))
