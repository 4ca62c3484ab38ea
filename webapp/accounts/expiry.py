"""Takes out what is over: sessions, links, registrations, counted attempts, and accounts whose owners asked for it.

Also seals secrets with the present key, at the start and hourly.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType

import structlog

from schemas.errors import InfrastructureUnreachable
from schemas.statements import load
from webapp.accounts import erasing, second_factor
from webapp.database import Database
from webapp.sealing import Keys

log = structlog.get_logger(__name__)

_sql = load("webapp.accounts", "accounts.sql")
_EVERY_S = 3600.0
_CLOSING_S = 5.0


class Expiry:
    """Sweeps hourly while it is open; several processes may."""

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database = database
        self._keys = keys
        self._closing = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Expiry:
        self._task = asyncio.create_task(self._run(), name="expiry")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._closing.set()
        await asyncio.wait({self._task}, timeout=_CLOSING_S)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

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

    async def _run(self) -> None:
        await self.reseal()
        while not self._closing.is_set():
            with suppress(TimeoutError):  # first after a while: a start has better things to do
                await asyncio.wait_for(self._closing.wait(), _EVERY_S)
                return
            try:
                await self.sweep()
                await self.reseal()
            except InfrastructureUnreachable:
                log.warning("expiry waits: PostgreSQL does not answer")
