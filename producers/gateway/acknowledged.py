"""Notes in PostgreSQL how far each run was acknowledged: if `uploads` is lost before it is copied, nobody else knows.

Once a second for all runs together, after the answers: no upload waits for it, and none fails for its sake. While
PostgreSQL is away the notes wait in memory. What was acknowledged within the last second before the process was killed
is not noted.
"""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType
from typing import Self

from producers.gateway.database import Connection, Database, DatabaseAway
from schemas.statements import load

_sql = load("producers.gateway", "acknowledged.sql")
_EVERY_S = 1.0
_AT_ONCE = 5000
"""Runs in one statement."""

RunKey = tuple[str, str, str]
"""(outlet, till, run)"""


class Acknowledged:
    """Notes what `add` is told; an async context manager, whose end notes the rest if PostgreSQL answers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._through: dict[RunKey, int] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, outlet: str, till: str, run: str, last: int) -> None:
        """The number `last` of the run was acknowledged."""
        key = (outlet, till, run)
        self._through[key] = max(last, self._through.get(key, 0))

    async def note(self) -> None:
        """Writes what waits. Raises `DatabaseAway`; it still waits then."""
        while self._through:
            # In key order, as every gateway does: two of them never wait for one another.
            notes = dict(sorted(self._through.items())[:_AT_ONCE])
            await self._database.ask(lambda connection, notes=notes: _write(connection, notes))  # type: ignore[misc]
            for key, last in notes.items():
                if self._through.get(key) == last:  # gone where two were at it
                    del self._through[key]

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._again_and_again(), name="acknowledged")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=2.0)
        with contextlib.suppress(DatabaseAway):
            await self.note()

    async def _again_and_again(self) -> None:
        while True:
            with contextlib.suppress(DatabaseAway):  # who asks next says so
                await self.note()
            await asyncio.sleep(_EVERY_S)


async def _write(connection: Connection, notes: dict[RunKey, int]) -> None:
    outlets, tills, runs = zip(*notes, strict=True)
    columns = {"outlets": list(outlets), "tills": list(tills), "runs": list(runs), "through": list(notes.values())}
    await connection.execute(_sql["note"], columns)
