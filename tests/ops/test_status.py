"""`weboffice status` tells how far the log is worked off, and for how long the rest has waited."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from ops.commands import status
from ops.commands.status import report
from ops.settings import Settings
from projections.replay.replay import Source
from schemas import brokers
from schemas.errors import InfrastructureUnreachable
from schemas.topics import Topics
from streams.output_tail import next_source_offsets
from tests.infrastructure import KafkaPaused
from tests.projections.kafkalog import KafkaLog
from tests.projections.shops import Shop
from tests.service import wait_until
from tests.streams.workers import raw, write


def _rows(settings: Settings) -> list[tuple[str, int, float]]:
    """(topic, lag, seconds) of the partitions that lag."""
    found = report(settings.kafka, settings.postgres, settings.topics)
    assert len(found["partitions"]) == 2 * settings.partitions
    return [(row["topic"], row["lag"], row["lag_seconds"]) for row in found["partitions"] if row["lag"]]


def test_lag_is_told_in_records_and_in_seconds(service_settings: Settings, topics: Topics) -> None:
    """The seconds are the age of the record that comes next; neither is left where all is done."""
    log = KafkaLog(Source(service_settings.kafka, topics.events, service_settings.postgres))
    assert _rows(service_settings) == []
    copies = [(*raw(upload, 1)[:3], [*raw(upload)[3], ("source_offset", b"0")]) for upload in Shop(1).uploads(30)]
    asyncio.run(write(service_settings.kafka, topics.events, copies))
    [(lag, seconds)] = [found for topic, *found in _rows(service_settings) if topic == topics.events]
    assert lag == len(copies)
    assert 0 < seconds < 60
    log.apply()
    assert topics.events not in [topic for topic, *_ in _rows(service_settings)]


@pytest.mark.parametrize("name", ["uploads", "events"])
def test_a_topic_that_is_not_there_is_named(service_settings: Settings, topics: Topics, name: str) -> None:
    """`migrate` makes it where nothing was read from it."""
    _delete(service_settings.kafka, topics.prefix + name)
    with pytest.raises(InfrastructureUnreachable, match=f"has no topic {topics.prefix}{name}: run `weboffice migrate`"):
        report(service_settings.kafka, service_settings.postgres, topics)


def test_a_topic_that_was_worked_on_and_is_gone_is_named(service_settings: Settings, topics: Topics) -> None:
    """An empty one in its place would hide the loss."""
    log = KafkaLog(Source(service_settings.kafka, topics.events, service_settings.postgres))
    log.append(Shop(1).uploads(3))
    log.apply()
    _delete(service_settings.kafka, topics.events)
    with pytest.raises(InfrastructureUnreachable, match=f"{topics.events}/.*the topic is not there.*backup"):
        report(service_settings.kafka, service_settings.postgres, topics)


def _delete(kafka: str, topic: str) -> None:
    async def present(*deleted: str) -> set[str]:
        admin = AIOKafkaAdminClient(**brokers.options(kafka))
        await admin.start()
        try:
            if deleted:
                await admin.delete_topics(list(deleted))
            return set(await admin.list_topics())
        finally:
            await admin.close()

    asyncio.run(present(topic))
    wait_until(lambda: topic not in asyncio.run(present()), "the topic stays")


def test_what_waits_in_the_intake_is_told(service_settings: Settings, topics: Topics) -> None:
    """Records that no worker has copied yet."""
    asyncio.run(write(service_settings.kafka, topics.uploads, [raw(upload, 1) for upload in Shop(1).uploads(30)]))
    [(topic, _, seconds)] = _rows(service_settings)
    assert topic == topics.uploads
    assert 0 < seconds < 60


def test_a_broker_that_stands_still_is_said_to_be_away(
    kafka_paused: KafkaPaused, service_settings: Settings, topics: Topics
) -> None:
    """One that takes connections and answers nothing is waited for with a bound."""
    with kafka_paused(), pytest.raises(InfrastructureUnreachable, match="did not answer in 1 s"):
        report(service_settings.kafka, service_settings.postgres, topics, kafka_within=1)


def test_what_is_copied_while_it_looks_is_no_negative_lag(
    service_settings: Settings, topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ends are asked for last, so that nothing is done beyond them: it would hide what another partition lags."""
    look = next_source_offsets

    async def as_one_comes(kafka: str, topic: str, partitions: Sequence[int]) -> dict[int, int]:
        [upload] = list(Shop(1).uploads(1))[:1]
        await write(kafka, topics.uploads, [raw(upload, 1)])
        await write(kafka, topics.events, [(*raw(upload, 1)[:3], [*raw(upload)[3], ("source_offset", b"0")])])
        return await look(kafka, topic, partitions)

    monkeypatch.setattr(status, "next_source_offsets", as_one_comes)
    rows = report(service_settings.kafka, service_settings.postgres, service_settings.topics)["partitions"]
    assert sorted(row["lag"] for row in rows) == [*[0] * (len(rows) - 1), 1]
