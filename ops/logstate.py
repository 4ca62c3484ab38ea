"""Whether both logs are those that were worked on: for `status`, `doctor`, `log` and whoever looks again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import psycopg
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from msgspec import Struct

from projections.generations import register
from projections.logs import topic_ids
from projections.logs.applied import mark_of
from projections.logs.examine import examine
from projections.logs.faults import Fault, Position
from schemas import brokers
from schemas.errors import InfrastructureUnreachable
from schemas.topics import Topics
from streams.output_tail import examine_copying

_TIMEOUT_S = 30.0


class Remedy(Struct, frozen=True):
    """A fault and the command that goes on."""

    fault: Fault
    command: str

    def __str__(self) -> str:
        return f"{self.fault}; {self.command}"


class Look(Struct, frozen=True):
    """The faults found, and every partition there is: (topic, number)."""

    faults: list[Fault]
    places: set[tuple[str, int]]


def applied(postgres: str) -> dict[int, Position]:
    """How far the live read models have read `events`; nothing where there are none yet."""
    with psycopg.connect(postgres, connect_timeout=5) as connection:
        try:
            return register.log_positions(connection, register.live(connection))
        except LookupError:
            return {}


async def faults(kafka: str, topics: Topics, positions: Mapping[int, Position]) -> list[Fault]:
    """The faults of both topics; see `look`."""
    return (await look(kafka, topics, positions)).faults


async def look(kafka: str, topics: Topics, positions: Mapping[int, Position]) -> Look:
    """Both topics against what was done, `positions` being those of the live read models, read before.

    Raises `InfrastructureUnreachable` where Kafka does not answer.
    """
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            there = await _topics(kafka, topics)
            applying = await examine(kafka, topics.events, positions, mark_of)
            found = list(applying.faults.values())
            if topics.events in there:
                numbers = sorted(there[topics.events].leader_epochs)
                found += (await examine_copying(kafka, topics, numbers)).faults.values()
    except (KafkaError, OSError, TimeoutError) as exc:
        raise InfrastructureUnreachable(f"Kafka at {kafka}: {exc!r}") from exc
    places = {(name, number) for name, topic in there.items() for number in topic.leader_epochs}
    return Look([fault for fault in found if fault.kind != "missing" or fault.next_offset], places)


def remedy(fault: Fault, topics: Topics) -> Remedy:
    """What goes on after a fault, and what it costs."""
    name = "uploads" if fault.topic == topics.uploads else "events"
    match fault.kind:
        case "missing":
            command = (
                "bring it back from a backup of the broker where there is one; else `weboffice migrate` makes an empty"
                f" one, and `weboffice log adopt {name}` goes on with that"
            )
        case "hole" if name == "uploads":
            command = "`weboffice log show` names what is lost, `weboffice log pass-hole` goes on past the hole"
        case "hole":
            command = "bring the records back from a backup of the broker: the log is kept for ever"
        case _ if name == "events":
            command = "`weboffice log show` names what is lost, `weboffice log adopt events` goes on"
        case _:
            command = "`weboffice log show` names what is lost, `weboffice log adopt uploads` goes on"
    return Remedy(fault, command)


async def _topics(kafka: str, topics: Topics) -> Mapping[str, topic_ids.Topic]:
    client = AIOKafkaClient(**brokers.options(kafka), client_id="weboffice log")
    try:
        await client.bootstrap()
        return await topic_ids.ask(client, [topics.uploads, topics.events])
    finally:
        await client.close()
