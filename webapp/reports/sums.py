"""Sums of periods: how many sales, for how much, with which discounts and returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct

from schemas.amounts import ZERO, mean
from schemas.statements import load
from webapp.database import Connection
from webapp.reports.periods import Window

_sql = load("webapp.reports", "sums.sql")


class Sums(Struct, frozen=True):
    """Figures of a period, in money and in counts; `unreconciled` receipts do not add up by themselves.

    `revenue` is without advances, tips and debts paid off, which `beside` is; returns are taken off both.
    """

    sales: int = 0
    returns: int = 0
    goods_sum: Decimal = ZERO
    discount_sum: Decimal = ZERO
    returns_sum: Decimal = ZERO
    revenue: Decimal = ZERO
    beside: Decimal = ZERO
    unreconciled: int = 0

    @property
    def due(self) -> Decimal:
        """What the receipts came to, returns taken off: payments add up to it where each receipt reconciles."""
        return self.revenue + self.beside

    @property
    def total(self) -> Decimal:
        """What the sales came to, before returns."""
        return self.due + self.returns_sum

    @property
    def average(self) -> Decimal | None:
        """The average receipt; None without receipts."""
        return mean(self.total, self.sales) if self.sales else None

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.sales + other.sales,
            self.returns + other.returns,
            self.goods_sum + other.goods_sum,
            self.discount_sum + other.discount_sum,
            self.returns_sum + other.returns_sum,
            self.revenue + other.revenue,
            self.beside + other.beside,
            self.unreconciled + other.unreconciled,
        )


LEAST_BASE = 5
"""Receipts that a share needs to say anything: against fewer, one receipt more is a leap. The lists say so in SQL."""


def change(now: Decimal, before: Decimal, base: int | Decimal) -> Decimal | None:
    """By which share `now` differs from `before`; None where that came of too few to compare with. `base` is how many
    receipts, of goods how many units."""
    return (now - before) / before if before > 0 and base >= LEAST_BASE else None


def total(sums: Mapping[UUID, Sums]) -> Sums:
    """The sums of all outlets together."""
    return sum(sums.values(), Sums())


async def sums(connection: Connection, periods: Mapping[str, Sequence[Window]]) -> dict[str, dict[UUID, Sums]]:
    """The sums of each named period by outlet, in one query; outlets without a receipt are left out."""
    by_period: dict[str, dict[UUID, Sums]] = {name: {} for name in periods}
    async for name, outlet_id, *figures in await connection.execute(_sql["sums"], _parameters(periods)):
        by_period[name][outlet_id] = Sums(*figures)
    return by_period


async def together(connection: Connection, periods: Mapping[str, Sequence[Window]]) -> dict[str, Sums]:
    """The sums of each named period, of all its outlets together."""
    rows = await connection.execute(_sql["together"], _parameters(periods))
    return dict.fromkeys(periods, Sums()) | {name: Sums(*figures) async for name, *figures in rows}


def _parameters(periods: Mapping[str, Sequence[Window]]) -> dict[str, Any]:
    flat = [(name, window) for name, windows in periods.items() for window in windows]
    return {
        "names": [name for name, _ in flat],
        "outlets": [window.outlet_id for _, window in flat],
        "firsts": [window.first for _, window in flat],
        "lasts": [window.last for _, window in flat],
        "befores": [window.before for _, window in flat],
    }
