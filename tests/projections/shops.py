"""Shops for the tests of rebuild and proof: outlets whose tills sell, take back, count and rename, all by a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from msgspec import Struct

from schemas.events import (
    ContactSaved,
    Event,
    EventWithdrawn,
    GoodSaved,
    Line,
    Payment,
    Refund,
    ReturnLine,
    SaleRegistered,
    SaleReturned,
    StockCounted,
    StockMoved,
    WarehouseSaved,
)
from schemas.records import UploadRecord
from tests.projections.world import uuid

OPENED = datetime(2026, 3, 2, 6, tzinfo=UTC)
"""A Monday, 9 o'clock in Moscow."""
CENT = Decimal("0.01")


class Shop(Struct, frozen=True):
    """One outlet with one till and one run; `seed` makes its ids and what happens in it.

    `known_as` is the outlet's id where it was provisioned.
    """

    seed: int
    known_as: str = ""

    @property
    def outlet(self) -> str:
        return self.known_as or uuid(self.seed * 10 + 1)

    @property
    def till(self) -> str:
        return uuid(self.seed * 10 + 2)

    @property
    def run(self) -> str:
        return uuid(self.seed * 10 + 3)

    def upload(self, first_seq: int, events: list[Event], run: str | None = None) -> UploadRecord:
        """Events as one record of the log, under the numbers from `first_seq` on."""
        latest = max(event.at for event in events)
        return UploadRecord(self.outlet, self.till, run or self.run, first_seq, "Europe/Moscow", latest, events)

    def uploads(self, sales: int, batch: int = 10, first_sale: int = 0, first_seq: int = 1) -> Iterator[UploadRecord]:
        """The shop's day-to-day business around so many sales, cut into batches."""
        events = list(self.events(sales, first_sale))
        for start in range(0, len(events), batch):
            yield self.upload(first_seq + start, events[start : start + batch])

    def events(self, sales: int, first_sale: int = 0) -> Iterator[Event]:
        chance = random.Random(self.seed * 1_000_003 + first_sale)
        if first_sale == 0:
            yield WarehouseSaved(OPENED, "main", "Зал")
            for number in range(5):
                yield GoodSaved(OPENED, f"g{number}", f"Чай {number}", "Чай", Decimal("99.90"))
                yield ContactSaved(OPENED, f"c{number}", "Пробников П.П.", Decimal(10), Decimal(0), Decimal(0))
        for number in range(first_sale, first_sale + sales):
            at = OPENED + timedelta(minutes=37 * number)
            lines = [
                Line(f"g{chance.randrange(5)}", "Чай", Decimal(chance.randint(1, 3)), chance.randint(100, 9999) * CENT)
                for _ in range(chance.randint(1, 3))
            ]
            total = sum((line.quantity * line.price for line in lines), Decimal(0))
            method = Payment(chance.choice(["cash", "card"]), total)
            yield SaleRegistered(at, f"s{number}", str(number), lines, [method], cashier="Образцова О.О.")
            if number % 5 == 2:
                back = lines[0]
                yield SaleReturned(
                    at,
                    f"r{number}",
                    [ReturnLine(back.good_id, Decimal(1), back.price)],
                    [Refund("cash", back.price)],
                    f"s{number}",
                )
            if number % 7 == 3:
                yield StockMoved(at, f"m{number}", f"g{chance.randrange(5)}", "main", Decimal(4), "receipt")
            if number % 11 == 5:
                yield StockCounted(at, f"g{chance.randrange(5)}", "main", Decimal(50))
            if number % 13 == 6:
                yield EventWithdrawn(at, f"price of receipt {number}")
