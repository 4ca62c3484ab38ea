"""What a till was told 202 for is noted: of a log that is lost, the last number of each run is still known."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import psycopg
import pytest

from producers.gateway.acknowledged import Acknowledged
from producers.gateway.database import Database, DatabaseAway
from tests.producers.gateway.service import Service, eventually, upload_of


def noted(postgres: str) -> dict[str, int]:
    """Run → the last number noted."""
    with psycopg.connect(postgres) as connection:
        return dict(connection.execute("SELECT run::text, through FROM app.acknowledged").fetchall())


async def test_the_last_number_of_each_run_is_noted(service: Service, postgres: str) -> None:
    """After the answer, by itself; batches that come again or out of order take nothing back, and a refused one adds
    nothing."""
    one, other = str(uuid4()), str(uuid4())
    for run, first, count in ((one, 21, 5), (one, 1, 20), (one, 1, 3), (other, 1, 2)):
        assert (await service.upload(upload_of(count, run=run, first_seq=first))).status_code == 202
    refused = upload_of(1, run=other, first_seq=3)
    refused["events"][0]["type"] = "no.such"
    assert (await service.upload(refused)).status_code == 422
    await service.gateway._acknowledged.note()
    await eventually(lambda: noted(postgres) == {one: 25, other: 2})  # the gateway may be at it by itself
    assert (await service.upload(upload_of(1, run=other, first_seq=3))).status_code == 202
    await eventually(lambda: noted(postgres)[other] == 3)


async def test_what_can_not_be_noted_waits(postgres: str, service: Service) -> None:
    """While PostgreSQL is away nothing is forgotten; what comes meanwhile is noted with it, all runs at once."""
    till = str(uuid4())
    runs = [str(uuid4()) for _ in range(3)]
    async with Database("host=127.0.0.1 port=1", patience=0.2) as away, Database(postgres) as back:
        acknowledged = Acknowledged(away)
        acknowledged.add(service.shop.outlet, till, runs[0], 7)
        with pytest.raises(DatabaseAway):
            await acknowledged.note()
        acknowledged.add(service.shop.outlet, till, runs[0], 9)
        for run in runs[1:]:
            acknowledged.add(service.shop.outlet, till, run, 1)
        acknowledged._database = back
        await asyncio.gather(acknowledged.note(), acknowledged.note())  # at the end one may still be under way
        await acknowledged.note()  # nothing is left
    assert noted(postgres) == {runs[0]: 9, runs[1]: 1, runs[2]: 1}
