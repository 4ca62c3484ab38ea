"""Control records on their way from PostgreSQL into the log."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import psycopg
import pytest
from structlog.testing import capture_logs

from producers.kafka import RecordProducer
from producers.outbox import Outbox
from schemas.records import ContactForgotten, OutletRemoved, decode, encode, origin
from schemas.topics import Topics
from tests.infrastructure import KafkaPaused
from tests.producers.gateway.postgres_wire import PostgresWire
from tests.producers.gateway.service import eventually, read_log

OUTLET = "00000000-0000-4000-8000-000000000001"
AT = datetime(2026, 3, 1, tzinfo=UTC)


def enqueue(postgres: str, *contacts: str) -> None:
    """Writes a decision per contact in one transaction, as the portal and the commands do."""
    with psycopg.connect(postgres) as connection:
        for contact in contacts:
            record = encode(ContactForgotten(OUTLET, contact, AT))
            connection.execute("INSERT INTO app.outbox (outlet_id, record) VALUES (%s, %s)", (OUTLET, record))
        connection.execute("NOTIFY weboffice_outbox")


def waiting(postgres: str) -> int:
    with psycopg.connect(postgres) as connection:
        [count] = connection.execute("SELECT count(*) FROM app.outbox").fetchone() or (0,)
        assert isinstance(count, int)
        return count


async def contacts_in(kafka: str, topics: Topics) -> list[str]:
    records = [decode(record.value) for record in await read_log(kafka, topics.uploads)]
    return [record.contact_id for record in records if isinstance(record, ContactForgotten)]


@contextlib.asynccontextmanager
async def draining(
    kafka: str, postgres: str, topics: Topics, *, gateways: int = 1, poll: float = 60, ack_timeout: float = 5
) -> AsyncIterator[None]:
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(gateways):
            producer = await stack.enter_async_context(RecordProducer(kafka, ack_timeout=ack_timeout))
            await stack.enter_async_context(Outbox(postgres, producer, topics, poll=poll).draining())
        yield


async def test_records_reach_the_log_in_order_and_leave_the_table(kafka: str, postgres: str, topics: Topics) -> None:
    """What was waiting, and what is notified of, is sent in order with its headers, then deleted."""
    enqueue(postgres, "c1", "c2")
    async with draining(kafka, postgres, topics):
        await eventually(lambda: waiting(postgres) == 0)
        enqueue(postgres, "c3")
        await eventually(lambda: waiting(postgres) == 0)
    records = await read_log(kafka, topics.uploads)
    assert await contacts_in(kafka, topics) == ["c1", "c2", "c3"]
    assert {record.key for record in records} == {OUTLET.encode()}
    assert {origin(record.headers).kind for record in records} == {"contact.forgotten"}


async def test_several_gateways_send_each_record_once(kafka: str, postgres: str, topics: Topics) -> None:
    """With three gateways draining, every record is in the log once and in order."""
    contacts = [f"c{number}" for number in range(250)]
    async with draining(kafka, postgres, topics, gateways=3, poll=0.05):
        for first in range(0, 250, 50):
            enqueue(postgres, *contacts[first : first + 50])
        await eventually(lambda: waiting(postgres) == 0)
    assert await contacts_in(kafka, topics) == contacts


async def test_a_row_that_is_no_record(kafka: str, postgres: str, topics: Topics) -> None:
    """It goes into the log as unknown, and what comes after it is not held up."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("INSERT INTO app.outbox (outlet_id, record) VALUES (%s, 'nonsense')", (OUTLET,))
        removed = encode(OutletRemoved(OUTLET, AT))
        connection.execute("INSERT INTO app.outbox (outlet_id, record) VALUES (%s, %s)", (OUTLET, removed))
    async with draining(kafka, postgres, topics):
        await eventually(lambda: waiting(postgres) == 0)
    kinds = [origin(record.headers).kind for record in await read_log(kafka, topics.uploads)]
    assert kinds == ["unknown", "outlet.removed"]


async def test_kafka_paused(kafka: str, postgres: str, topics: Topics, kafka_paused: KafkaPaused) -> None:
    """While Kafka stands still the row stays; afterwards it is sent, at least once."""
    async with draining(kafka, postgres, topics, poll=0.1, ack_timeout=1):
        enqueue(postgres, "c1")
        await eventually(lambda: waiting(postgres) == 0)
        with capture_logs() as logs:
            with kafka_paused():
                enqueue(postgres, "c2")
                await eventually(lambda: any(entry["event"] == "outbox_waits" for entry in logs))
                assert waiting(postgres) == 1
            await eventually(lambda: waiting(postgres) == 0)
        assert sum(entry["event"] == "outbox_waits" for entry in logs) == 1
    assert sorted(set(await contacts_in(kafka, topics))) == ["c1", "c2"]


@pytest.mark.parametrize("first_there", [True, False])
async def test_postgres_gone(kafka: str, postgres: str, topics: Topics, first_there: bool) -> None:
    """The outbox finds PostgreSQL again by itself, whether it was there at first or not."""
    async with PostgresWire(postgres, cut=not first_there) as wire, draining(kafka, wire.url, topics, poll=0.1):
        if first_there:
            enqueue(postgres, "c0")
            await eventually(lambda: waiting(postgres) == 0)
        await wire.cut()
        enqueue(postgres, "c1")
        await wire.heal()
        await eventually(lambda: waiting(postgres) == 0)
    assert "c1" in await contacts_in(kafka, topics)
