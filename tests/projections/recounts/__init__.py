"""An independent recount of each projection, one module each, named like it.

`rows(model)` counts what the projection's table should hold of an outlet: key (without the outlet) → column → value,
all columns that are business content. Sums that are 0 throughout may be left out.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from typing import Any

import msgspec

from schemas.events import Fiscal, Line, ReturnLine, ReturnVoided, SaleVoided
from tests.projections.model import OutletModel
from tests.projections.receipts import Sides, cents

Rows = dict[tuple[Any, ...], dict[str, Any]]


def recount(projection: str) -> Callable[[OutletModel], Rows]:
    """The recount of a projection."""
    try:
        module = import_module(f"{__name__}.{projection}")
    except ModuleNotFoundError as exc:
        raise LookupError(
            f"projection {projection} has no independent recount: write tests/projections/recounts/{projection}.py"
        ) from exc
    found: Callable[[OutletModel], Rows] = module.rows
    return found


def document(part: msgspec.Struct) -> Any:
    """A part of a document as the JSON values in which PostgreSQL keeps it."""
    return msgspec.to_builtins(part)


def sold_line(line: Line) -> dict[str, Any]:
    """A line of a sale as its row keeps it: as the till sent it, and what it brought."""
    whole = cents(Fraction(line.quantity) * Fraction(line.price)) - Fraction(line.discount)
    brought = str(Decimal(int(whole * 100)).scaleb(-2)) if line.sum is None else str(line.sum)
    return {
        **document(line),
        "discount": str(line.discount),
        "warehouse_id": line.warehouse_id,
        "sum": brought,
    }


def returned_line(line: ReturnLine) -> dict[str, Any]:
    """A line of a return as its row keeps it."""
    return {**document(line), "warehouse_id": line.warehouse_id}


def split_sums(split: Sides) -> dict[str, Fraction]:
    """What a document's lines come to, by the names of its row's columns."""
    names = ("advances", "tips", "debts", "tax", "cost", "cost_known")
    return {"revenue": split.revenue, **{f"{name}_sum": getattr(split, name) for name in names}}


def voided(event: SaleVoided | ReturnVoided | None, unseen: bool = False) -> dict[str, Any] | None:
    """What a row keeps of the void of its document."""
    if event is None:
        return None
    said = {name: getattr(event, name) for name in ("reason", "cashier", "cashier_id")}
    void = {"at": msgspec.to_builtins(event.at), **{name: text for name, text in said.items() if text is not None}}
    return {**void, "unseen": True} if unseen else void


def fiscal(numbers: Fiscal | None) -> dict[str, str | None]:
    """The columns of a document's fiscal numbers."""
    return {
        "fiscal_fn": numbers.fn if numbers else None,
        "fiscal_fd": numbers.fd if numbers else None,
        "fiscal_fp": numbers.fp if numbers else None,
        "tax_system": numbers.tax_system if numbers else None,
    }
