"""Hears of tokens that were revoked, tills that were removed, outlets that were disabled, within a moment of it; and of
how many gateways share the tills."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import psycopg
import structlog

from producers.background import beside
from producers.gateway import peers
from producers.gateway.tills import Tills
from schemas.statements import load

log = structlog.get_logger(__name__)

_sql = load("producers.gateway", "tills.sql")
_AGAIN_S = 2.0


class Revocations:
    """Has `tills` ask again about every till whenever PostgreSQL tells of a change, and when it comes back.

    `share` is told how many gateways live; while PostgreSQL is away that stays as it was.
    """

    def __init__(self, postgres: str, tills: Tills, share: Callable[[int], None]) -> None:
        self._postgres = postgres
        self._tills = tills
        self._share = share

    def listening(self) -> AbstractAsyncContextManager[None]:
        """Listens until the end of the block."""
        return beside(self._run(), "revocations")

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except psycopg.Error:  # who asks next says that PostgreSQL is away
                await asyncio.sleep(_AGAIN_S)

    async def _listen(self) -> None:
        async with await psycopg.AsyncConnection.connect(
            self._postgres, autocommit=True, connect_timeout=5, application_name="weboffice revocations"
        ) as connection:
            await connection.execute(_sql["listen"])
            self._tills.ask_again()
            await peers.join(connection)
            while True:
                self._share(await peers.count(connection))
                async for notice in connection.notifies(timeout=peers.COUNT_EVERY_S, stop_after=1):
                    if notice.channel == "weboffice_tills":
                        self._tills.ask_again()
