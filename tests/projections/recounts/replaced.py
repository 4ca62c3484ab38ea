"""Receipts and returns whose number came again with another day, total or lines: each with the content before."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from typing import Any

import msgspec

from schemas.events import SaleRegistered, SaleReturned
from tests.projections import receipts
from tests.projections.model import OutletModel
from tests.projections.recounts import Rows, document, returned_line, sold_line


def rows(model: OutletModel) -> Rows:
    found: Rows = {}
    for kind, event_type in (("sale", SaleRegistered), ("return", SaleReturned)):
        for (till, id), contents in model.contents(event_type).items():
            versions = [version(model, place, event) for place, event in contents]
            for before, after in zip(versions, versions[1:], strict=False):
                if any(exact(before[name], name) != exact(after[name], name) for name in ("day", "total", "lines")):
                    row = {"day": model.day(contents[versions.index(after)][1].at)}
                    found[kind, id, till, after["run"], after["seq"]] = {**row, "before": before, "after": after}
    return found


def version(model: OutletModel, place: int, event: Any) -> dict[str, Any]:
    sale = isinstance(event, SaleRegistered)
    total = receipts.total(event) if sale else receipts.amount(event)
    run, number = model.origins[place]
    return {
        "number": event.number if sale else event.number or event.return_id,
        "at": msgspec.to_builtins(event.at.astimezone(UTC)),
        "day": str(model.day(event.at)),
        "total": str(Decimal(int(total * 100)).scaleb(-2)),
        "run": run,
        "seq": number,
        "lines": [sold_line(line) if sale else returned_line(line) for line in event.lines],
        "payments": [document(part) for part in (event.payments if sale else event.refunds)],
    }


NUMBERS = ("total", "quantity", "price", "discount", "sum", "cost", "amount")


def exact(value: Any, name: str = "") -> Any:
    """Numbers by value: 1.0 is 1."""
    match value:
        case str() if name in NUMBERS:
            return Decimal(value)
        case list():
            return [exact(part) for part in value]
        case dict():
            return {name: exact(part, name) for name, part in value.items()}
        case _:
            return value
