"""A fair share of something scarce: so many at once in all, so many for one holder, the turn goes to who has least."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

from schemas.errors import WebOfficeError


class Busy(WebOfficeError):
    """All of what can be done at once is being done; it may be asked for again in a few seconds."""


class Shares:
    """`total` places, of which one holder has at most `each` at a time.

    Who waits is served before who comes later, unless he has his share already or has more than another who waits.
    `wait_seconds`: how long a place is waited for; None for as long as it takes.
    """

    def __init__(self, total: int, each: int, wait_seconds: float | None) -> None:
        self._free = total
        self._each = each
        self._wait_seconds = wait_seconds
        self._held: Counter[Hashable] = Counter()
        self._waiting: list[tuple[Hashable, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def place(self, holder: Hashable) -> AsyncIterator[None]:
        """Holds a place. Raises `Busy` where none comes free in time."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((holder, turn))
        self._serve()
        try:
            async with asyncio.timeout(self._wait_seconds):
                await turn
        except BaseException as exc:
            if turn.done() and not turn.cancelled():
                self._give_back(holder)
            self._waiting = [entry for entry in self._waiting if entry[1] is not turn]
            if isinstance(exc, TimeoutError):
                raise Busy from exc
            raise
        try:
            yield
        finally:
            self._give_back(holder)

    def _give_back(self, holder: Hashable) -> None:
        self._free += 1
        self._held[holder] -= 1
        if not self._held[holder]:
            del self._held[holder]
        self._serve()

    def _serve(self) -> None:
        while self._free:
            waiting = [entry for entry in self._waiting if not entry[1].done() and self._held[entry[0]] < self._each]
            if not waiting:
                return
            holder, turn = min(waiting, key=lambda entry: self._held[entry[0]])
            self._free -= 1
            self._held[holder] += 1
            self._waiting = [entry for entry in self._waiting if entry[1] is not turn]
            turn.set_result(None)
