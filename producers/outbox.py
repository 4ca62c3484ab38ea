"""Sends the control records that wait in `app.outbox` to `uploads`, in the order of their ids.

Orders get there by `schemas/outbox.py`. A record is deleted in a transaction that commits after Kafka has acknowledged
it. A crash in between sends the record again, which changes nothing: every order can be applied twice. An advisory lock
lets one gateway at a time send, so the order of the records holds.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Any

import psycopg
import structlog
from psycopg import AsyncConnection

from producers.background import beside
from producers.control import control_headers
from producers.kafka import NotAcknowledged, RecordProducer
from schemas.failpoints import fail_point
from schemas.statements import load
from schemas.topics import Topics

log = structlog.get_logger(__name__)

_LOCK = 0x3EB0FF1CF  # a constant of our own, beside that of ops.migrate
_FROZEN_AFTER_S = 60  # longer than a send may wait for its acknowledgement
_sql = load("producers", "outbox.sql")


class Outbox:
    """Sends what waits, looking at least every `poll` seconds. Waits for Kafka and PostgreSQL."""

    def __init__(self, postgres: str, producer: RecordProducer, topics: Topics, *, poll: float = 2.0) -> None:
        self._postgres = postgres
        self._producer = producer
        self._topics = topics
        self._poll = poll

    def draining(self) -> AbstractAsyncContextManager[None]:
        """Drains the outbox until the end of the block; what was not committed then is sent by the next gateway."""
        return beside(self._run(), "outbox")

    async def _run(self) -> None:
        away = False
        while True:
            try:
                async with await self._connect() as connection:
                    await connection.execute(_sql["listen"])
                    while True:
                        await self._drain(connection)
                        if away:
                            log.info("outbox_back")
                            away = False
                        await self._wait(connection)
            except (psycopg.Error, NotAcknowledged) as exc:
                if not away:
                    log.warning("outbox_waits", error=repr(exc))
                    away = True
                await asyncio.sleep(self._poll)
            except Exception:  # a bug: nobody else will try again, and it must not go unseen
                log.exception("outbox_failed")
                await asyncio.sleep(self._poll)

    async def _connect(self) -> AsyncConnection[tuple[Any, ...]]:
        return await AsyncConnection.connect(
            self._postgres,
            autocommit=True,
            application_name="weboffice outbox",
            connect_timeout=5,
            # A gateway frozen or cut off inside a transaction must not keep the others from draining.
            options=f"-c idle_in_transaction_session_timeout={_FROZEN_AFTER_S}s",
        )

    async def _drain(self, connection: AsyncConnection[tuple[Any, ...]]) -> None:
        while await self._send_oldest(connection):
            pass

    async def _send_oldest(self, connection: AsyncConnection[tuple[Any, ...]]) -> int:
        """Sends the oldest records and returns how many; 0 where there are none or another gateway is at it."""
        async with connection.transaction():
            [locked] = await (await connection.execute(_sql["lock"], {"lock": _LOCK})).fetchone() or [False]
            if not locked:
                return 0
            rows = await (await connection.execute(_sql["oldest"])).fetchall()
            if rows:
                fail_point("outbox.before_send")
            for _, outlet, record in rows:
                headers = control_headers(outlet, record)
                await self._producer.send(self._topics.uploads, key=outlet.encode(), value=record, headers=headers)
                log.info("control_record_sent", outlet=outlet, kind=headers[0][1].decode())
            fail_point("outbox.before_delete")
            await connection.execute(_sql["sent"], {"ids": [number for number, _, _ in rows]})
        return len(rows)

    async def _wait(self, connection: AsyncConnection[tuple[Any, ...]]) -> None:
        async for _ in connection.notifies(timeout=self._poll, stop_after=1):
            break
