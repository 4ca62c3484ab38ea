"""The gateway's questions to PostgreSQL find it again, however many of them were given up while it was away."""

from __future__ import annotations

import asyncio

import pytest

from producers.gateway.database import Connection, Database, DatabaseAway
from tests.producers.gateway.postgres_wire import PostgresWire
from tests.producers.gateway.service import eventually_true

PATIENCE = 0.2
GIVEN_UP = 300


async def _one(connection: Connection) -> int:
    found = await (await connection.execute("SELECT 1")).fetchone()
    assert found is not None
    return int(found[0])


async def test_many_questions_given_up_do_not_keep_postgres_away(postgres: str) -> None:
    """300 questions wait in vain until the pool has given up connecting: the first after the outage is answered."""
    async with PostgresWire(postgres, cut=True) as wire, Database(wire.url, patience=PATIENCE) as database:
        asked = await asyncio.gather(*(database.ask(_one) for _ in range(GIVEN_UP)), return_exceptions=True)
        assert {type(answer) for answer in asked} == {DatabaseAway}

        async def given_up() -> bool:
            return database._pool.get_stats().get("pool_size", 0) == 0

        await eventually_true(given_up)
        with pytest.raises(DatabaseAway):
            await database.ask(_one)
        await wire.heal()

        async def answered() -> bool:
            try:
                return await database.ask(_one) == 1
            except DatabaseAway:
                return False

        await eventually_true(answered)
