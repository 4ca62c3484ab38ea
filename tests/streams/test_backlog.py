"""What a worker holds is bounded by bytes; a batch is what came meanwhile; what is dropped leaves no hole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP
from mode.utils.queues import FlowControlEvent

from schemas.log import LogRecord
from streams import batching
from streams.batching import BacklogQueue, Batches, Read, reads
from streams.transport import Together

LONG = 60.0
MOMENT = datetime(2026, 3, 2, 1, tzinfo=UTC)


def record(number: int, size: int = 1) -> LogRecord:
    return LogRecord(0, number, b"key", b"x" * size, [], MOMENT)


def read(*numbers: int, size: int = 1) -> Read:
    return Read([record(number) for number in numbers], size)


def event(read: Read) -> Any:
    """As Faust hands a read on."""
    return SimpleNamespace(message=SimpleNamespace(value=read))


def offsets(records: list[LogRecord]) -> list[int]:
    return [record.offset for record in records]


def queue() -> BacklogQueue:
    return BacklogQueue(flow_control=FlowControlEvent(initially_suspended=False))


async def of(queue: BacklogQueue) -> AsyncIterator[Any]:
    """The reads put into a queue, up to None."""
    while (found := await queue.get()) is not None:
        yield found.message.value


def test_a_read_holds_so_many_records() -> None:
    found = list(reads(map(record, range(batching.MOST_RECORDS + 1))))
    assert [offsets(read.records) for read in found] == [[*range(batching.MOST_RECORDS)], [batching.MOST_RECORDS]]


def test_a_read_holds_so_many_bytes_and_one_record() -> None:
    half = batching.MOST_BYTES // 2
    found = list(reads([record(1, half), record(2, half - 1), record(3, 4 * half), record(4)]))
    assert [offsets(read.records) for read in found] == [[1, 2, 3], [4]]
    assert [read.size for read in found] == [6 * half - 1, 1]


def test_an_answer_of_kafka_is_one_message_for_all_partitions() -> None:
    """Faust goes by the partition and offset of the message: those of its last record."""
    answer: Mapping[TP, Any] = {
        TP("events", number): [kafka_record(number, offset) for offset in (7, 8)] for number in (3, 1)
    }
    [(partition, found)] = Together().iterate(answer)
    assert partition == TP("events", 1)
    assert [(each.partition, each.offset) for each in found.records] == [(3, 7), (3, 8), (1, 7), (1, 8)]
    assert found.records[0].timestamp == MOMENT


@pytest.mark.parametrize(("count", "size"), [(300, 100_000), (5000, 100)])
def test_a_partition_with_much_does_not_hold_up_the_others(count: int, size: int) -> None:
    """After an outage one outlet's backlog may fill an answer: the other partitions of it come in the first read, and
    those with much in turn; each in its order."""
    answer: Mapping[TP, Any] = {
        TP("events", 3): [kafka_record(3, offset, size) for offset in range(count)],
        TP("events", 5): [kafka_record(5, offset, size) for offset in range(count)],
        TP("events", 1): [kafka_record(1, 7)],
    }
    found = [read for _, read in Together().iterate(answer)]
    assert {record.partition for record in found[0].records} == {1, 3, 5}
    records = [record for read in found for record in read.records]
    for partition, its in answer.items():
        assert [each.offset for each in records if each.partition == partition.partition] == [
            each.offset for each in its
        ]
    half = records[: count // 2]
    assert abs(sum(each.partition == 3 for each in half) - sum(each.partition == 5 for each in half)) <= 100


def kafka_record(partition: int, offset: int, size: int = 1) -> Any:
    return SimpleNamespace(
        partition=partition,
        offset=offset,
        key=b"key",
        value=b"x" * size,
        headers=(),
        timestamp=MOMENT.timestamp() * 1000,
    )


async def test_what_came_meanwhile_is_one_batch() -> None:
    waiting = queue()
    batches = Batches().of(of(waiting))
    waiting.put_nowait(event(read(1)))
    assert offsets(await anext(batches)) == [1]
    for number in range(2, 5):
        waiting.put_nowait(event(read(number)))
    async with asyncio.timeout(LONG):
        while not waiting.empty():  # noqa: ASYNC110  (a queue tells nobody)
            await asyncio.sleep(0)
    assert offsets(await anext(batches)) == [2, 3, 4]


async def test_a_batch_is_bounded() -> None:
    """One read may come on top; the next waits until the batch is taken."""
    full = [*range(batching.MOST_RECORDS - 1)]

    async def three() -> AsyncIterator[Read]:
        yield read(*full)
        yield read(*full)
        yield read(1)

    found = [batch async for batch in Batches().of(three())]
    assert [len(batch) for batch in found] == [2 * len(full), 1]


async def test_what_the_stream_raises_is_raised_after_what_came_before() -> None:
    async def breaks() -> AsyncIterator[Read]:
        yield read(1)
        raise LookupError

    batches = Batches().of(breaks())
    assert offsets(await anext(batches)) == [1]
    with pytest.raises(LookupError):
        await anext(batches)


@pytest.mark.parametrize("full", [read(1, size=batching.MOST_BYTES), read(*range(batching.MOST_RECORDS))])
async def test_a_full_queue_holds_the_fetcher_until_there_is_room(full: Read) -> None:
    waiting = queue()
    waiting.put_nowait(event(full))
    putting = asyncio.create_task(waiting.put(event(read(2))))
    await asyncio.sleep(0)
    assert not putting.done()
    assert (await waiting.get()).message.value == full
    await putting
    waiting.clear()
    assert not waiting.full()


async def test_what_is_dropped_is_all_that_was_not_given_out() -> None:
    """Else the next batch would begin behind a hole, when partitions come back and are read again."""
    waiting = queue()
    batches = Batches()
    given = batches.of(of(waiting))
    first = asyncio.ensure_future(anext(given))
    waiting.put_nowait(event(read(0)))
    assert offsets(await first) == [0]
    waiting.force_put_nowait(event(read(*range(1, batching.MOST_RECORDS + 1))))
    waiting.force_put_nowait(event(read(batching.MOST_RECORDS + 1)))
    async with asyncio.timeout(LONG):
        while not batches.held:  # noqa: ASYNC110  (nobody tells)
            await asyncio.sleep(0)
    waiting.clear()
    batches.shut()
    batches.open()
    again = asyncio.ensure_future(anext(given))
    waiting.put_nowait(event(read(7)))
    assert offsets(await again) == [7]


async def test_a_read_on_its_way_while_partitions_are_taken_away_is_left_out() -> None:
    """Faust emptied its queue just before it: 29 was dropped, 30 came after, and both are read again."""
    waiting = queue()
    batches = Batches()
    given = batches.of(of(waiting))
    batches.shut()
    waiting.put_nowait(event(read(30)))
    first = asyncio.ensure_future(anext(given))
    async with asyncio.timeout(LONG):
        while not waiting.empty():  # noqa: ASYNC110  (a queue tells nobody)
            await asyncio.sleep(0)
    batches.open()
    waiting.put_nowait(event(read(29)))
    waiting.put_nowait(event(read(30)))
    found = offsets(await first)
    while len(found) < 2:
        found += offsets(await anext(given))
    assert found == [29, 30]
