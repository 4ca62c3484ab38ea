"""Which outlets a span of the log is about, and from which offset on their documents may have changed."""

from __future__ import annotations

from collections.abc import Mapping

from psycopg import Connection
from psycopg.rows import TupleRow

from projections.generations import register
from projections.generations.register import Generation
from projections.replay.reader import LogReader
from projections.replay.replay import Source
from schemas.records import origin
from schemas.statements import load

_sql = load("projections.replay", "changed_outlets.sql")


async def outlets(
    source: Source, start: Mapping[int, int], end: Mapping[int, int], waiting_from: Mapping[str, int]
) -> dict[str, int]:
    """Outlet → lowest offset of a document that folding [start, end) can have written.

    That is the start, or the offset of the oldest upload that waited then (`waiting_from`) and may have had its turn;
    0 where a record other than an upload came, which may have changed anything.
    """
    first_offsets: dict[str, int] = {}
    spans = {partition: (start.get(partition, 0), offset) for partition, offset in end.items()}
    async with LogReader(source.kafka, source.topic) as log:
        async for batches in log.read(spans):
            for partition, records in batches.items():
                for record in records:
                    said = origin(record.headers, record.key)
                    first = start.get(partition, 0) if said.kind == "upload" else 0
                    earlier = first_offsets.get(said.outlet, waiting_from.get(said.outlet, first))
                    first_offsets[said.outlet] = min(first, earlier)
    return first_offsets


def waiting_from(connection: Connection[TupleRow], generation: Generation) -> dict[str, int]:
    """Outlet → offset of its oldest upload that waits, in the caller's transaction."""
    register.use(connection, generation)
    return dict(connection.execute(_sql["waiting_from"]).fetchall())
