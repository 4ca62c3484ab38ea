"""Control: a bare confluent-kafka loop with psycopg. No framework, so what the others cost shows.

Usage: main.py WORKER WORKERS. Partitions are dealt out by number; positions are in PostgreSQL, with the rows.
"""

from __future__ import annotations

import os
import sys

import msgspec
import psycopg
from confluent_kafka import Consumer, TopicPartition

from benchmarks.peers.figures import SQL, Figures

BATCH_EVENTS = 5000
WAIT_S = 0.05


def main() -> None:
    worker, workers = int(sys.argv[1]), int(sys.argv[2])
    topic = os.environ["BENCH_TOPIC"]
    decode = msgspec.json.Decoder().decode
    connection = psycopg.connect(os.environ["BENCH_POSTGRES"])
    starts = dict(connection.execute(SQL["start"]).fetchall())
    connection.commit()
    consumer = Consumer(
        {
            "bootstrap.servers": os.environ["BENCH_KAFKA"],
            "group.id": "control",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "fetch.min.bytes": 1,
            "queued.max.messages.kbytes": 65536,
        }
    )
    partitions = range(worker, int(os.environ["BENCH_PARTITIONS"]), workers)
    consumer.assign([TopicPartition(topic, p, starts.get(p, 0)) for p in partitions])
    per_take = max(1, BATCH_EVENTS // int(os.environ["BENCH_PER_RECORD"]))
    while True:
        messages = consumer.consume(per_take, WAIT_S)
        if not messages:
            continue
        figures = Figures()
        reached: dict[int, int] = {}
        for message in messages:
            if message.error():
                raise RuntimeError(message.error())
            figures.add_upload(decode(message.value()))
            reached[message.partition()] = message.offset() + 1
        with connection.transaction():
            for statement, arrays in figures.statements():
                connection.execute(statement, arrays)
            for position in sorted(reached.items()):
                connection.execute(SQL["move"], position)


if __name__ == "__main__":
    main()
