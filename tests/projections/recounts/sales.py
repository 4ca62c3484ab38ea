"""Sales: each receipt as it came last."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from schemas.events import SaleRegistered
from tests.projections import receipts
from tests.projections.model import Applied, OutletModel
from tests.projections.recounts import Rows, document, fiscal, sold_line, split_sums, voided


def rows(model: OutletModel) -> Rows:
    found: Rows = dict(only_voided(model))
    copies = model.copies(model.all_sales)
    for (till, sale_id), (_, sale, received_at, void) in model.all_sales.items():
        goods, discount = receipts.goods_and_discount(sale)
        total = receipts.total(sale)
        local = model.local(sale.at)
        found[sale_id, till] = {
            "number": sale.number,
            "at": sale.at,
            "day": model.day(sale.at),
            "hour": local.hour,
            "positions": len(sale.lines),
            "goods_sum": goods,
            "discount_sum": discount,
            "rounding": Fraction(sale.rounding),
            "total": total,
            **split_sums(model.sides(sale)),
            "revenue": model.revenue(sale),
            "change": Fraction(sale.change),
            "difference": receipts.paid(sale) - total,
            "contact_id": sale.contact_id,
            "cashier": sale.cashier,
            "cashier_id": sale.cashier_id,
            "shift_id": sale.shift_id,
            **fiscal(sale.fiscal),
            "correction": sale.correction,
            "lines": [sold_line(line) for line in sale.lines],
            "payments": [document(payment) for payment in sale.payments],
            "received_at": received_at,
            "void": voided(void),
            "imported": till in model.imported,
            "fiscal_copy": (till, sale_id) in copies,
        }
    return found


def only_voided(model: OutletModel) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    """The places kept of sales of which only the void has come."""
    for (till, sale_id), (event, received_at) in model.voids("sale_id").items():
        empty = OutletModel(str(model.zone))
        empty.day_begins, empty.imported = model.day_begins, model.imported
        empty.applied = [Applied(till, SaleRegistered(event.at, sale_id, "", [], []), received_at)]
        if (till, sale_id) not in model.all_sales:
            yield (sale_id, till), {**rows(empty)[sale_id, till], "void": voided(event, unseen=True)}
