"""What the Python peers share: a batch of uploads folded into sums, and one statement per table to add them.

Written as a team that knows PostgreSQL would: sums are added up per key in dictionaries, and one `INSERT … SELECT FROM
unnest(…) ON CONFLICT DO UPDATE` per table adds them, without reading anything first. No sequence numbers, no counts of
stock, no documents that replace earlier ones: the workload has none, so the peers are spared what ours does for them.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

_CENT = Decimal("0.01")
_ZERO = Decimal(0)
_zones: dict[str, ZoneInfo] = {}
_encode = msgspec.json.Encoder().encode
_statements = resources.files("benchmarks.peers").joinpath("figures.sql").read_text().split("-- name: ")[1:]
SQL = {piece.partition("\n")[0].strip(): piece.partition("\n")[2].strip().rstrip(";").encode() for piece in _statements}


def _day_sums() -> list[Any]:
    return [0, 0, _ZERO, _ZERO, _ZERO]


def _payment_sums() -> list[Any]:
    return [_ZERO, 0, 0]


class Figures:
    """The sums of one batch."""

    def __init__(self) -> None:
        self.daily: dict[tuple[Any, ...], list[Any]] = defaultdict(_day_sums)
        self.payments: dict[tuple[Any, ...], list[Any]] = defaultdict(_payment_sums)
        self.stock: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
        self.sales: list[tuple[Any, ...]] = []

    def add_upload(self, record: dict[str, Any]) -> None:
        """`record`: an upload as in the log, decoded to plain dictionaries."""
        for event in record["events"]:
            self.add(record["outlet"], record["till"], record["zone"], event)

    def add(self, outlet: str, till: str, zone: str, event: dict[str, Any]) -> None:
        at = datetime.fromisoformat(event["at"])
        if zone not in _zones:
            _zones[zone] = ZoneInfo(zone)
        day = at.astimezone(_zones[zone]).date()
        match event["type"]:
            case "sale.registered":
                self._add_sale(outlet, till, at, day, event)
            case "sale.returned":
                self._add_return(outlet, day, event)

    def _add_sale(self, outlet: str, till: str, at: datetime, day: Any, sale: dict[str, Any]) -> None:
        goods = discounts = _ZERO
        for line in sale["lines"]:
            quantity = Decimal(line["quantity"])
            goods += (quantity * Decimal(line["price"])).quantize(_CENT, ROUND_HALF_UP)
            discounts += Decimal(line["discount"])
            self.stock[outlet, line["good_id"], line.get("warehouse_id") or "main"] -= quantity
        sums = self.daily[outlet, day]
        sums[0] += 1
        sums[2] += goods
        sums[3] += discounts
        for payment in sale["payments"]:
            paid = self.payments[outlet, day, payment["method"]]
            paid[0] += Decimal(payment["amount"])
            paid[1] += 1
        change = Decimal(sale.get("change", "0"))
        if change:
            self.payments[outlet, day, "cash"][0] -= change
        self.sales.append(
            (
                outlet,
                sale["sale_id"],
                till,
                sale["number"],
                at,
                day,
                len(sale["lines"]),
                goods,
                discounts,
                goods - discounts,
                change,
                _encode(sale["lines"]).decode(),
                _encode(sale["payments"]).decode(),
            )
        )

    def _add_return(self, outlet: str, day: Any, returned: dict[str, Any]) -> None:
        sums = self.daily[outlet, day]
        sums[1] += 1
        for line in returned["lines"]:
            sums[4] += Decimal(line["amount"])
            self.stock[outlet, line["good_id"], line.get("warehouse_id") or "main"] += Decimal(line["quantity"])
        for refund in returned["refunds"]:
            paid = self.payments[outlet, day, refund["method"]]
            paid[0] -= Decimal(refund["amount"])
            paid[2] += 1

    def statements(self) -> list[tuple[bytes, list[Any]]]:
        """What writes the batch: statements with their arrays, keys in order so that two writers never deadlock."""
        daily = [(*key, *sums) for key, sums in sorted(self.daily.items())]
        payments = [(*key, *sums) for key, sums in sorted(self.payments.items())]
        stock = [(*key, quantity) for key, quantity in sorted(self.stock.items())]
        return [
            (SQL[name], [list(column) for column in zip(*rows, strict=True)])
            for name, rows in (("daily", daily), ("payments", payments), ("stock", stock), ("sales", self.sales))
            if rows
        ]
