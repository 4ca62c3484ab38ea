"""What a log at fault has certainly lost: outlets, runs and numbers, told from headers before anything is decided."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from msgspec import Struct

from projections.generations import register
from projections.logs.faults import Fault
from projections.replay import losses
from projections.replay.catchup import session
from projections.replay.losses import Lost
from projections.replay.numbers import Numbers
from projections.replay.reader import LogReader
from projections.replay.replay import Source
from projections.runs import acknowledged
from schemas.log import partition_of
from schemas.statements import load
from schemas.topics import Topics

_sql = load("ops", "lostnumbers.sql")


class Loss(Struct, frozen=True):
    """What a partition of `uploads` lost: the `outlets` whose uploads stand there, and of these the numbers that were
    acknowledged, or stand before later ones of their run, and are nowhere any more."""

    topic: str
    partition: int
    outlets: list[str]
    lost: list[Lost]


def of_events(source: Source, faults: Sequence[Fault], partitions: int) -> list[Lost]:
    """The numbers that the live rows have and `events` has not, of the partitions at fault, as both are now.

    `partitions`: how many there are, where the topic is gone.
    """
    of = {fault.partition: fault for fault in faults if fault.topic == source.topic}
    there = {number: (fault.start, fault.end) for number, fault in of.items() if fault.kind != "missing"}
    log = Numbers(source.kafka, source.topic)
    if there:
        asyncio.run(log.read_on(there))
        partitions = len(asyncio.run(_ends(source.kafka, source.topic)))
    with session(source.postgres) as connection, connection.transaction():
        live = register.live(connection)
        held = losses.outlets(connection, live)
        concerned = {outlet for outlet in held if partition_of(outlet.encode(), partitions) in of}
        return losses.not_in_log(connection, live, log, concerned)


def of_uploads(kafka: str, postgres: str, topics: Topics, follows: Mapping[int, int]) -> list[Loss]:
    """What is lost where copying goes on at the offset given in a partition of `uploads`.

    A till's last upload is known by what the gateway noted of its acknowledgements. What was acknowledged within the
    second before a gateway was killed, or before gateways took notes, is known only by later numbers of the run.
    """
    if not follows:
        return []
    with session(postgres) as connection:
        marks = acknowledged.through(connection)  # before the ends: what comes in meanwhile is not lost
        ends = asyncio.run(_ends(kafka, topics.events))
        present = asyncio.run(_ends(kafka, topics.uploads))
        with connection.transaction():
            live = register.live(connection)
            applied = register.positions(connection, live)
            outlets = [outlet for (outlet,) in connection.execute(_sql["outlets"])]
            found = []
            for number, start in sorted(follows.items()):
                copied = _numbers(kafka, topics.events, number, applied.get(number, 0), ends[number])
                left = _numbers(kafka, topics.uploads, number, start, present[number])
                whose = {outlet for outlet in outlets if partition_of(outlet.encode(), len(ends)) == number}
                of_these = {run: last for run, last in marks.items() if run[0] in whose}
                lost = losses.not_copied(connection, live, of_these, copied, left)
                found.append(Loss(topics.uploads, number, sorted(whose), lost))
    return found


def note(postgres: str, found: Sequence[Loss]) -> None:
    """Keeps what was lost: ledger and owners are told of it until it comes again or is given up."""
    with session(postgres) as connection, connection.transaction():
        acknowledged.note_lost(
            connection,
            [((one.outlet_id, one.till_id, one.run), one.last) for loss in found for one in loss.lost],
        )


async def _ends(kafka: str, topic: str) -> dict[int, int]:
    async with LogReader(kafka, topic) as log:
        return await log.ends()


def _numbers(kafka: str, topic: str, partition: int, start: int, end: int) -> Numbers:
    numbers = Numbers(kafka, topic)
    asyncio.run(numbers.read_on({partition: (start, end)}))
    return numbers
