"""`POST /api/v1/uploads`: from a till's request to a record that Kafka has acknowledged.

Who asks, and whether they may now, is settled before the body is read. 202 is answered after the acknowledgement only;
whatever else happens, either nothing is written or the till is told that nobody knows (503).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TypeVar

from msgspec import Struct

from producers.gateway import body, metrics, words
from producers.gateway.answers import JSONAnswer, try_again
from producers.gateway.endpoint import Exchange
from producers.gateway.limits import RateLimit, Room
from producers.gateway.tills import Till, Tills, bearer_token, check_admitted, check_licensed
from producers.kafka import RecordProducer
from schemas.failpoints import fail_point
from schemas.records import encode_upload, headers
from schemas.topics import Topics
from schemas.uploads import check, parse

T = TypeVar("T")

_SMALL = 64 * 1024  # bytes that are worked on in the event loop: about a millisecond


class Accepted(Struct, frozen=True):
    """The answer 202."""

    accepted: int
    next_seq: int


class Error(Struct, frozen=True):
    """One thing that is wrong with a batch."""

    at: str
    code: str
    detail: str


class CheckResult(Struct, frozen=True):
    """The answer to a batch that is only looked at: how many of its events are valid, and all that is wrong."""

    valid: int
    errors: list[Error]


class Packed(Struct, frozen=True):
    """An upload as a record for the log."""

    run: str
    first_seq: int
    count: int
    record: bytes


class Doorkeeper:
    """Lets a till's request in: who it is, and whether it is its turn."""

    def __init__(self, tills: Tills, limit: RateLimit) -> None:
        self._tills = tills
        self.limit = limit

    async def admit(self, exchange: Exchange, token: str | None = None) -> Till:
        """The till that asks, by its bearer token or the one that came otherwise. Raises `Refusal` 401, 403 or 429, and
        `DatabaseAway`."""
        till = await self._tills.find(token or bearer_token(exchange.request.headers.get("authorization")))
        exchange.facts |= {"outlet": till.outlet_id, "till": till.till_id}
        check_admitted(till)
        if wait := self.limit.wait(till.till_id, time.monotonic()):
            raise try_again(429, "too_many_requests", "this till's rate is exceeded", wait)
        return till


class Uploads:
    """Takes uploads. `body_seconds`: the time a body may take to come. `acknowledged` is told outlet, till, run and
    last number of each upload that Kafka has."""

    def __init__(
        self,
        doorkeeper: Doorkeeper,
        room: Room,
        producer: RecordProducer,
        topics: Topics,
        *,
        body_seconds: float,
        acknowledged: Callable[[str, str, str, int], None],
    ) -> None:
        self._doorkeeper = doorkeeper
        self._room = room
        self._producer = producer
        self._topics = topics
        self._body_seconds = body_seconds
        self._acknowledged = acknowledged
        # Two large bodies at most are unpacked and parsed at one time, beside the event loop: that bounds memory.
        self._workers = ThreadPoolExecutor(2, "upload")

    def close(self) -> None:
        self._workers.shutdown(wait=False, cancel_futures=True)

    async def post(self, exchange: Exchange) -> JSONAnswer:
        """202 once the upload is acknowledged. Raises `UploadRefused`, `InfrastructureUnreachable`."""
        till = await self._doorkeeper.admit(exchange)
        check_licensed(till, datetime.now(UTC))
        encoding = body.content_encoding(exchange.request.headers)
        body.check_length(exchange.request.headers)
        if exchange.request.scope["query_string"] and exchange.request.query_params.get("check") == "1":
            return await self._check(exchange, till, encoding)
        if self._producer.away:
            raise try_again(503, "not_available", "Kafka does not answer", seconds=5)
        with self._room.request(till.till_id):
            held = self._room.hold(till.till_id)
            try:
                packed = await self._receive(exchange, till, encoding, held.resize)
            except BaseException:
                held.release()
                raise
            with metrics.ACKNOWLEDGEMENT.time():
                await self._send(till, packed, settled=held.release)
        metrics.EVENTS.inc(packed.count)
        return JSONAnswer(Accepted(packed.count, packed.first_seq + packed.count), status=202)

    async def _check(self, exchange: Exchange, till: Till, encoding: body.Encoding) -> JSONAnswer:
        """200 with all that is wrong with the batch; nothing is written."""
        with self._room.request(till.till_id):
            held = self._room.hold(till.till_id)
            try:
                plain = await self._read(exchange, till, encoding, held.resize)
                checked = await self._work(len(plain), lambda: check(plain))
            finally:
                held.release()
        errors = [Error(f.at, f.code, words.of_fault(f, exchange.in_english)) for f in checked.faults]
        return JSONAnswer(CheckResult(checked.valid, errors))

    async def _receive(
        self, exchange: Exchange, till: Till, encoding: body.Encoding, hold: Callable[[int], None]
    ) -> Packed:
        plain = await self._read(exchange, till, encoding, hold)
        received_at = datetime.now(UTC)
        packed = await self._work(len(plain), lambda: _pack(plain, till, received_at))
        self._doorkeeper.limit.count(till.till_id, time.monotonic(), events=packed.count)
        exchange.facts |= {"run": packed.run, "first_seq": packed.first_seq, "count": packed.count}
        hold(len(packed.record))
        return packed

    async def _read(
        self, exchange: Exchange, till: Till, encoding: body.Encoding, hold: Callable[[int], None]
    ) -> bytes:
        """The body, unpacked."""
        sent = await body.read(exchange.request.receive, seconds=self._body_seconds, grown=hold)
        exchange.unread = False
        exchange.facts["bytes"] = len(sent)
        metrics.BYTES.inc(len(sent))
        plain = await self._work(len(sent), lambda: body.unpack(sent, encoding))
        # Counted whether valid or not: reading nonsense costs as much.
        self._doorkeeper.limit.count(till.till_id, time.monotonic(), size=len(plain))
        hold(max(len(sent), len(plain)))
        return plain

    async def _work(self, size: int, work: Callable[[], T]) -> T:
        if size <= _SMALL:
            return work()
        return await asyncio.get_running_loop().run_in_executor(self._workers, work)

    async def _send(self, till: Till, packed: Packed, settled: Callable[[], None]) -> None:
        fail_point("gateway.before_send")
        await self._producer.send(
            self._topics.uploads,
            key=till.outlet_id.encode(),
            value=packed.record,
            headers=headers(
                kind="upload",
                outlet=till.outlet_id,
                till=till.till_id,
                run=packed.run,
                first_seq=packed.first_seq,
                count=packed.count,
            ),
            settled=settled,
        )
        self._acknowledged(till.outlet_id, till.till_id, packed.run, packed.first_seq + packed.count - 1)
        fail_point("gateway.before_answer")


def _pack(plain: bytes, till: Till, received_at: datetime) -> Packed:
    upload = parse(plain)
    run = str(upload.run)
    record = encode_upload(
        outlet=till.outlet_id,
        till=till.till_id,
        run=run,
        first_seq=upload.first_seq,
        zone=till.zone,
        day_begins=till.day_begins,
        imported=till.imported,
        received_at=received_at,
        wire_events=upload.events,
    )
    return Packed(run, upload.first_seq, len(upload.events), record)
