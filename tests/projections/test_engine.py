"""The engine against a real PostgreSQL: whatever way events travel, the rows are those of an independent model."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.apply.engine import Engine, PositionConflict
from schemas.log import LogRecord
from tests.projections.world import World, batches, sales
from tests.schemas.strategies import RunHistory, arriving, delivery, histories, interleaved

# One database serves all examples of a property test: each example begins with empty tables.
real = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


cuts = st.lists(st.integers(1, 30), max_size=5)


@real
@given(st.data())
def test_any_delivery_gives_the_rows_of_the_model(world: World, data: st.DataObject) -> None:
    """Cut anyhow, sent again, out of order, interleaved with other runs and outlets: the rows are the model's."""
    world.begin()
    runs = data.draw(histories())
    for upload in data.draw(interleaved([data.draw(delivery(run)) for run in runs]).flatmap(arriving)):
        world.append(upload)
    world.apply(data.draw(cuts))
    world.agree()
    assert world.applied.read == world.applied.applied + world.applied.duplicate + world.applied.discarded


@real
@given(st.data())
def test_two_deliveries_of_one_history_give_the_same_rows(world: World, data: st.DataObject) -> None:
    """Where each outlet has one run, the way it travelled leaves no trace in any row."""
    runs = data.draw(histories(outlets=3, tills=1, runs=1))
    found = []
    for _ in range(2):
        world.begin()
        for upload in data.draw(interleaved([data.draw(delivery(run)) for run in runs])):
            world.append(upload)
        world.apply(data.draw(cuts))
        assert all(run.waiting == 0 for model in world.models.values() for run in model.runs.values())
        found.append({run.outlet: world.tables.everything(run.outlet) for run in runs})
    assert found[0] == found[1]


@real
@given(st.data())
def test_lost_batches_wait(world: World, data: st.DataObject) -> None:
    """Where batches of a run never come, what stands after the hole waits, and the rows are those up to the hole."""
    world.begin()
    for run in data.draw(histories()):
        for upload in data.draw(
            delivery(run).flatmap(lambda found: st.lists(st.sampled_from(found), max_size=4)).flatmap(arriving)
        ):
            world.append(upload)
    world.apply(data.draw(cuts))
    world.agree()


@real
@given(st.data())
def test_the_first_content_read_for_a_number_stays(world: World, data: st.DataObject) -> None:
    """Two contents under the same numbers, cut anyhow: the one read first counts, number by number."""
    world.begin()
    [first, *_] = data.draw(histories(outlets=1, tills=1, runs=1))
    [second, *_] = data.draw(histories(outlets=1, tills=1, runs=1))
    other = RunHistory(first.outlet, first.till, first.run, first.zone, second.events, first.day_begins, first.imported)
    for upload in data.draw(interleaved([data.draw(delivery(first)), data.draw(delivery(other))])):
        world.append(upload)
    world.apply(data.draw(cuts))
    world.agree()


@real
@given(st.data())
def test_batches_applied_again_change_nothing(world: World, data: st.DataObject) -> None:
    """A worker that starts anywhere before the position (a zombie, a restart) changes no row and no count."""
    world.begin()
    for run in data.draw(histories()):
        for upload in data.draw(delivery(run)):
            world.append(upload)
    marks = data.draw(cuts)
    for batch in batches(world.log.records, marks):
        world.engine.apply(batch)
        again = data.draw(st.integers(0, len(world.log.records)))
        before = [record for record in world.log.records if _is_applied(world, record)]
        assert world.engine.apply(before[again:]).records == 0
    world.agree()


def test_two_workers_at_once_apply_each_record_once(world: World, postgres: str) -> None:
    """Of two workers that apply the same batches at the same moment, each record is applied by one."""
    run = sales(12)
    for number in range(1, 13):
        world.append(run.upload(number, number))
    other = Engine(postgres)
    try:
        with ThreadPoolExecutor(2) as workers:
            for batch in batches(world.log.records, [3, 5, 9]):
                both = [workers.submit(engine.apply, batch) for engine in (world.engine, other)]
                assert sum(one.result().records for one in both) == len(batch)
    finally:
        other.close()
    world.agree()


def _is_applied(world: World, record: LogRecord) -> bool:
    return record.offset < world.engine.start_offsets([record.partition])[record.partition]


def test_records_past_the_position_are_refused(world: World) -> None:
    """A batch that does not begin where the position is, or has a hole in it, is refused whole."""
    run = sales(6)
    for number in range(1, 7):
        world.append(run.upload(number, number))
    records = world.log.records
    with pytest.raises(PositionConflict):
        world.engine.apply(records[1:])
    with pytest.raises(PositionConflict):
        world.engine.apply([*records[:2], records[4]])
    partition = records[0].partition
    assert world.engine.start_offsets([partition]) == {partition: 0}
    world.apply()
    world.agree()
    assert world.engine.start_offsets([partition, 77]) == {partition: 6, 77: 0}
