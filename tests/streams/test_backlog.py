"""What a worker holds is bounded by bytes; batches are full, or what came in time; what is dropped leaves no hole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from mode.utils.queues import FlowControlEvent

from streams import batching
from streams.batching import BacklogQueue, Batches, Event

LONG = 60.0


def event(number: int, size: int = 1) -> Any:
    return SimpleNamespace(message=SimpleNamespace(offset=number, value=b"x" * size))


def offsets(batch: list[Event]) -> list[int]:
    return [found.message.offset for found in batch]


def queue() -> BacklogQueue:
    return BacklogQueue(flow_control=FlowControlEvent(initially_suspended=False))


async def of(queue: BacklogQueue) -> AsyncIterator[Any]:
    """The events put into a queue, up to None."""
    while (found := await queue.get()) is not None:
        yield found


async def numbers(*events: Any, within: float = LONG) -> list[list[int]]:
    async def all_of_them() -> AsyncIterator[Any]:
        for found in events:
            yield found

    return [offsets(batch) async for batch in Batches(within).of(all_of_them())]


async def test_a_batch_holds_so_many_records() -> None:
    found = await numbers(*map(event, range(batching.MOST_RECORDS + 1)))
    assert found == [[*range(batching.MOST_RECORDS)], [batching.MOST_RECORDS]]


async def test_a_batch_holds_so_many_bytes_and_one_record() -> None:
    half = batching.MOST_BYTES // 2
    assert await numbers(event(1, half), event(2, half - 1), event(3, 4 * half), event(4)) == [[1, 2, 3], [4]]


async def test_a_part_of_a_batch_comes_in_time() -> None:
    waiting = queue()
    batches = Batches(0.01).of(of(waiting))
    for number in range(3):
        waiting.put_nowait(event(number))
        assert offsets(await anext(batches)) == [number]


async def test_what_the_stream_raises_is_raised_after_what_came_before() -> None:
    async def breaks() -> AsyncIterator[Any]:
        yield event(1)
        raise LookupError

    batches = Batches(LONG).of(breaks())
    assert offsets(await anext(batches)) == [1]
    with pytest.raises(LookupError):
        await anext(batches)


async def test_a_full_queue_holds_the_fetcher_until_there_is_room() -> None:
    waiting = queue()
    waiting.put_nowait(event(1, batching.MOST_BYTES))
    putting = asyncio.create_task(waiting.put(event(2)))
    await asyncio.sleep(0)
    assert not putting.done()
    assert (await waiting.get()).message.offset == 1
    await putting
    waiting.clear()
    assert not waiting.full()


async def test_what_is_dropped_is_all_that_was_not_given_out() -> None:
    """Else the next batch would begin behind a hole, when partitions come back and are read again."""
    waiting = queue()
    batches = Batches(LONG)
    given = batches.of(of(waiting))
    first = asyncio.ensure_future(anext(given))
    for number in range(batching.MOST_RECORDS + 5):
        waiting.force_put_nowait(event(number))
    assert len(await first) == batching.MOST_RECORDS
    async with asyncio.timeout(LONG):
        while not waiting.empty():  # noqa: ASYNC110  (those that are left are taken out of it: a queue tells nobody)
            await asyncio.sleep(0)
    batches.shut()
    batches.open()
    again = asyncio.ensure_future(anext(given))
    waiting.put_nowait(event(7, batching.MOST_BYTES))
    assert offsets(await again) == [7]


async def test_a_record_on_its_way_while_partitions_are_taken_away_is_left_out() -> None:
    """Faust emptied its queue just before it: 29 was dropped, 30 came after, and both are read again."""
    waiting = queue()
    batches = Batches(0.01)
    given = batches.of(of(waiting))
    batches.shut()
    waiting.put_nowait(event(30))
    first = asyncio.ensure_future(anext(given))
    async with asyncio.timeout(LONG):
        while not waiting.empty():  # noqa: ASYNC110  (a queue tells nobody)
            await asyncio.sleep(0)
    batches.open()
    waiting.put_nowait(event(29))
    waiting.put_nowait(event(30))
    assert offsets(await first) == [29, 30]
