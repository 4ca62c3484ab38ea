"""The gateway while Kafka or PostgreSQL is away, and after."""

from __future__ import annotations

import asyncio

from structlog.testing import capture_logs

from producers.gateway.app import Gateway
from schemas.records import origin
from schemas.topics import Topics
from tests.infrastructure import KafkaPaused
from tests.producers.gateway.conftest import UNHURRIED
from tests.producers.gateway.postgres_wire import PostgresWire
from tests.producers.gateway.service import (
    Service,
    Shop,
    eventually_ready,
    eventually_true,
    read_log,
    serving,
    upload_of,
)


async def accepted(service: Service, token: str | None = None) -> bool:
    return (await service.upload(upload_of(), token=token)).status_code == 202


async def test_kafka_paused(kafka: str, postgres: str, topics: Topics, shop: Shop, kafka_paused: KafkaPaused) -> None:
    """While the broker stands still the answer is 503 within the bound, then at once; afterwards uploads go on."""
    gateway = Gateway(kafka, postgres, topics, rates=UNHURRIED, ack_timeout=1)
    async with serving(gateway, shop) as service:
        assert await accepted(service)
        document = upload_of()
        with kafka_paused():
            response = await service.upload(document, Accept_Language="en")
            assert (response.status_code, response.json()["error"]) == (503, "not_available")
            assert int(response.headers["retry-after"]) >= 1
            at_once = await service.upload(document, Accept_Language="en")
            assert at_once.status_code == 503
            assert at_once.json()["detail"] == "Kafka does not answer" != response.json()["detail"]
            assert gateway.room.bytes_held > 0
            assert (await gateway.ready()) == {"kafka": False, "postgres": True}

        async def sent_again() -> bool:
            return (await service.upload(document)).status_code == 202

        await eventually_true(sent_again)
        await eventually_ready(gateway)
        assert gateway.room.bytes_held == 0
    runs = [origin(record.headers).run for record in await read_log(kafka, topics.uploads)]
    assert document["run"] in runs


async def test_postgres_gone(kafka: str, postgres: str, topics: Topics, shop: Shop) -> None:
    """A till known from before is served while PostgreSQL is gone; an unknown token gets 503, not 401."""
    with capture_logs() as logs:
        async with PostgresWire(postgres) as wire:
            gateway = Gateway(kafka, wire.url, topics, rates=UNHURRIED, token_fresh=0)
            async with serving(gateway, shop) as service:
                assert await accepted(service)
                await wire.cut()
                for _ in range(3):
                    assert await accepted(service)
                response = await service.upload(upload_of(), token="wo_till_new")
                assert (response.status_code, response.json()["error"]) == (503, "not_available")
                assert int(response.headers["retry-after"]) >= 1
                assert (await service.state(upload_of()["run"])).status_code == 503
                assert (await gateway.ready()) == {"kafka": True, "postgres": False}
                await wire.heal()
                await eventually_ready(gateway)
                assert (await service.upload(upload_of(), token="wo_till_new")).status_code == 401
    told = [entry["event"] for entry in logs if entry["event"].startswith("postgres_")]
    assert told == ["postgres_away", "postgres_back"]


async def test_postgres_hangs(kafka: str, postgres: str, topics: Topics, shop: Shop) -> None:
    """A PostgreSQL that takes questions and never answers is noticed, and tills known from before are served."""
    async with PostgresWire(postgres) as wire:
        gateway = Gateway(kafka, wire.url, topics, rates=UNHURRIED, token_fresh=0)
        async with serving(gateway, shop) as service:
            assert await accepted(service)
            wire.hang()
            async with asyncio.timeout(20):
                assert await accepted(service)
                assert await accepted(service)
            await wire.heal()
            await eventually_ready(gateway)


async def test_a_till_is_served_from_memory_for_a_while_only(
    kafka: str, postgres: str, topics: Topics, shop: Shop
) -> None:
    """Past `token_stale` nobody vouches for a token any more: 503."""
    async with PostgresWire(postgres) as wire:
        gateway = Gateway(kafka, wire.url, topics, rates=UNHURRIED, token_fresh=0, token_stale=0)
        async with serving(gateway, shop) as service:
            assert await accepted(service)
            await wire.cut()
            assert (await service.upload(upload_of())).status_code == 503


async def test_postgres_may_come_later(kafka: str, postgres: str, topics: Topics, shop: Shop) -> None:
    """The gateway starts without PostgreSQL and serves once it is there."""
    async with PostgresWire(postgres, cut=True) as wire:
        gateway = Gateway(kafka, wire.url, topics)
        async with serving(gateway, shop, connected=False) as service:
            assert (await service.upload(upload_of())).status_code == 503
            await wire.heal()
            await eventually_true(lambda: accepted(service))


async def test_kafka_may_come_later(postgres: str, topics: Topics, shop: Shop) -> None:
    """Without Kafka the gateway starts, answers 503, and tells that it is not ready."""
    async with serving(Gateway("127.0.0.1:1", postgres, topics), shop, connected=False) as service:

        async def refused() -> bool:
            return (await service.upload(upload_of())).status_code == 503

        await eventually_true(refused)
        assert (await service.gateway.ready()) == {"kafka": False, "postgres": True}
