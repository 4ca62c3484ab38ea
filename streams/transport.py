"""A Faust transport whose consumer starts each partition where we say, not where Kafka's committed offset is.

Faust's signals fire before its own seek and are overwritten by it, so the seek itself is replaced
(docs/decisions/0003-faust-is-the-host.md).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from faust.transport.drivers import aiokafka as driver
from faust.types import TP

Positions = Callable[[Sequence[int]], Awaitable[Mapping[int, int]]]
"""partitions → the next offset of each"""


def transport_from(positions: Positions, reads_on: Callable[[], None]) -> type[driver.Transport]:
    """A transport class that asks `positions` at each assignment, and calls `reads_on` once it reads from there."""

    class PositionedConsumer(driver.Consumer):
        async def seek_to_committed(self) -> Mapping[TP, int]:
            assigned = {tp.partition: tp for tp in self.assignment()}
            if not assigned:
                return {}
            starts = await positions(sorted(assigned))
            offsets = {assigned[partition]: offset for partition, offset in starts.items()}
            await self.seek_wait(offsets)
            reads_on()
            return offsets

    class PositionedTransport(driver.Transport):
        Consumer = PositionedConsumer

    return PositionedTransport
