"""A chain with one big shop, made in PostgreSQL alone (grown.sql): for what grows with outlets, goods and receipts."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
from msgspec import Struct
from psycopg import ClientCursor

from ops.provisioning import provision
from schemas.statements import load

_sql = load("benchmarks", "grown.sql")
ZONE = "Europe/Moscow"
DAYS = 3 * 365


class Shop(Struct, frozen=True):
    """What stands in one outlet."""

    goods: int
    receipts: int
    contacts: int
    days: int = DAYS


def fill(connection: psycopg.Connection[Any], outlet: str, till: str, shop: Shop, last: date) -> None:
    """Writes the outlet's rows into the live generation; `last` is the day of the latest receipts."""
    parameters = {
        "outlet": outlet,
        "till": till,
        "run": str(uuid4()),
        "goods": shop.goods,
        "receipts": shop.receipts,
        "contacts": shop.contacts,
        "days": shop.days,
        "last": last,
        "zone": ZONE,
    }
    with connection.transaction(), ClientCursor(connection) as cursor:
        cursor.execute("SELECT set_config('search_path', schema_name, true) FROM app.generations WHERE state = 'live'")
        for statement in _sql.values():
            cursor.execute(statement, parameters)


def chain(postgres: str, email: str, shops: dict[str, Shop], last: date) -> tuple[dict[str, Any], dict[str, str]]:
    """An account with these outlets, filled; its answer of `provision`, and its outlets' ids by name."""
    account = provision(postgres, email, list(shops))
    with psycopg.connect(postgres) as connection:
        for made in account["outlets"]:
            row = connection.execute(
                "SELECT till_id FROM app.tills WHERE outlet_id = %s", [made["outlet_id"]]
            ).fetchone()
            assert row is not None  # it was made with the outlet
            fill(connection, made["outlet_id"], str(row[0]), shops[made["name"]], last)
    return account, {made["name"]: made["outlet_id"] for made in account["outlets"]}
