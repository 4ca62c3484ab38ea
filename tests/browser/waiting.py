"""What the drivers of all engines share: waiting for a page."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

ANSWER_WITHIN_S = 60.0


class Waiting:
    """A tab or window whose `value` gives what an expression does."""

    async def value(self, expression: str) -> Any:
        raise NotImplementedError

    async def until(self, expression: str) -> None:
        """Waits until the expression is true, through changes of the page."""
        async with asyncio.timeout(ANSWER_WITHIN_S):
            while True:
                with contextlib.suppress(AssertionError):  # between two pages there is no document
                    if await self.value(f"Boolean({expression})"):
                        return
                await asyncio.sleep(0.05)
