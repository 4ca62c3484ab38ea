"""Whether a topic can have become another one since it was looked at last."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import structlog
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from projections.logs import topic_ids
from projections.logs.topic_ids import Topic
from schemas import brokers

log = structlog.get_logger(__name__)

_WAITS_S = (0.1, 2.0)


class _Client(AIOKafkaClient):  # type: ignore[misc]
    """Counts its connections that ended: behind a new one there may be a broker with other data."""

    ended = 0

    def _on_connection_closed(self, conn: Any, reason: Any) -> None:
        self.ended += 1
        super()._on_connection_closed(conn, reason)


class LogWatch:
    """Of one topic. `waiting_for` is told while Kafka does not answer, and when it does again (None)."""

    def __init__(self, kafka: str, topic: str, waiting_for: Callable[[str | None], None]) -> None:
        self._kafka = kafka
        self._topic = topic
        self._waiting_for = waiting_for
        self._client: _Client | None = None
        self._node: Any = None
        self._seen: tuple[Topic | None, int, int] | None = None

    async def changed(self) -> bool:
        """Whether it is not the same topic under the same leaders over the same connection; waits for an answer."""
        wait, longest = _WAITS_S
        while True:
            try:
                before, self._seen = self._seen, await self._look()
            except (KafkaError, OSError, TimeoutError) as exc:
                if wait == _WAITS_S[0]:
                    log.warning("kafka_away", error=type(exc).__name__)
                self._waiting_for("kafka")
                await self.close()
                self._seen = None
                await asyncio.sleep(wait)
                wait = min(longest, 2 * wait)
                continue
            if wait > _WAITS_S[0]:
                log.info("kafka_back")
                self._waiting_for(None)
            return before != self._seen

    async def _look(self) -> tuple[Topic | None, int, int]:
        if self._client is None:
            self._client = _Client(
                **brokers.options(self._kafka), client_id="weboffice watch", request_timeout_ms=10_000
            )
            await self._client.bootstrap()
            self._node = self._client.get_random_node()
        found = (await topic_ids.ask(self._client, [self._topic], self._node)).get(self._topic)
        return found, id(self._client), self._client.ended

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(KafkaError, OSError):
                await client.close()
