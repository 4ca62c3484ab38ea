"""Our rebuild, as its own process, for the measurements: folds a whole topic into a generation and ends."""

from __future__ import annotations

import sys
import time

import psycopg

from projections import generations
from projections.replay import Replay, Source


def main() -> None:
    kafka, topic, postgres, workers = sys.argv[1:]
    import asyncio

    from projections.logreader import LogReader

    async def ends() -> dict[int, int]:
        async with LogReader(kafka, topic) as reader:
            return await reader.ends()

    started = time.perf_counter()
    source = Source(kafka, topic, postgres)
    with psycopg.connect(postgres, autocommit=True) as connection, connection.transaction():
        generation = generations.create(connection)
    spans = {partition: (0, end) for partition, end in asyncio.run(ends()).items() if end}
    replay = Replay(source, generation.number)
    if workers == "1":
        asyncio.run(replay.fold_here(spans, lambda progress: None))
    else:
        replay.fold(spans, lambda progress: None)
    print(generation.number, time.perf_counter() - started)


if __name__ == "__main__":
    main()
