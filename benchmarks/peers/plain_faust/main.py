"""Plain Faust: one event per record, `take`n in batches, written by psycopg; the same Faust as ours.

Usage: main.py worker …. A worker that was killed reads from the offset committed last and passes over what stands in
PostgreSQL already: the positions commit with the rows.
"""

from __future__ import annotations

import os
from typing import Any

import faust
import msgspec
import psycopg

from benchmarks.peers.figures import SQL, Figures

BATCH = 1000
WITHIN_S = 0.1

app = faust.App(
    "plain-faust-" + os.environ["BENCH_DATABASE"],
    broker="kafka://" + os.environ["BENCH_KAFKA"],
    value_serializer="raw",
    key_serializer="raw",
    topic_allow_declare=False,
    topic_disable_leader=True,
    web_enabled=False,
    stream_wait_empty=False,
    stream_buffer_maxsize=8192,
    consumer_max_fetch_size=4 * 1024 * 1024,
    consumer_auto_offset_reset="earliest",
    broker_commit_interval=1.0,
)
topic = app.topic(os.environ["BENCH_TOPIC"])
decode = msgspec.json.Decoder().decode
state: dict[str, Any] = {}


@app.agent(topic, concurrency=1)
async def project(stream: Any) -> None:
    connection = await psycopg.AsyncConnection.connect(os.environ["BENCH_POSTGRES"])
    async for events in stream.noack_take(BATCH, within=WITHIN_S):
        figures = Figures()
        reached: dict[int, int] = {}
        async with connection.transaction():
            partitions = sorted({event.message.partition for event in events})
            for partition in partitions:
                found = await (await connection.execute(SQL["hold"], [partition])).fetchone()
                reached[partition] = found[0] if found else 0
            for event in events:
                message = event.message
                if message.offset < reached[message.partition]:
                    continue
                reached[message.partition] = message.offset + 1
                record = decode(message.value)
                if "events" in record:
                    figures.add_upload(record)
                else:
                    figures.add(record["outlet"], record["till"], record["zone"], record["event"])
            for statement, arrays in figures.statements():
                await connection.execute(statement, arrays)
            for position in reached.items():
                await connection.execute(SQL["move"], position)
        for event in events:
            event.ack()


if __name__ == "__main__":
    app.main()
