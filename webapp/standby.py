"""Figures read from a standby of PostgreSQL, never older than what the primary had when they were asked for.

A reading notes how far the primary's log goes, and waits until the standby has replayed that far: a page that was told
of news finds them there, and who has just changed something sees it. Where the standby does not get there in a moment,
or does not answer, the primary is read; a standby that failed is looked at again every few seconds.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from types import TracebackType

import psycopg
import structlog
from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from schemas.statements import load
from webapp.periodic import periodically

Connection = AsyncConnection[TupleRow]
Pool = AsyncConnectionPool[Connection]

log = structlog.get_logger(__name__)

_sql = load("webapp.sql", "standby.sql")
_WAITS_S = 0.3
"""For so long a reading waits for the standby; a standby is behind by milliseconds as a rule."""
_POLLS_S = 0.01
_LOOKS_S = 2.0


class State(Struct):
    """Whether the standby is read, by how much it was behind at the last look, and what was read from where."""

    usable: bool = False
    lag_bytes: int = 0
    readings: int = 0
    from_primary: int = 0


class Standby:
    """`pools` are the standby's, for pages and for exports."""

    def __init__(self, primary: Pool, pools: list[Pool]) -> None:
        self.state = State()
        self._primary = primary
        self._pools = pools
        self._resources = AsyncExitStack()

    async def __aenter__(self) -> Standby:
        for pool in self._pools:
            await pool.open(wait=False)
            self._resources.push_async_callback(pool.close)
        await self._resources.enter_async_context(periodically("standby", self._look, _LOOKS_S))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._resources.aclose()

    async def take(self, pool: int) -> Connection | None:
        """A connection to a standby that has what the primary has now, to be given back; None where the primary is to
        be read. The very connection was asked: behind one address there may be several standbys."""
        connection = await self._caught_up(self._pools[pool]) if self.state.usable else None
        self.state.readings += 1
        self.state.from_primary += connection is None
        return connection

    async def give_back(self, pool: int, connection: Connection) -> None:
        await self._pools[pool].putconn(connection)

    async def _caught_up(self, pool: Pool) -> Connection | None:
        try:
            async with self._primary.connection() as primary:
                row = await (await primary.execute(_sql["primary_place"])).fetchone()
            assert row is not None  # of a function
            connection = await pool.getconn(_WAITS_S)
        except (PoolTimeout, psycopg.Error) as exc:
            self._set_usable(False, type(exc).__name__)
            return None
        followed = False
        try:
            followed = await self._follows(connection, row[0])
        except psycopg.Error as exc:
            self._set_usable(False, type(exc).__name__)
        finally:
            if not followed:
                await pool.putconn(connection)
        return connection if followed else None

    async def _follows(self, connection: Connection, place: str) -> bool:
        """Waits until the standby has what lies before the place."""
        deadline = asyncio.get_running_loop().time() + _WAITS_S
        while True:
            row = await (await connection.execute(_sql["behind"], {"place": place})).fetchone()
            assert row is not None  # of a function
            if row[0] is None:
                self._set_usable(False, "it is no standby")
                return False
            self.state.lag_bytes = max(0, int(row[0]))
            if row[0] <= 0 or asyncio.get_running_loop().time() > deadline:
                return bool(row[0] <= 0)
            await asyncio.sleep(_POLLS_S)

    async def _look(self) -> None:
        if not self.state.usable and await self._answers():
            self._set_usable(True, "")

    async def _answers(self) -> bool:
        try:
            async with self._pools[0].connection(timeout=_LOOKS_S) as connection:
                row = await (await connection.execute(_sql["is_standby"])).fetchone()
                return bool(row and row[0])
        except (PoolTimeout, psycopg.Error):
            return False

    def _set_usable(self, usable: bool, reason: str) -> None:
        if usable != self.state.usable:
            self.state.usable = usable
            log.info("figures_from_standby") if usable else log.warning("figures_from_primary", reason=reason)
