"""PostgreSQL as the gateway uses it: short questions with a bound on waiting, whatever state the server is in."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self, TypeVar
from weakref import WeakKeyDictionary

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from schemas.errors import InfrastructureUnreachable

log = structlog.get_logger(__name__)

T = TypeVar("T")
Connection = AsyncConnection[tuple[Any, ...]]

_CONNECTIONS = 4
_PROBE_EVERY = 0.5  # seconds
_TRUSTED_S = 1.0
"""A connection that answered so short a time ago is not looked at before its next question."""
_CONNECTION_ERRORS = (psycopg.OperationalError, psycopg.InterfaceError)


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
            # No `max_waiting`: questions given up stay in the pool's queue until the next connection, and with a full
            # queue it refuses without even trying to connect: an outage of minutes would never have ended.
            timeout=patience,
            reconnect_timeout=2 * patience,  # then the next question tries afresh, instead of ever longer pauses
            check=self._check,
            open=False,
            name="gateway",
        )
        self._answered: WeakKeyDictionary[Connection, float] = WeakKeyDictionary()  # when, by the monotonic clock
        self._asking: set[asyncio.Task[Any]] = set()
        self._probe: asyncio.Task[None] | None = None  # there while PostgreSQL is away

    async def __aenter__(self) -> Self:
        await self._pool.open(wait=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in (*self._asking, *([self._probe] if self._probe else [])):
            task.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                await self._pool.close(timeout=self._patience)

    async def ask(self, question: Callable[[Connection], Awaitable[T]]) -> T:
        """What `question` returns, given a connection in autocommit mode. Raises `DatabaseAway`.

        Once a question failed, the next ones fail at once, until one asked in the background is answered.
        """
        if self._probe is not None:
            raise DatabaseAway
        try:
            return await self._ask_in_time(question)
        except DatabaseAway as exc:
            if isinstance(exc.__cause__, psycopg.Error) and not isinstance(exc.__cause__, _CONNECTION_ERRORS):
                log.error("postgres_refused", error=str(exc))  # it is there: a missing table, perhaps
            elif self._probe is None:
                log.warning("postgres_away", error=str(exc))
                self._probe = asyncio.create_task(self._until_back())
            raise

    async def _until_back(self) -> None:
        while True:
            await asyncio.sleep(_PROBE_EVERY)
            with contextlib.suppress(DatabaseAway):
                await self._ask_in_time(_anything)
                break
        log.info("postgres_back")
        self._probe = None

    async def _ask_in_time(self, question: Callable[[Connection], Awaitable[T]]) -> T:
        task = asyncio.create_task(self._ask(question))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)
        # Cancelling a query asks the server to end it, which takes its time where the server hangs: so no one waits
        # for the end of the cancellation.
        done, _ = await asyncio.wait({task}, timeout=self._patience)
        if not done:
            task.cancel()
            task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
            raise DatabaseAway("PostgreSQL does not answer in time")
        try:
            return task.result()
        except psycopg.Error as exc:
            raise DatabaseAway(f"PostgreSQL does not answer: {exc!r}") from exc

    async def _ask(self, question: Callable[[Connection], Awaitable[T]]) -> T:
        async with self._pool.connection() as connection:
            found = await question(connection)
            self._answered[connection] = time.monotonic()
            return found

    async def _check(self, connection: Connection) -> None:
        """Connections of before a restart, which takes longer than a moment, are noticed here."""
        if time.monotonic() - self._answered.get(connection, -math.inf) > _TRUSTED_S:
            await AsyncConnectionPool.check_connection(connection)


async def _anything(connection: Connection) -> None:
    await connection.execute("SELECT 1")
