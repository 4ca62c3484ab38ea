"""PostgreSQL as the portal sees it: snapshots of one account's rows to read from, transactions on accounts to write in.

A reading is one read-only REPEATABLE READ transaction under the role `weboffice_portal`, bound to one account by
row-level security and to the generation that was live when it began: all the figures of a page agree with each other,
also while a batch is being applied or a rebuild is being switched to. It has a login of its own, which nothing else
follows from; what works on accounts has another, which sees no figures.

Nobody takes all of it: a reading has a time limit, an account has some of the connections at once and waits its turn,
lists for files are read over connections of their own, and who has gone away ends his query.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, TypeVar

import psycopg
from psycopg.rows import AsyncRowFactory, TupleRow
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from schemas.errors import InfrastructureUnreachable, WebOfficeError
from schemas.statements import load
from webapp import acting
from webapp.account import Account
from webapp.computed import Stale, unreadable
from webapp.connections import Connection, Limits, bind, connection_pool
from webapp.shares import Shares
from webapp.standby import Standby

__all__ = ["Connection", "Database", "Limits", "NotReady", "TookTooLong", "listed"]
T = TypeVar("T")

_sql = load("webapp.sql", "database.sql")
_PIECE_ROWS = 1000


class NotReady(WebOfficeError):
    """There is no live generation of read models yet, or the kept one was dropped a moment ago."""


class TookTooLong(WebOfficeError):
    """The figures could not be reckoned within the time that a page may take."""


class Database:
    """The portal's connections. Opens even while PostgreSQL is away.

    Raises `InfrastructureUnreachable` where it is needed and does not answer, `NotReady` before the first generation,
    `TookTooLong` where a statement reached its time limit, `Busy` where an account has its share already.
    """

    def __init__(
        self,
        postgres: str,
        limits: Limits | None = None,
        stale: Stale = lambda made_with: (),
        figures: str | None = None,
        standby: str = "",
    ) -> None:
        """`standby` is where figures are read in the first place ("": nowhere but at `figures`)."""
        self.url = postgres
        self._stale = stale
        self._limits = limits = limits or Limits()
        figures = figures or postgres
        self._pool = connection_pool(postgres, limits, 1, limits.account_connections, "weboffice portal")
        self._reading_pool = connection_pool(figures, limits, 1, limits.connections, "weboffice portal figures")
        self._export_pool = connection_pool(figures, limits, 0, limits.export_connections, "weboffice exports")
        self.standby: Standby | None = None
        if standby:
            pools = [
                connection_pool(standby, limits, 0, limits.connections + 1, "weboffice portal figures"),
                connection_pool(standby, limits, 0, limits.export_connections, "weboffice exports"),
            ]
            self.standby = Standby(self._pool, pools)
        self._readings = Shares(limits.connections, limits.each, limits.wait_seconds)
        self._exports = Shares(limits.export_connections, 1, None)

    async def __aenter__(self) -> Database:
        for pool in (self._pool, self._reading_pool, self._export_pool):
            await pool.open(wait=False)
        if self.standby is not None:
            await self.standby.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.standby is not None:
            await self.standby.__aexit__(kind, error, trace)
        for pool in (self._export_pool, self._reading_pool, self._pool):
            await pool.close()

    @asynccontextmanager
    async def reading(self, account: Account) -> AsyncIterator[Connection]:
        """One snapshot of the account's rows; unqualified table names are those of its generation."""
        async with self._readings.place(account.account_id), self._figures(self._reading_pool, 0) as connection:
            if not await bind(connection, account, self._limits.page_seconds):
                raise NotReady
            yield connection

    @asynccontextmanager
    async def exporting(self, account: Account) -> AsyncIterator[Connection]:
        """The same for a list that becomes a file: over connections of its own, one at a time for an account, as long
        as it takes to get one."""
        async with self._exports.place(account.account_id), self._figures(self._export_pool, 1) as connection:
            if not await bind(connection, account, self._limits.export_seconds):
                raise NotReady
            yield connection

    @asynccontextmanager
    async def _figures(self, primary: AsyncConnectionPool[Connection], kind: int) -> AsyncIterator[Connection]:
        """A transaction at the standby where it has what the primary has, else at the primary."""
        connection = await self.standby.take(kind) if self.standby is not None else None
        if self.standby is None or connection is None:
            async with self._transaction(primary) as connection:
                yield connection
            return
        try:
            async with _translated(), connection.transaction():
                yield connection
        finally:
            await self.standby.give_back(kind, connection)

    async def lacking(self, generation: int | None = None) -> frozenset[str]:
        """The projections that are not to be read in the live generation, or in the kept one of that number."""
        row = await self.one(_sql["made_with"], {"generation": generation})
        if row is None:
            raise NotReady
        lacks = unreadable(row[0])
        return lacks if generation is not None else lacks.union(self._stale(row[0]))

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        """A transaction on accounts and what belongs to them; not bound to one, so statements name theirs. What
        triggers note in the journal is the acting member's."""
        async with self._transaction(self._pool) as connection:
            if person_id := acting.now().person_id:
                await connection.execute(_sql["name_member"], {"person": str(person_id)})
            yield connection

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[Connection]:
        """A connection of the same kind for single statements that change nothing the journal notes, each a
        transaction of its own: two ways to the server and back fewer, and every page asks several."""
        async with _connected(self._pool) as connection:
            yield connection

    @asynccontextmanager
    async def _transaction(self, pool: AsyncConnectionPool[Connection]) -> AsyncIterator[Connection]:
        async with _connected(pool) as connection, connection.transaction():
            yield connection

    async def one(self, statement: bytes, parameters: dict[str, Any]) -> TupleRow | None:
        """The first row of one statement, in a transaction of its own."""
        async with self.writing() if acting.now().person_id else self.asking() as connection:
            return await (await connection.execute(statement, parameters)).fetchone()


async def listed(
    connection: Connection,
    statement: bytes,
    parameters: dict[str, Any],
    row_factory: AsyncRowFactory[T],
    *,
    whole: bool,
) -> AsyncIterator[T]:
    """The rows of a list: of a page of it at once, of the whole list a thousand at a time, PostgreSQL keeping the
    others."""
    if not whole:
        async with connection.cursor(row_factory=row_factory) as cursor:
            await cursor.execute(statement, parameters)
            for row in await cursor.fetchall():
                yield row
        return
    async with connection.cursor("listed", row_factory=row_factory) as stream:
        stream.itersize = _PIECE_ROWS
        await stream.execute(statement, parameters)
        async for row in stream:
            yield row


@asynccontextmanager
async def _connected(pool: AsyncConnectionPool[Connection]) -> AsyncIterator[Connection]:
    async with _translated(), pool.connection() as connection:
        yield connection


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    """The driver's errors as ours."""
    try:
        yield
    except psycopg.errors.QueryCanceled as exc:
        raise TookTooLong from exc
    except (PoolTimeout, psycopg.OperationalError, psycopg.InterfaceError) as exc:
        raise InfrastructureUnreachable("PostgreSQL does not answer") from exc
