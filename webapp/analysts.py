"""Holds analysts to the time that a query of their login may take, which their own sessions could raise."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, suppress

import structlog

from schemas.errors import InfrastructureUnreachable
from schemas.statements import load
from webapp.database import Database
from webapp.periodic import periodically

log = structlog.get_logger(__name__)

_sql = load("webapp", "analysts.sql")
_EVERY_S = 15.0


class LongQueries:
    """Looks while it runs; several processes may."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def running(self) -> AbstractAsyncContextManager[None]:
        return periodically("long queries", self._look, _EVERY_S)

    async def end(self) -> int:
        """Ends what takes too long, and returns how many. Raises `InfrastructureUnreachable`."""
        row = await self._database.one(_sql["end_long_queries"], {})
        return int(row[0]) if row else 0

    async def _look(self) -> None:
        with suppress(InfrastructureUnreachable):  # at the next look, then
            if count := await self.end():
                log.warning("analysts' queries ended", count=count)
