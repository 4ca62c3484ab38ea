"""Work that is done again and again while the service is open. Several processes may do the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

_CLOSING_S = 5.0


@asynccontextmanager
async def periodically(name: str, work: Callable[[], Awaitable[object]], every_s: float) -> AsyncIterator[None]:
    """Calls `work` at once and then every so many seconds, until the end of the block.

    What is in hand then has a moment to finish. `work` handles the errors that it expects; any other ends it.
    """
    closing = asyncio.Event()

    async def run() -> None:
        while not closing.is_set():
            await work()
            with suppress(TimeoutError):
                await asyncio.wait_for(closing.wait(), every_s)

    task = asyncio.create_task(run(), name=name)
    try:
        yield
    finally:
        closing.set()
        await asyncio.wait({task}, timeout=_CLOSING_S)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
