"""Writes records to Kafka and says so only once all in-sync replicas have them, or that nobody knows.

What aiokafka 0.14 does, and what therefore is done here:

- An idempotent producer retries a batch for ever, and cancelling a delivery's future does not take the record back. So
  waiting is bounded here, a time-out is an unknown outcome, and a record holds memory until its future is settled,
  which the caller is told (`settled`) apart from the answer.
- A batch that failed for good leaves a hole in the partition's sequence numbers: every later batch to it fails too. So
  after any failed delivery the producer is replaced; what is on its way in the old one may still end well.
- `start()` fails or hangs where Kafka is away, and `stop()` where something can't be delivered. So connecting goes on
  in the background with a back-off, and a producer that does not stop is taken apart.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Self

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError, UnknownTopicOrPartitionError

from producers.compression import pack_quickly
from schemas import brokers
from schemas.errors import InfrastructureUnreachable
from schemas.log import MAX_RECORD_BYTES, partition_of
from schemas.records import Headers

log = structlog.get_logger(__name__)

BATCH_BYTES = 1024 * 1024  # records that wait for the broker travel together up to this; a larger one travels alone
_BACKOFF = (0.2, 2.0)  # seconds between attempts to connect: the first, the greatest
_PARTING = 2.0  # seconds for deliveries to end when the process ends: nobody waits for them any more


class NotAcknowledged(InfrastructureUnreachable):
    """Kafka did not acknowledge the record in time: whether it is written is unknown."""


class RecordProducer:
    """Keeps an idempotent producer connected. Entering it never waits for Kafka.

    `ack_timeout`: seconds that `send` waits for the acknowledgement. Not for use across event loops.
    """

    def __init__(self, bootstrap: str, *, ack_timeout: float = 10.0) -> None:
        pack_quickly()
        self._bootstrap = bootstrap
        self._ack_timeout = ack_timeout
        self._session: _Session | None = None
        self._connected = asyncio.Event()
        self._failed_to_connect = False
        self._keeper: asyncio.Task[None] | None = None
        self._retiring: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._keeper = asyncio.create_task(self._keep_connected())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        if self._session is not None:
            self._retire(self._session, patience=_PARTING)
        if self._retiring:
            _, hanging = await asyncio.wait(self._retiring, timeout=2 * _PARTING)
            for task in hanging:
                task.cancel()

    @property
    def away(self) -> bool:
        """Whether a record sent now is not likely to be acknowledged in time: better to refuse it at once."""
        if self._session is None:
            return self._failed_to_connect
        return self._session.silent_for() > self._ack_timeout

    async def send(
        self, topic: str, *, key: bytes, value: bytes, headers: Headers, settled: Callable[[], None] = lambda: None
    ) -> None:
        """Returns once the record is acknowledged. Raises `NotAcknowledged`.

        `settled` is called once, when the record is no longer held in memory: with the answer, or later.
        """
        deadline = asyncio.get_running_loop().time() + self._ack_timeout
        handed_over = False
        try:
            session = await self._a_session()
            async with asyncio.timeout_at(deadline):
                future = await session.start(topic, key, value, headers)
                handed_over = True
                await session.follow(future, settled)
            future.result()
        except TimeoutError as exc:
            raise NotAcknowledged from exc
        except KafkaError as exc:
            raise NotAcknowledged(f"Kafka did not take the record: {exc!r}") from exc
        finally:
            if not handed_over:
                settled()

    async def reaches(self, topic: str) -> bool:
        """Whether a broker answers now and knows the topic. The caller bounds the wait."""
        session = self._session
        if session is None:
            return False
        try:
            await session.producer.partitions_for(topic)  # what `send` will go by
            cluster = await session.producer.client.fetch_all_metadata()
        except KafkaError:
            return False
        return bool(cluster.partitions_for_topic(topic))

    async def _a_session(self) -> _Session:
        if self._session is None:
            # A producer is replaced in a moment; where Kafka is away, nobody is kept waiting.
            async with asyncio.timeout(0 if self._failed_to_connect else 1.0):
                await self._connected.wait()
        if self._session is None:
            raise NotAcknowledged("Kafka is not connected")
        return self._session

    async def _keep_connected(self) -> None:
        while True:
            self._session = _Session(await self._connect())
            self._connected.set()
            await self._session.unusable(stalled_after=3 * self._ack_timeout)
            self._connected.clear()
            session, self._session = self._session, None
            self._retire(session, patience=self._ack_timeout)

    async def _connect(self) -> AIOKafkaProducer:
        backoff, greatest = _BACKOFF
        while True:
            try:
                producer = await self._started()
            except Exception as exc:  # whatever it is, nobody else will try again
                if not self._failed_to_connect:
                    log.warning("kafka_away", kafka=brokers.addresses(self._bootstrap), error=repr(exc))
                self._failed_to_connect = True
                await asyncio.sleep(backoff * random.uniform(0.5, 1.0))
                backoff = min(2 * backoff, greatest)
            else:
                log.info("kafka_connected", kafka=brokers.addresses(self._bootstrap))
                self._failed_to_connect = False
                return producer

    async def _started(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            **brokers.options(self._bootstrap),
            client_id="weboffice-producer",
            enable_idempotence=True,
            acks="all",
            compression_type="lz4",
            partitioner=_partition,
            linger_ms=0,
            max_request_size=MAX_RECORD_BYTES,
            max_batch_size=BATCH_BYTES,
            request_timeout_ms=int(self._ack_timeout * 1000),
            metadata_max_age_ms=60_000,
        )
        try:
            async with asyncio.timeout(self._ack_timeout):
                await producer.start()
        except BaseException:
            await _dispose(producer, patience=1.0)
            raise
        return producer

    def _retire(self, session: _Session, patience: float) -> None:
        """Lets the old producer deliver what it still can, in the background, and ends it."""
        task = asyncio.create_task(_dispose(session.producer, patience))
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)


class _Session:
    """The life of one aiokafka producer, and the records on their way in it."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self.producer = producer
        self._pending: dict[asyncio.Future[object], float] = {}  # since when; the oldest first
        self._acknowledged_at = 0.0
        self._failed = asyncio.Event()

    async def start(self, topic: str, key: bytes, value: bytes, headers: Headers) -> asyncio.Future[object]:
        """Hands a record to the producer; the future ends with its delivery."""
        try:
            future: asyncio.Future[object] = await self.producer.send(topic, value, key, headers=headers)
        except (KafkaTimeoutError, UnknownTopicOrPartitionError):
            raise  # there is no room, or no such topic, yet: another producer would fare no better
        except KafkaError:
            self._failed.set()
            raise
        return future

    def follow(self, future: asyncio.Future[object], settled: Callable[[], None]) -> asyncio.Future[None]:
        """Gives a future of its own to wait with: giving up the wait must not cancel the delivery's."""
        loop = asyncio.get_running_loop()
        self._pending[future] = loop.time()
        ended: asyncio.Future[None] = loop.create_future()

        def done(_: object) -> None:
            del self._pending[future]
            settled()
            if future.cancelled() or future.exception() is not None:
                self._failed.set()
            else:
                self._acknowledged_at = loop.time()
            if not ended.done():
                ended.set_result(None)

        future.add_done_callback(done)
        return ended

    def silent_for(self) -> float:
        """Seconds that records have waited without a single acknowledgement."""
        oldest = _first(self._pending.values())
        return 0.0 if oldest is None else asyncio.get_running_loop().time() - max(oldest, self._acknowledged_at)

    async def unusable(self, stalled_after: float) -> None:
        """Returns when a delivery failed, or one takes longer than `stalled_after` seconds."""
        while not self._failed.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._failed.wait()
            oldest = _first(self._pending.values())
            if oldest is not None and asyncio.get_running_loop().time() - oldest > stalled_after:
                log.warning("kafka_stalled", pending=len(self._pending))
                return


