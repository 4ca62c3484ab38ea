"""Who and how of listed receipts: payment methods, cashier, contact, till. Asked for many at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from schemas.statements import load
from webapp.database import Connection
from webapp.reports.receipts import Receipt

_sql = load("webapp.reports", "parties.sql")
_PIECE = 500


class Paid(Struct, frozen=True):
    """Money by a method; back to the buyer where negative."""

    method: str
    amount: Decimal


class Parties(Struct, frozen=True):
    """Of a receipt; `contact` by name, or by id where it has none."""

    payments: list[Paid] = []
    change: Decimal = Decimal(0)
    cashier: str | None = None
    contact: str | None = None
    till: str = ""


async def with_parties(
    connection: Connection, receipts: AsyncIterator[Receipt]
) -> AsyncIterator[tuple[Receipt, Parties]]:
    """The receipts in their order, each with its parties."""
    piece: list[Receipt] = []
    async for receipt in receipts:
        piece.append(receipt)
        if len(piece) == _PIECE:
            for pair in await _pairs(connection, piece):
                yield pair
            piece = []
    for pair in await _pairs(connection, piece):
        yield pair


async def paid_by(connection: Connection, receipts: Sequence[Receipt]) -> list[tuple[str, ...]]:
    """By which methods each of the receipts was paid, or refunded, each named once."""
    pairs = await _pairs(connection, receipts)
    return [tuple(dict.fromkeys(each.method for each in parties.payments)) for _, parties in pairs]


async def _pairs(connection: Connection, piece: Sequence[Receipt]) -> list[tuple[Receipt, Parties]]:
    if not piece:
        return []
    parameters = {
        "kinds": [receipt.kind for receipt in piece],
        "outlets": [receipt.outlet_id for receipt in piece],
        "ids": [receipt.id for receipt in piece],
        "tills": [receipt.till_id for receipt in piece],
    }
    found: dict[tuple[str, UUID, str, UUID], Parties] = {}
    async for kind, outlet, document, till, payments, *rest in await connection.execute(_sql["parties"], parameters):
        found[kind, outlet, document, till] = Parties(_payments(payments), *rest)
    return [(each, found.get((each.kind, each.outlet_id, each.id, each.till_id), Parties())) for each in piece]


def _payments(rows: list[dict[str, Any]]) -> list[Paid]:
    return msgspec.convert(rows, list[Paid])
