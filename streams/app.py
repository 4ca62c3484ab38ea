"""A Faust app as both workers use it: one topic, one agent, raw bytes, our positions."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from typing import Any

import faust
import structlog
from faust.auth import Credentials, SASLCredentials, SSLCredentials

from schemas import brokers
from schemas.log import LogRecord
from streams.assignor import KnowingAssignor
from streams.batching import BacklogQueue, Batches
from streams.crash import crash
from streams.guard import Guard, Work
from streams.lag import Progress
from streams.transport import Together, transport_from

log = structlog.get_logger(__name__)


def make_app(name: str, kafka: str, topic: str, work: Work, progress: Progress) -> faust.App:
    """The app `name` (also its consumer group) whose agent hands batches of `topic` to `work`."""
    guard = Guard(name, kafka, topic, work, progress)
    batches = Batches()

    async def seek_positions(partitions: Sequence[int]) -> dict[int, int]:
        try:
            offsets = await guard.begin(partitions)
        except Exception as exc:
            crash(exc, worker=name)
        settled(guard.working(offsets))
        return offsets

    def settled(offsets: dict[int, int]) -> None:
        progress.assigned(offsets)
        log.info("partitions_assigned", worker=name, positions=offsets)

    class PositionedApp(faust.App):
        def _new_transport(self) -> faust.types.TransportT:
            return transport_from(seek_positions, batches.open, progress.positions)(self.conf.broker_consumer, self)

        def FlowControlQueue(self, maxsize: int | None = None, *, clear_on_resume: bool = False) -> BacklogQueue:
            return BacklogQueue(flow_control=self.flow_control, clear_on_resume=clear_on_resume)

        def _create_directories(self) -> None:
            pass  # for tables, of which there are none; the working folder may be read-only

        def _crash(self, reason: BaseException) -> None:
            # Faust's own way out, taken when one of its services failed, was seen to hang.
            crash(reason, worker=name)

    app = PositionedApp(
        name,
        broker=[f"kafka://{address}" for address in brokers.addresses(kafka).split(",")],
        broker_credentials=_credentials(kafka),
        key_serializer="raw",
        value_serializer="raw",
        # Topics are made by `weboffice`, with their settings; the worker has no web server, tables or leader.
        topic_allow_declare=False,
        topic_disable_leader=True,
        PartitionAssignor=KnowingAssignor,
        ConsumerScheduler=Together,
        web_enabled=False,
        autodiscover=False,
        # Latency is what the next batch waits for, and memory what it may hold.
        stream_wait_empty=False,
        consumer_max_fetch_size=4 * 1024 * 1024,
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=10.0,
        broker_heartbeat_interval=2.0,
        broker_request_timeout=30.0,
        broker_commit_interval=5.0,
        # Our own probe watches for stalls; Faust's verdicts would only be noise in the log.
        stream_processing_timeout=3600.0,
    )

    async def work_through(records: Sequence[LogRecord]) -> None:
        started = time.perf_counter()
        progress.begin()
        try:
            await guard.work(records)
        except asyncio.CancelledError:
            raise
        except BaseException as exc:  # Faust would acknowledge the batch and go on: a crash passes nothing over
            crash(exc, worker=name)
        progress.done({record.partition: record.offset for record in records})
        progress.batch(len(records), time.perf_counter() - started)

    async def take(stream: Any) -> None:
        async with contextlib.aclosing(batches.of(aiter(stream))) as gathered:
            async for records in gathered:
                await work_through(records)

    async def revoked(_: Any, /, *args: Any, signal: Any, **named: Any) -> None:
        batches.shut()
        progress.revoked()

    async def assigned(_: Any, /, *args: Any, signal: Any, **named: Any) -> None:
        if not args[0]:  # else Faust asks where to start
            settled({})

    app.on_partitions_revoked.connect(revoked)
    app.on_partitions_assigned.connect(assigned)
    # Acknowledging record by record is Faust's way to know how far it is; `progress` knows.
    app.agent(app.topic(topic, acks=False), name=name, concurrency=1)(take)
    return app


def _credentials(kafka: str) -> Credentials | None:
    """The login and the certificates as Faust takes them."""
    found = brokers.read(kafka)
    context = brokers.ssl_context(found)
    if found.user:
        return SASLCredentials(
            username=found.user, password=found.password, mechanism=found.mechanism, ssl_context=context
        )
    return SSLCredentials(context) if context else None
