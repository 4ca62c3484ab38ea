"""Our rebuild as a process of its own: folds a whole topic into a new generation and ends.

Usage: replay.py KAFKA TOPIC POSTGRES WORKERS. Prints the generation's number. Goes on with a generation that another
process was killed over.
"""

from __future__ import annotations

import asyncio
import os
import sys

import psycopg

from projections.generations import register
from projections.replay.reader import LogReader
from projections.replay.replay import Replay, Source, Spans


def main() -> None:
    *place, workers = sys.argv[1:]
    replay, spans = begun(*place)
    os.cpu_count = lambda: int(workers)  # one process per core is what it goes by
    replay.fold(spans, lambda progress: None)


def begun(kafka: str, topic: str, postgres: str) -> tuple[Replay, Spans]:
    """A generation to fold into, new or left unfinished, and what of the topic it lacks; prints its number."""
    with psycopg.connect(postgres, autocommit=True) as connection, connection.transaction():
        unfinished = register.listed(connection, "unfinished")
        generation = unfinished[0] if unfinished else register.create(connection)
        reached = register.positions(connection, generation)
    print(generation.number, flush=True)
    ends = asyncio.run(_ends(kafka, topic))
    spans = {partition: (reached.get(partition, 0), end) for partition, end in ends.items() if end}
    return Replay(Source(kafka, topic, postgres), generation.number, bulk=True), spans


async def _ends(kafka: str, topic: str) -> dict[int, int]:
    async with LogReader(kafka, topic) as reader:
        return await reader.ends()


if __name__ == "__main__":
    main()
