"""Tokens: remembered for a while, unknown ones apart."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from producers.gateway.answers import Refusal
from producers.gateway.database import Database, DatabaseAway
from producers.gateway.tills import Tills
from schemas.tokens import digest
from tests.producers.gateway.postgres_wire import PostgresWire
from tests.producers.gateway.service import Shop


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Database]:
    async with Database(postgres) as opened:
        yield opened


async def test_a_till_is_remembered_for_seconds(database: Database, shop: Shop) -> None:
    """A change is seen once the remembered till is no longer fresh, not before."""
    clock = Clock()
    tills = Tills(database, clock=clock)
    assert (await tills.find(shop.token)).zone == "Europe/Moscow"
    shop.run_sql("UPDATE app.outlets SET disabled_at = now()")
    clock.now += 9.9
    assert not (await tills.find(shop.token)).outlet_disabled
    clock.now += 0.2
    assert (await tills.find(shop.token)).outlet_disabled


async def test_while_postgres_is_away_a_till_is_known_for_a_minute(postgres: str, shop: Shop) -> None:
    """A token that is revoked where this gateway hears nothing of it is good for a minute and no longer."""
    clock = Clock()
    async with PostgresWire(postgres) as wire, Database(wire.url, patience=1) as database:
        tills = Tills(database, clock=clock)
        await tills.find(shop.token)
        await wire.cut()
        shop.run_sql("UPDATE app.till_tokens SET revoked_at = now()")
        clock.now += 59
        assert not (await tills.find(shop.token)).revoked
        clock.now += 2
        with pytest.raises(DatabaseAway):
            await tills.find(shop.token)


async def test_a_new_token_is_known_soon(database: Database, shop: Shop) -> None:
    """A token asked for before it was made works a second later."""
    clock = Clock()
    tills = Tills(database, clock=clock)
    token = "wo_till_made_in_a_moment"
    with pytest.raises(Refusal):
        await tills.find(token)
    shop.run_sql(
        "INSERT INTO app.till_tokens (token_hash, till_id)"
        " SELECT %(token_hash)s, till_id FROM app.tills WHERE outlet_id = %(outlet)s",
        token_hash=digest(token),
    )
    with pytest.raises(Refusal):
        await tills.find(token)
    clock.now += 1.1
    assert (await tills.find(token)).outlet_id == shop.outlet


async def test_guesses_push_no_till_out(database: Database, shop: Shop) -> None:
    """What is remembered is bounded, and unknown tokens take no place of known ones."""
    tills = Tills(database, size=1)
    await tills.find(shop.token)
    for number in range(20):
        with pytest.raises(Refusal):
            await tills.find(f"guess {number}")
    shop.run_sql("UPDATE app.outlets SET disabled_at = now()")
    assert not (await tills.find(shop.token)).outlet_disabled
