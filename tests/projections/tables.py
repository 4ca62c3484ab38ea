"""The rows of an outlet in PostgreSQL, in the shapes in which `tests.projections.model` recounts them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from schemas.statements import load

_sql = load("tests.projections", "tables.sql")


class Tables:
    """Reads the live generation's tables; `empty` clears them for the next example of a property test."""

    def __init__(self, connection: Connection[TupleRow]) -> None:
        self._connection = connection
        connection.execute("SET search_path TO gen_1")

    def empty(self) -> None:
        self._connection.execute(_sql["empty"])

    def rows(self, name: str, outlet: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(_sql[name], {"outlet": outlet}).fetchall()

    def daily(self, outlet: str) -> dict[date, tuple[Any, ...]]:
        return {day: _exact(figures) for day, *figures in self.rows("daily", outlet)}

    def hourly(self, outlet: str) -> dict[tuple[date, int], tuple[Any, ...]]:
        return {(day, hour): _exact(figures) for day, hour, *figures in self.rows("hourly", outlet)}

    def payments(self, outlet: str) -> dict[tuple[date, str], tuple[Any, ...]]:
        return {(day, method): _exact(figures) for day, method, *figures in self.rows("payments", outlet)}

    def stock(self, outlet: str) -> dict[tuple[str, str], Fraction]:
        return {(good, shelf): Fraction(quantity) for good, shelf, quantity in self.rows("stock", outlet)}

    def contacts(self, outlet: str) -> dict[str, tuple[Any, ...]]:
        return {key: (name, *_exact(figures), gone) for key, name, *figures, gone in self.rows("contacts", outlet)}

    def documents(self, name: str, outlet: str) -> dict[tuple[str, str], Any]:
        """(till, id) → the document's own columns, as JSON values."""
        return {(till, key): document for till, key, document in self.rows(name, outlet)}

    def everything(self, outlet: str) -> dict[str, Any]:
        """All business content of an outlet, for comparing two deliveries of one history."""
        names = ("totals", "daily", "hourly", "payments", "stock", "goods", "contacts", "warehouses")
        found: dict[str, Any] = {name: sorted(self.rows(name, outlet), key=repr) for name in names}
        found |= {name: self.documents(name, outlet) for name in ("sales", "returns", "moves")}
        return found

    def ledger(self, outlet: str) -> dict[tuple[str, str], dict[str, int]]:
        """(till, run) → what became of the events read."""
        names = ("through", "read", "applied", "duplicate", "waiting", "quarantined", "discarded")
        return {
            (till, run): dict(zip(names, counts, strict=True)) for till, run, *counts in self.rows("ledger", outlet)
        }

    def stubs(self, outlet: str) -> dict[tuple[str, str], list[int]]:
        """(till, run) → the numbers that a stub holds."""
        return {(till, run): numbers for till, run, numbers in self.rows("stubs", outlet)}


def plain(document: msgspec.Struct) -> Any:
    """A struct as the JSON values in which PostgreSQL keeps its lists."""
    return msgspec.to_builtins(document)


def _exact(figures: list[Any]) -> tuple[Any, ...]:
    return tuple(Fraction(figure) for figure in figures)
