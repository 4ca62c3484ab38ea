"""`project` hands batches to the engine, and asks it where to go on, at moments that Kafka chooses."""

from __future__ import annotations

import asyncio

from projections.apply.engine import Engine
from streams.lag import Progress
from streams.project import Projector
from tests.projections.log import Log
from tests.streams.workers import contact_upload

_ROUNDS = 40


async def test_a_rebalance_in_the_middle_of_a_batch_waits_for_it(postgres: str) -> None:
    """The positions are asked for while a batch is in hand: both use the one connection, and take turns."""
    engine, log = Engine(postgres), Log(1)
    projector = Projector(engine, Progress("project"))
    for number in range(_ROUNDS):
        batch = [log.append(contact_upload(1, f"Тестов {number}")) for _ in range(3)]
        _, positions, _ = await asyncio.gather(
            projector.handle(batch), projector.positions([0]), projector.positions([0])
        )
        assert positions[0].next_offset in (3 * number, 3 * number + 3)
    assert (await projector.positions([0]))[0].next_offset == 3 * _ROUNDS
    engine.close()
