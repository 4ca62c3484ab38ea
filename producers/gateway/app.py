"""The gateway as a whole: what it holds open, its routes, and whether it is ready.

Starts and goes on without Kafka and PostgreSQL, and finds them again by itself: tills known from before are served
while PostgreSQL is away, and nothing is accepted while Kafka is.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

import msgspec
from starlette.routing import Route

from producers.gateway import state
from producers.gateway.acknowledged import Acknowledged
from producers.gateway.answers import JSONAnswer
from producers.gateway.database import Connection, Database, DatabaseAway
from producers.gateway.endpoint import Endpoint, Exchange
from producers.gateway.exchange import CommerceExchange
from producers.gateway.limits import Capacity, RateLimit, Rates, Room
from producers.gateway.revocations import Revocations
from producers.gateway.state import InLog, nothing_lost
from producers.gateway.tills import Tills
from producers.gateway.uploads import Doorkeeper, Uploads
from producers.kafka import RecordProducer
from producers.outbox import Outbox
from schemas.topics import Topics

UPLOADS_PATH = "/api/v1/uploads"
_READY_SECONDS = 2.0


class Gateway:
    """The upload gateway; an async context manager that opens and closes what it needs.

    Times in seconds: `ack_timeout` for Kafka's acknowledgement, `body_seconds` for a body to come, `token_fresh` and
    `token_stale` for how long a token's till is taken as known (the second while PostgreSQL is away). `in_log` tells
    of runs of which the log lost something.
    """

    def __init__(
        self,
        kafka: str,
        postgres: str,
        topics: Topics,
        *,
        rates: Rates | None = None,
        capacity: Capacity | None = None,
        ack_timeout: float = 10.0,
        body_seconds: float = 60.0,
        token_fresh: float = 10.0,
        token_stale: float = 60.0,
        in_log: InLog = nothing_lost,
    ) -> None:
        self._topics = topics
        self._in_log = in_log
        self._producer = RecordProducer(kafka, ack_timeout=ack_timeout)
        self._database = Database(postgres)
        self._outbox = Outbox(postgres, self._producer, topics)
        tills = Tills(self._database, fresh=token_fresh, stale=token_stale)
        self._limit = RateLimit(rates or Rates())
        self._revocations = Revocations(postgres, tills, self._limit.share)
        self._doorkeeper = Doorkeeper(tills, self._limit)
        self.room = Room(capacity or Capacity())
        self._acknowledged = Acknowledged(self._database)
        self._uploads = Uploads(
            self._doorkeeper,
            self.room,
            self._producer,
            topics,
            body_seconds=body_seconds,
            acknowledged=self._acknowledged.add,
        )
        self.uploads = Endpoint("upload", {"POST": self._uploads.post})
        """Of `UPLOADS_PATH`, as an ASGI application."""
        self._exchange = CommerceExchange(self._doorkeeper, self.room, self._database)
        self._open = AsyncExitStack()

    @property
    def sharers(self) -> int:
        """How many gateways a till's rate is shared by, as far as this one knows."""
        return self._limit.sharers

    async def __aenter__(self) -> Self:
        for chatter in ("aiokafka", "psycopg.pool"):  # they repeat for every attempt what is said here once
            logging.getLogger(chatter).setLevel(logging.CRITICAL)
        async with AsyncExitStack() as opening:
            opening.callback(self._uploads.close)
            await opening.enter_async_context(self._database)
            await opening.enter_async_context(self._acknowledged)
            await opening.enter_async_context(self._producer)
            await opening.enter_async_context(self._outbox.draining())
            await opening.enter_async_context(self._revocations.listening())
            self._open = opening.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    def routes(self) -> list[Route]:
        """The upload API, with everything else below its path answered 404 in its own form."""
        commerce = Endpoint("exchange", dict.fromkeys(("GET", "POST"), self._exchange.answer))
        return [
            Route(UPLOADS_PATH, self.uploads),
            Route(f"{UPLOADS_PATH}/state", Endpoint("upload_state", {"GET": self._state, "HEAD": self._state})),
            Route(f"{UPLOADS_PATH}/1c", commerce),
            Route(UPLOADS_PATH + "/1c/{price_type:path}", commerce),
            Route(UPLOADS_PATH + "/{rest:path}", Endpoint("upload_unknown", {})),
        ]

    async def ready(self) -> dict[str, bool]:
        """Whether Kafka knows the topic and PostgreSQL answers, now; within 2 seconds."""
        kafka, postgres = await asyncio.gather(self._kafka_ready(), self._postgres_ready())
        return {"kafka": kafka, "postgres": postgres}

    async def _state(self, exchange: Exchange) -> JSONAnswer:
        till = await self._doorkeeper.admit(exchange)
        run = state.parse_run(exchange.request.query_params.get("run"))
        exchange.facts["run"] = run
        found = await state.of_run(self._database, outlet=till.outlet_id, till=till.till_id, run=run)
        found = msgspec.structs.replace(found, zone=till.zone, day_begins=till.day_begins)
        return JSONAnswer(state.as_the_log_has_it(found, self._in_log(till.outlet_id, till.till_id, run)))

    async def _kafka_ready(self) -> bool:
        try:
            async with asyncio.timeout(_READY_SECONDS):
                return await self._producer.reaches(self._topics.uploads)
        except TimeoutError:
            return False

    async def _postgres_ready(self) -> bool:
        try:
            return await self._database.ask(_answers)
        except DatabaseAway:
            return False


async def _answers(connection: Connection) -> bool:
    return await (await connection.execute("SELECT 1")).fetchone() is not None
