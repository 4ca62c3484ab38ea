"""Holds analysts to the time that a query of their login may take, which their own sessions could raise."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType

import structlog

from schemas.errors import InfrastructureUnreachable
from schemas.statements import load
from webapp.database import Database

log = structlog.get_logger(__name__)

_sql = load("webapp", "analysts.sql")
_EVERY_S = 15.0
_CLOSING_S = 5.0


class LongQueries:
    """Looks while it is open; several processes may."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._closing = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> LongQueries:
        self._task = asyncio.create_task(self._run(), name="long queries")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._closing.set()
        await asyncio.wait({self._task}, timeout=_CLOSING_S)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def end(self) -> int:
        """Ends what takes too long, and returns how many. Raises `InfrastructureUnreachable`."""
        row = await self._database.one(_sql["end_long_queries"], {})
        return int(row[0]) if row else 0

    async def _run(self) -> None:
        while not self._closing.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), _EVERY_S)
                return
            with suppress(InfrastructureUnreachable):  # at the next look, then
                if count := await self.end():
                    log.warning("analysts' queries ended", count=count)
