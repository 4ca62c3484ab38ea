"""Returns: each as it came last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas.events import SaleReturned
from tests.projections import receipts
from tests.projections.model import Applied, OutletModel
from tests.projections.recounts import Rows, document, fiscal, returned_line, split_sums, voided


def rows(model: OutletModel) -> Rows:
    found: Rows = dict(only_voided(model))
    copies = model.copies(model.all_returns)
    for (till, return_id), (_, back, received_at, void) in model.all_returns.items():
        amount = receipts.amount(back)
        local = model.local(back.at)
        found[return_id, till] = {
            "sale_id": back.sale_id or "",
            "number": back.number,
            "at": back.at,
            "day": model.day(back.at),
            "hour": local.hour,
            "amount": amount,
            **split_sums(model.sides(back)),
            "difference": receipts.refunded(back) - amount,
            "cashier": back.cashier,
            "cashier_id": back.cashier_id,
            "shift_id": back.shift_id,
            **fiscal(back.fiscal),
            "correction": back.correction,
            "lines": [returned_line(line) for line in back.lines],
            "refunds": [document(refund) for refund in back.refunds],
            "received_at": received_at,
            "void": voided(void),
            "imported": till in model.imported,
            "fiscal_copy": (till, return_id) in copies,
        }
    return found


def only_voided(model: OutletModel) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    """The places kept of returns of which only the void has come."""
    for (till, return_id), (event, received_at) in model.voids("return_id").items():
        empty = OutletModel(str(model.zone))
        empty.day_begins, empty.imported = model.day_begins, model.imported
        empty.applied = [Applied(till, SaleReturned(event.at, return_id, [], []), received_at)]
        if (till, return_id) not in model.all_returns:
            yield (return_id, till), {**rows(empty)[return_id, till], "void": voided(event, unseen=True)}
