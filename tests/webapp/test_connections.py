"""What a page asks is parsed once on a connection, for the generation that the connection reads, and for no other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import psycopg
import pytest
from psycopg import sql

from tests.logins import as_role
from tests.webapp.kept import keep
from tests.webapp.shop import Shop, sale
from webapp.account import Account
from webapp.connections import Limits
from webapp.database import Connection, Database

STATEMENT = b"SELECT total FROM sales WHERE outlet_id = %(outlet)s"


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Database]:
    """With one connection for figures, so that every reading is over that one."""
    limits = Limits(connections=1, each=1)
    async with Database(as_role(postgres, "accounts"), limits, figures=as_role(postgres, "portal")) as opened:
        yield opened


@pytest.fixture
def shop(postgres: str) -> Shop:
    shop = Shop(postgres)
    shop.send(sale("s1", "2026-11-20T12:00:00+03:00", ("tea", "1", "100.00")))
    return shop


async def _prepared(connection: Connection) -> list[str]:
    """The statements that are prepared on a connection and read sales."""
    rows = await connection.execute(
        "SELECT statement FROM pg_prepared_statements WHERE statement LIKE 'SELECT total FROM sales%%'", prepare=False
    )
    return [statement async for (statement,) in rows]


async def _total(database: Database, shop: Shop, generation: int | None = None) -> tuple[object, int]:
    """What the statement answers, and how often it is prepared then."""
    async with database.reading(Account(shop.account_id, generation=generation)) as connection:
        row = await (await connection.execute(STATEMENT, {"outlet": shop.outlet})).fetchone()
        assert row is not None
        return row[0], len(await _prepared(connection))


async def test_what_is_asked_again_is_prepared(database: Database, shop: Shop) -> None:
    """Sent whole twice, then prepared, with the same answer."""
    found = [await _total(database, shop) for _ in range(5)]
    assert [total for total, _ in found] == [Decimal("100.00")] * 5
    assert [count for _, count in found] == [0, 0, 1, 1, 1]


async def test_it_is_planned_for_its_values(database: Database, shop: Shop) -> None:
    """However often it is sent: filters that may be absent make one plan bad for all."""
    for _ in range(12):
        await _total(database, shop)
    async with database.reading(Account(shop.account_id)) as connection:
        rows = await connection.execute("SELECT sum(generic_plans) FROM pg_prepared_statements", prepare=False)
        assert await rows.fetchone() == (0,)


async def test_another_generation_has_other_columns(postgres: str, database: Database, shop: Shop) -> None:
    """A kept report whose column is of another type answers in its own, between pages of the live one; so does a
    generation that goes live in the meantime."""
    kept = keep(postgres, "November", datetime(2026, 11, 30, tzinfo=UTC))
    table = sql.Identifier(f"gen_{kept}", "sales")
    with psycopg.connect(postgres) as connection:
        connection.execute(sql.SQL("DROP VIEW {}, {}").format(
            sql.Identifier(f"gen_{kept}", "sales_standing"), sql.Identifier(f"gen_{kept}", "sales_listed")
        ))  # fmt: skip
        connection.execute(sql.SQL("ALTER TABLE {} ALTER COLUMN total TYPE text").format(table))
    for _ in range(4):
        assert (await _total(database, shop))[0] == Decimal("100.00")
        assert (await _total(database, shop, kept))[0] == "100.00"
    with psycopg.connect(postgres) as connection:
        connection.execute("UPDATE app.generations SET state = 'old' WHERE state = 'live'")
        connection.execute("UPDATE app.generations SET state = 'live', name = NULL WHERE number = %s", [kept])
    for _ in range(4):
        assert (await _total(database, shop))[0] == "100.00"
