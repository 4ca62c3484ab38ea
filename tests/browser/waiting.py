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

    async def until(self, expression: str, within_s: float = ANSWER_WITHIN_S) -> None:
        """Waits until the expression is true, through changes of the page."""
        async with asyncio.timeout(within_s):
            while True:
                with contextlib.suppress(AssertionError):  # between two pages there is no document
                    if await self.value(f"Boolean({expression})"):
                        return
                await asyncio.sleep(0.05)
