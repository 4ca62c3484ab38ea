"""`weboffice status`: what runs, and how far the log is worked off."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import click
import msgspec
import psycopg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.client import AIOKafkaClient
from psycopg.conninfo import conninfo_to_dict

from ops import logstate, running
from ops.settings import Settings
from projections.generations import register
from projections.generations.register import live_is_outdated
from projections.logs.faults import Fault, Position
from schemas import brokers
from schemas.errors import InfrastructureUnreachable
from schemas.statements import load
from schemas.topics import Topics
from streams.output_tail import next_source_offsets
from streams.waiting import appended, looker

_sql = load("ops.commands", "status.sql")
_KAFKA_WITHIN_S = 30.0


@click.command()
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def status(settings: Settings, as_json: bool) -> None:
    """Show addresses, lag per partition, how fresh each outlet's data is, and what is quarantined."""
    services = running.services(settings)
    found = report(services.kafka, services.postgres, settings.topics)
    here = running.read(settings.home)
    found["metrics"] = here.metrics if here else {}
    click.echo(msgspec.json.encode(found).decode() if as_json else _text(found))


def report(kafka: str, postgres: str, topics: Topics, kafka_within: float = _KAFKA_WITHIN_S) -> dict[str, Any]:
    """The answer of `weboffice status --json`. Raises `InfrastructureUnreachable` and `psycopg.OperationalError`."""
    with psycopg.connect(postgres, connect_timeout=5) as connection:
        connection.execute("SET TRANSACTION READ ONLY")
        live = connection.execute(_sql["live"]).fetchone()
        if live is None:
            raise InfrastructureUnreachable("the database has no read models yet: run `weboffice migrate`")
        notice = live_is_outdated(connection)
        connection.execute(_sql["use_schema"], {"schema_name": live[1]})
        positions = register.log_positions(connection, register.live(connection))
        outlets = connection.execute(_sql["outlets"]).fetchall()
        quarantined = connection.execute(_sql["quarantined"]).fetchone()
    try:
        partitions, faults = asyncio.run(asyncio.wait_for(_look(kafka, topics, positions), kafka_within))
    except TimeoutError as exc:
        raise InfrastructureUnreachable(f"Kafka at {kafka} did not answer in {kafka_within:g} s") from exc
    return {
        "ready": not faults,
        "services": {"kafka": brokers.addresses(kafka), "postgres": _without_secret(postgres)},
        "generation": live[0],
        "fold_version": live[2],
        "notice": notice,
        "partitions": partitions,
        "faults": [logstate.remedy(fault, topics) for fault in faults],
        "outlets": [{"outlet_id": outlet, "data_through": through} for outlet, through in outlets],
        "quarantined": quarantined[0] if quarantined else 0,
    }


async def _look(kafka: str, topics: Topics, positions: dict[int, Position]) -> tuple[list[dict[str, Any]], list[Fault]]:
    """The lag of every partition, and the partitions whose log is not the one that was worked on."""
    faults = await logstate.faults(kafka, topics, positions)
    if missing := [fault for fault in faults if fault.kind == "missing"]:
        raise InfrastructureUnreachable(str(logstate.remedy(missing[0], topics)))
    applied = {partition: position.next_offset for partition, position in positions.items()}
    return await _partitions(kafka, topics, applied), faults


async def _partitions(kafka: str, topics: Topics, positions: dict[int, int]) -> list[dict[str, Any]]:
    if absent := await _absent(kafka, topics):
        raise InfrastructureUnreachable(_without(kafka, absent, positions))
    consumer = AIOKafkaConsumer(topics.events, **brokers.options(kafka), client_id="weboffice status")
    try:
        await consumer.start()
        numbers = sorted(consumer.partitions_for_topic(topics.events) or ())
        copied = await next_source_offsets(kafka, topics.events, numbers)
        # Asked for last: what is done can't lie behind the end then, however much comes in meanwhile.
        ends = await consumer.end_offsets(
            [TopicPartition(topic, number) for topic in (topics.uploads, topics.events) for number in numbers]
        )
    finally:
        await consumer.stop()
    done = {topics.uploads: copied, topics.events: positions}
    applied = {place: done[place.topic].get(place.partition, 0) for place in ends}
    waiting_since = await _appended(kafka, {place: at for place, at in applied.items() if at < ends[place]})
    now = time.time()
    return [
        {
            "topic": place.topic,
            "partition": place.partition,
            "end": end,
            "applied": applied[place],
            "lag": max(0, end - applied[place]),  # of a log shorter than what was done: see `faults`
            "lag_seconds": round(max(0.0, now - waiting_since.get(place, now)), 3),  # age of the next to be applied
        }
        for place, end in sorted(ends.items())
    ]


async def _absent(kafka: str, topics: Topics) -> list[str]:
    """Topics that are not there: a consumer would wait for them without a word."""
    client = AIOKafkaClient(**brokers.options(kafka), client_id="weboffice status")
    try:
        await client.bootstrap()
        present = (await client.fetch_all_metadata()).topics()
    finally:
        await client.close()
    return [topic for topic in (topics.uploads, topics.events) if topic not in present]


def _without(kafka: str, absent: list[str], positions: dict[int, int]) -> str:
    said = f"Kafka at {kafka} has no topic {' and no topic '.join(absent)}"
    if not any(positions.values()):
        return f"{said}: run `weboffice migrate`"
    return (
        f"{said}, although {sum(positions.values())} records were applied: it is another Kafka (see WEBOFFICE_KAFKA and"
        " WEBOFFICE_TOPIC_PREFIX), or the topic was deleted: bring it back from a backup of the broker;"
        " `weboffice migrate` would make an empty one"
    )


async def _appended(kafka: str, places: dict[TopicPartition, int]) -> dict[TopicPartition, float]:
    if not places:
        return {}
    consumer = looker(kafka, "weboffice status")
    try:
        await consumer.start()
        return await appended(consumer, places)
    finally:
        await consumer.stop()


def _without_secret(postgres: str) -> str:
    parts = conninfo_to_dict(postgres)
    host = parts.get("host") or "localhost"
    return f"postgresql://{host}{':' + str(parts['port']) if parts.get('port') else ''}/{parts.get('dbname') or ''}"


def _text(found: dict[str, Any]) -> str:
    lag = sum(row["lag"] for row in found["partitions"])
    lines = [
        f"Kafka       {found['services']['kafka']}",
        f"PostgreSQL  {found['services']['postgres']}",
        f"generation  {found['generation']} (fold version {found['fold_version']})",
        *([f"notice      {found['notice']}"] if found["notice"] else []),
        *(f"log         {remedy}" for remedy in found["faults"]),
        f"lag         {lag} records",
        f"quarantined {found['quarantined']}",
    ]
    for row in found["partitions"]:
        if row["lag"]:
            late = f", the next has waited {row['lag_seconds']:.0f} s"
            lines.append(f"  {row['topic']}/{row['partition']}: {row['applied']} of {row['end']}{late}")
    lines += [
        f"outlet {row['outlet_id']} data through {row['data_through'] or 'nothing yet'}" for row in found["outlets"]
    ]
    return "\n".join(lines)
