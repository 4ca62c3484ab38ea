"""PostgreSQL as the portal sees it: snapshots of one account's rows to read from, owner transactions to write in.

A reading is one read-only REPEATABLE READ transaction under the role `weboffice_portal`, bound to one account by
row-level security and to the generation that was live when it began: all the figures of a page agree with each other,
also while a batch is being applied or a rebuild is being switched to.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any
from uuid import UUID

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from schemas.errors import InfrastructureUnreachable, WebOfficeError
from schemas.statements import load

Connection = AsyncConnection[TupleRow]

_sql = load("webapp.sql", "database.sql")


class NotReady(WebOfficeError):
    """There is no live generation of read models yet, or the kept one was dropped a moment ago."""


class Database:
    """The portal's connections. Opens even while PostgreSQL is away.

    Raises `InfrastructureUnreachable` where it is needed and does not answer, `NotReady` before the first generation.
    """

    def __init__(self, postgres: str, *, most: int = 8, wait: float = 5.0) -> None:
        self.url = postgres
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            postgres,
            min_size=1,
            max_size=most,
            timeout=wait,
            reconnect_timeout=2 * wait,  # then the next page tries afresh, instead of ever longer pauses
            open=False,
            kwargs={
                "autocommit": True,
                "application_name": "weboffice portal",
                # Filters that may be absent make one plan bad for all: each statement is planned for its values.
                "prepare_threshold": None,
            },
        )

    async def __aenter__(self) -> Database:
        await self._pool.open(wait=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.close()

    @asynccontextmanager
    async def reading(self, account_id: UUID, generation: int | None = None) -> AsyncIterator[Connection]:
        """One snapshot of the account's rows; unqualified table names are those of the live generation, or of the
        kept one of that number."""
        async with self._transaction() as connection:
            await connection.execute(_sql["begin_reading"])
            parameters = {"account": str(account_id), "generation": generation}
            bound = await connection.execute(_sql["bind_account"], parameters)
            if await bound.fetchone() is None:
                raise NotReady
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        """A transaction as the owner of the tables; not bound to an account, so statements name theirs."""
        async with self._transaction() as connection:
            yield connection

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[Connection]:
        """A connection as the owner of the tables for single statements, each a transaction of its own: two ways to
        the server and back fewer, and every page asks several."""
        async with self._connected() as connection:
            yield connection

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Connection]:
        async with self._connected() as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        try:
            async with self._pool.connection() as connection:
                yield connection
        except (PoolTimeout, psycopg.OperationalError, psycopg.InterfaceError) as exc:
            raise InfrastructureUnreachable("PostgreSQL does not answer") from exc

    async def one(self, statement: bytes, parameters: dict[str, Any]) -> TupleRow | None:
        """The first row of one statement, in an owner transaction of its own."""
        async with self.asking() as connection:
            return await (await connection.execute(statement, parameters)).fetchone()
