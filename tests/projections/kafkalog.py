"""The topic `events` for tests: records written into it as `anonymise` would, and applied as `project` would."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable

from aiokafka import AIOKafkaProducer

from projections.apply.engine import Engine
from projections.replay.lookback import look_back
from projections.replay.reader import LogReader
from projections.replay.replay import Source
from schemas import brokers
from schemas.records import (
    ContactForgotten,
    EventsDiscarded,
    GapGivenUp,
    Headers,
    OutletRecord,
    OutletRemoved,
    Unreadable,
    UploadRecord,
    encode,
    headers,
)
from tests.logins import as_role


class KafkaLog:
    """Writes and applies; `source` is what the code under test is given."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def append(self, records: Iterable[OutletRecord]) -> None:
        """Returns when all are acknowledged."""
        self.append_raw([(record.outlet, encode(record), headers_of(record)) for record in records])

    def append_raw(self, records: Iterable[tuple[str, bytes, Headers]]) -> None:
        """(outlet, value, headers) each."""
        asyncio.run(self._append(records))

    async def _append(self, records: Iterable[tuple[str, bytes, Headers]]) -> None:
        producer = AIOKafkaProducer(**brokers.options(self.source.kafka), acks="all", enable_idempotence=True)
        await producer.start()
        try:
            for outlet, value, found in records:
                await producer.send(self.source.topic, value=value, key=outlet.encode(), headers=found)
            await producer.flush()
        finally:
            await producer.stop()

    def apply(self) -> None:
        """Applies what is there to the live generation."""
        asyncio.run(self._apply())

    async def _apply(self) -> None:
        engine = Engine(
            as_role(self.source.postgres, "worker"), look_back=look_back(self.source.kafka, self.source.topic)
        )
        try:
            async with LogReader(self.source.kafka, self.source.topic) as log:
                engine.log_id = log.topic_id
                ends = await log.ends()
                starts = engine.start_offsets(list(ends))
                async for batches in log.read({p: (starts[p], end) for p, end in ends.items()}, max_records=20):
                    for records in batches.values():
                        await asyncio.to_thread(engine.apply, records)
        finally:
            engine.close()


class Ingest:
    """Keeps appending and applying in a thread, a few records at a time; a context manager.

    Leaving it raises what went wrong in the thread.
    """

    def __init__(self, log: KafkaLog, records: Iterable[UploadRecord]) -> None:
        self._log = log
        self._records = iter(records)
        self._stop = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self.appended = 0

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                batch = [record for record, _ in zip(self._records, range(3), strict=False)]
                if batch:
                    self._log.append(batch)
                    self.appended += len(batch)
                self._log.apply()
                self._stop.wait(0.05)
        except BaseException as exc:
            self._failure = exc

    def __enter__(self) -> Ingest:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        if self._failure is not None:
            raise self._failure


def headers_of(record: OutletRecord) -> Headers:
    """The headers that the gateway and the outbox give a record."""
    match record:
        case UploadRecord():
            return headers(
                kind="upload",
                outlet=record.outlet,
                till=record.till,
                run=record.run,
                first_seq=record.first_seq,
                count=len(record.events),
            )
        case Unreadable():
            return headers(
                kind="upload",
                outlet=record.outlet,
                till=record.till,
                run=record.run,
                first_seq=record.first_seq,
                count=record.count,
            )
        case GapGivenUp() | EventsDiscarded() | ContactForgotten() | OutletRemoved():
            return headers(kind=str(record.__struct_config__.tag), outlet=record.outlet)
