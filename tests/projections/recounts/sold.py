"""What was sold and returned of each good by day, counted line by line."""

from __future__ import annotations

from fractions import Fraction

from msgspec.structs import replace

from schemas.events import SaleRegistered, SaleReturned
from tests.projections.model import OutletModel
from tests.projections.receipts import SIDE
from tests.projections.recounts import Rows

SOLD = ("quantity", "revenue", "cost_sum", "cost_known_sum")
BACK = ("returned_quantity", "returned_sum", "returned_cost_sum", "returned_cost_known_sum")


def rows(model: OutletModel) -> Rows:
    found: Rows = {}

    def add(document: SaleRegistered | SaleReturned, columns: tuple[str, ...]) -> None:
        for line in document.lines:
            if SIDE.get(line.kind) == "revenue":
                split = model.sides(replace(document, lines=[line]))
                key = (model.day(document.at), line.good_id)
                row = found.setdefault(key, dict.fromkeys((*SOLD, *BACK), Fraction(0)))
                figures = (Fraction(line.quantity), split.revenue, split.cost, split.cost_known)
                for column, figure in zip(columns, figures, strict=True):
                    row[column] += figure

    for sale in model.sold():
        add(sale, SOLD)
    for back in model.returned():
        add(back, BACK)
    return found
