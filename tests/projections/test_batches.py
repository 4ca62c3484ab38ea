"""Batches are cut by what records hold, not by how many are read at a time."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from projections.replay import batches
from projections.replay.batches import Batch, Cutter
from schemas.log import LogRecord
from schemas.records import headers


def record(offset: int, events: int, size: int = 0) -> LogRecord:
    said = headers(kind="upload", outlet="o", till="t", run="r", first_seq=1, count=events)
    return LogRecord(0, offset, b"o", b"x" * size, said, datetime(2026, 1, 1, tzinfo=UTC))


def test_many_reads_of_small_records_make_one_batch() -> None:
    cutter = Cutter()
    assert [batch for read in range(10) for batch in cutter.add(record(read * 50 + n, 1) for n in range(50))] == []
    [batch] = cutter.rest()
    assert [found.offset for found in batch.records] == list(range(500))
    assert batch.events == 500
    assert not list(cutter.rest())


def test_a_record_larger_than_a_batch_is_a_batch() -> None:
    cutter = Cutter()
    sizes = [10, batches.BATCH_BYTES + 1, 10]
    found = [*cutter.add(record(offset, 1, size) for offset, size in enumerate(sizes)), *cutter.rest()]
    assert [[of.offset for of in batch.records] for batch in found] == [[0], [1], [2]]


@given(st.lists(st.lists(st.integers(0, 3000), max_size=8), max_size=8))
def test_nothing_is_lost_or_moved(reads: list[list[int]]) -> None:
    """All records come out once and in order, in batches of at most `BATCH_EVENTS` events or of one record."""
    cutter = Cutter()
    found: list[Batch] = []
    offset = 0
    for read in reads:
        found += cutter.add([record(offset + n, events) for n, events in enumerate(read)])
        offset += len(read)
    found += cutter.rest()
    assert [of.offset for batch in found for of in batch.records] == list(range(offset))
    assert sum(batch.events for batch in found) == sum(map(sum, reads))
    assert all(batch.events <= batches.BATCH_EVENTS or len(batch.records) == 1 for batch in found)
