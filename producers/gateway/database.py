"""PostgreSQL as the gateway uses it: short questions with a bound on waiting, whatever state the server is in."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self, TypeVar

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from schemas.errors import InfrastructureUnreachable

log = structlog.get_logger(__name__)

T = TypeVar("T")
Connection = AsyncConnection[tuple[Any, ...]]

_CONNECTIONS = 4
_RETRY_AFTER = 1.0  # seconds for which nobody asks again after a question failed


class DatabaseAway(InfrastructureUnreachable):
    """PostgreSQL does not answer."""


class Database:
    """A pool of connections. Entering it never waits for PostgreSQL.

    `patience`: the seconds within which `ask` returns or raises. A server that hangs is noticed like one that is gone.
    """

    def __init__(self, postgres: str, *, patience: float = 2.0) -> None:
        self._patience = patience
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            postgres,
            kwargs={"autocommit": True, "application_name": "weboffice gateway"},
            min_size=1,
            max_size=_CONNECTIONS,
            max_waiting=100,
            timeout=patience,
            reconnect_timeout=2 * patience,  # then the next question tries afresh, instead of ever longer pauses
            check=AsyncConnectionPool.check_connection,  # connections of before a restart are noticed here
            open=False,
            name="gateway",
        )
        self._asking: set[asyncio.Task[Any]] = set()
        self._away_until = 0.0
        self._away = False

    async def __aenter__(self) -> Self:
        await self._pool.open(wait=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._asking:
            task.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                await self._pool.close(timeout=self._patience)

    async def ask(self, question: Callable[[Connection], Awaitable[T]]) -> T:
        """What `question` returns, given a connection in autocommit mode. Raises `DatabaseAway`."""
        if time.monotonic() < self._away_until:
            raise DatabaseAway
        task = asyncio.create_task(self._ask(question))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)
        # Cancelling a query asks the server to end it, which takes its time where the server hangs: so no one waits
        # for the end of the cancellation.
        done, _ = await asyncio.wait({task}, timeout=self._patience)
        if not done:
            task.cancel()
            task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
            raise self._noticed("no answer in time")
        try:
            answer = task.result()
        except psycopg.Error as exc:
            raise self._noticed(repr(exc)) from exc
        if self._away:
            log.info("postgres_back")
            self._away = False
        return answer

    async def _ask(self, question: Callable[[Connection], Awaitable[T]]) -> T:
        async with self._pool.connection() as connection:
            return await question(connection)

    def _noticed(self, error: str) -> DatabaseAway:
        self._away_until = time.monotonic() + _RETRY_AFTER
        if not self._away:
            log.warning("postgres_away", error=error)
            self._away = True
        return DatabaseAway(f"PostgreSQL does not answer: {error}")
