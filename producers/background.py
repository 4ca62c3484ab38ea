"""Work that goes on beside what a process is there for, and ends with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager

_ENDS_WITHIN_S = 2.0


@asynccontextmanager
async def beside(work: Coroutine[None, None, None], name: str) -> AsyncIterator[None]:
    """Run `work` until the end of the block; a connection that hangs and so does not end in time is left behind."""
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task}, timeout=_ENDS_WITHIN_S)
