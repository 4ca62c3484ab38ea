"""Two owners' books: the events of the real data and of the simulator, kept as they were sent beside the read models.

What a page shows is compared with SQL over those events (raw.sql), which knows nothing of folds and read models.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from producers.simulator.history import history
from producers.simulator.shop import Shop as SimulatedShop
from schemas.statements import load
from tests.webapp.shop import Shop, expected, real_events

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = {
    "real": datetime(2010, 12, 5, 13, 10, 30, tzinfo=MOSCOW),
    "simulated": datetime(2026, 11, 24, 14, 2, 30, tzinfo=MOSCOW),
}
"""The moment at which each owner looks: receipts of the day lie on both sides of it."""
_DAYS, _SEED = 30, 7
_raw = load("tests.webapp.reports", "raw.sql")


class Books:
    """Both owners with all their events; `owners` are their e-mail addresses by the kind of their data."""

    def __init__(self, postgres: str) -> None:
        self.postgres = postgres
        self.shops: dict[str, Shop] = {}
        real = expected()
        self._fill("real", {said["name"]: list(real_events(file)) for file, said in real.items()})
        last = NOW["simulated"].replace(hour=22)
        shops = [SimulatedShop(number, MOSCOW) for number in range(3)]
        self._fill("simulated", {f"Лавка {shop.number}": list(history(_SEED, shop, _DAYS, last)) for shop in shops})
        with psycopg.connect(postgres, autocommit=True) as connection:
            for name in (
                "void",
                "standing",
                "removed",
                "good",
                "contact",
                "cost",
                "line",
                "earned",
                "paid",
                "receipt",
                "stock",
                "indexes",
            ):
                connection.execute(_raw[name])

    def _fill(self, owner: str, events: dict[str, list[dict[str, Any]]]) -> None:
        shop = Shop(self.postgres, email(owner), list(events))
        self.shops[owner] = shop
        with psycopg.connect(self.postgres) as connection:
            if len(self.shops) == 1:
                connection.execute(_raw["events"])
            with connection.cursor().copy("COPY raw.event (account, outlet, e) FROM STDIN") as copy:
                for outlet, sent in events.items():
                    for event in sent:
                        copy.write_row((owner, outlet, json.dumps(event)))
        for outlet, sent in events.items():
            shop.send(*sent, outlet=shop.outlets[outlet])

    def sql(self, statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement over the raw events."""
        with psycopg.connect(self.postgres) as connection:
            return connection.execute(statement.encode(), parameters).fetchall()

    def one(self, statement: str, **parameters: Any) -> tuple[Any, ...]:
        [row] = self.sql(statement, **parameters)
        return row


def email(owner: str) -> str:
    return f"{owner}@books.example"


def number(text: str) -> Decimal:
    """A figure of a CSV file."""
    return Decimal(text.replace(",", "."))


def counted(rows: Iterable[Sequence[str]], texts: int) -> Counter[tuple[Any, ...]]:
    """CSV rows as a bag, the columns after the first `texts` as numbers; empty ones are None."""
    return Counter((*row[:texts], *(number(cell) if cell else None for cell in row[texts:])) for row in rows)
