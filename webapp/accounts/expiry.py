"""Takes out what is over: sessions, links, registrations, counted attempts, and accounts whose owners asked for it.

Also seals secrets with the present key, at the start and hourly.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, suppress

import structlog

from schemas.errors import InfrastructureUnreachable
from schemas.statements import load
from webapp.accounts import erasing, second_factor
from webapp.database import Database
from webapp.periodic import periodically
from webapp.sealing import Keys

log = structlog.get_logger(__name__)

_sql = load("webapp.accounts", "accounts.sql")
_EVERY_S = 3600.0


class Expiry:
    """Sweeps hourly while it runs; several processes may."""

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database = database
        self._keys = keys
        self._begun = False

    def running(self) -> AbstractAsyncContextManager[None]:
        return periodically("expiry", self._look, _EVERY_S)

    async def sweep(self) -> None:
        """Deletes what is over, accounts whose time has come among it. Raises `InfrastructureUnreachable`."""
        async with self._database.writing() as connection:
            await connection.execute(_sql["drop_expired"])
            await connection.execute(_sql["expire_journal"])
        await erasing.erase_due(self._database)

    async def reseal(self) -> None:
        with suppress(InfrastructureUnreachable):  # in an hour, then
            if count := await second_factor.reseal(self._database, self._keys):
                log.info("second factors sealed", count=count)

    async def _look(self) -> None:
        try:
            if self._begun:  # a start has better things to do
                await self.sweep()
            self._begun = True
        except InfrastructureUnreachable:
            log.warning("expiry waits: PostgreSQL does not answer")
        await self.reseal()
