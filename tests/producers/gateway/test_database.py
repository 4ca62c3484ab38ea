"""The gateway's questions to PostgreSQL find it again, however many of them were given up while it was away."""

from __future__ import annotations

import asyncio

import psycopg
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


async def test_a_connection_that_died_since_it_answered_is_done_without(postgres: str) -> None:
    """Within a moment it may cost a question, as while PostgreSQL is away; the next ones have another connection."""
    async with Database(postgres) as database:
        ended = await database.ask(_end)

        async def answered_by_another() -> bool:
            try:
                return await database.ask(_process) != ended
            except DatabaseAway:
                return False

        await eventually_true(answered_by_another)


async def _process(connection: Connection) -> int:
    assert await _one(connection) == 1
    return connection.info.backend_pid


async def _end(connection: Connection) -> int:
    """The server's process of the connection; it has ended when this returns."""
    pid = await _process(connection)
    with psycopg.connect(connection.info.dsn, password=connection.info.password, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
    return pid