def _partition(key: bytes, partitions: Sequence[int], available: Sequence[int]) -> int:
    return partitions[partition_of(key, len(partitions))]


def _first(times: Iterable[float]) -> float | None:
    return next(iter(times), None)


async def _dispose(producer: AIOKafkaProducer, patience: float) -> None:
    """Stops a producer; what it could not deliver within `patience` seconds fails with `NotAcknowledged`."""
    with contextlib.suppress(TimeoutError, KafkaError):
        async with asyncio.timeout(patience):
            await producer.stop()
            return
    # aiokafka has no way to give up what it can't deliver, so this reaches for its parts.
    accumulator, sender = producer._message_accumulator, producer._sender.sender_task
    waiting = [batch for batches in accumulator._batches.values() for batch in batches]
    accumulator._pending_batches.update(waiting)  # it takes each failed batch out of these, though not all are in
    accumulator.fail_all(NotAcknowledged("Kafka did not acknowledge the record; it was given up"))
    for batch in waiting:
        if batch._drain_waiter.done():
            batch._drain_waiter.exception()  # seen: else asyncio complains that nobody looked
    if sender is not None:
        sender.remove_done_callback(producer._sender._fail_all)  # stumbles where there are no transactions
    for _ in range(5):  # a first cancellation makes the sender wait for its requests, each further one ends one of them
        if sender is None or sender.done():
            break
        sender.cancel()
        await asyncio.wait({sender}, timeout=0.2)
    if sender is not None and sender.done() and not sender.cancelled():
        sender.exception()  # seen: its records have failed already
    with contextlib.suppress(TimeoutError, KafkaError, OSError):
        async with asyncio.timeout(1.0):
            await producer.client.close()
