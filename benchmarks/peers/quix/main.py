"""Quix Streams: a sink made from its `BatchingSink`, flushed at every checkpoint, as its documentation describes.

The sink gets a batch per topic partition; what stands in PostgreSQL already (position with the rows) is passed over.
"""

from __future__ import annotations

import os
from typing import Any

import msgspec
import psycopg
from quixstreams import Application
from quixstreams.models import Deserializer
from quixstreams.sinks import BatchingSink, SinkBatch

from benchmarks.peers.figures import SQL, Figures

decode = msgspec.json.Decoder().decode


class Json(Deserializer):
    """JSON by msgspec: quicker than the default."""

    def __call__(self, value: bytes, ctx: Any) -> Any:
        return decode(value)


class Postgres(BatchingSink):
    def setup(self) -> None:
        self.connection = psycopg.connect(os.environ["BENCH_POSTGRES"])

    def write(self, batch: SinkBatch) -> None:
        figures = Figures()
        with self.connection.transaction():
            found = self.connection.execute(SQL["hold"], [batch.partition]).fetchone()
            reached = found[0] if found else 0
            for item in batch:
                if item.offset >= reached:
                    reached = item.offset + 1
                    figures.add_upload(item.value)
            for statement, arrays in figures.statements():
                self.connection.execute(statement, arrays)
            self.connection.execute(SQL["move"], [batch.partition, reached])


def main() -> None:
    per_record = int(os.environ["BENCH_PER_RECORD"])
    app = Application(
        broker_address=os.environ["BENCH_KAFKA"],
        consumer_group="quix-" + os.environ["BENCH_DATABASE"],
        auto_offset_reset="earliest",
        commit_interval=float(os.environ.get("BENCH_COMMIT_S", "1.0")),
        commit_every=max(1, 20_000 // per_record),
        auto_create_topics=False,
        loglevel="WARNING",
        consumer_extra_config={"queued.max.messages.kbytes": 65536},
    )
    topic = app.topic(os.environ["BENCH_TOPIC"], value_deserializer=Json(), key_deserializer="bytes")
    frame = app.dataframe(topic)
    frame.sink(Postgres())
    app.run()


if __name__ == "__main__":
    main()
