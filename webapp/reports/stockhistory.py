"""How a good's stock came to be what it is: its documents, newest first, with the stock after each.

Balances are walked back from the present stock, as far as the count in force: older documents are listed without a
balance. The order is that of effective time, as the stock itself follows it.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row

from schemas.statements import load
from webapp.database import Connection
from webapp.reports.periods import Window

_sql = load("webapp.reports", "stockhistory.sql")
NEEDS = ("counts",)
"""Generations that have counts know when each document arrived, and which count is in force."""


class Movement(Struct, frozen=True):
    """A document that changed the stock; `counted` ones are earlier than the count in force of their warehouse."""

    kind: str
    id: str
    till_id: UUID
    number: str
    at: datetime
    warehouse_id: str
    warehouse: str
    quantity: Decimal
    stock: Decimal
    counted: bool


class Step(Struct, frozen=True):
    """A movement and the stock of its warehouse after it; None where a count came later."""

    movement: Movement
    balance: Decimal | None


async def history(connection: Connection, outlet_id: UUID, good_id: str, recent: Window) -> list[Step]:
    """The latest movements within the window, at most 200."""
    parameters = {"outlet": outlet_id, "good": good_id, "first": recent.first, "last": recent.last}
    async with connection.cursor(row_factory=class_row(Movement)) as cursor:
        movements = await (await cursor.execute(_sql["movements"], parameters)).fetchall()
    return balanced(movements)


def balanced(movements: list[Movement]) -> list[Step]:
    """Walks back from the present stock of each warehouse; `movements` are the latest first."""
    after: dict[str, Decimal] = {}
    steps = []
    for movement in movements:
        if movement.counted:
            steps.append(Step(movement, None))
            continue
        balance = after.get(movement.warehouse_id, movement.stock)
        steps.append(Step(movement, balance))
        after[movement.warehouse_id] = balance - movement.quantity
    return steps
