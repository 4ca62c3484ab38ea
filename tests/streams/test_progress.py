"""When a worker counts as stalled. Time is a number that the test moves."""

from __future__ import annotations

import pytest

from streams.lag import BATCH_S, IDLE_S, REBALANCE_S, Progress


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def progress(clock: Clock) -> Progress:
    return Progress("project", clock)


def _stalled(progress: Progress, ends: dict[int, int]) -> str | None:
    return progress.stalled(bool(progress.behind(ends)))


def test_a_worker_that_takes_none_of_the_records_that_wait_is_stalled(progress: Progress, clock: Clock) -> None:
    """Seen after Kafka had been killed: nothing was read any longer, and nothing said so."""
    progress.assigned({0: 10})
    clock.now += IDLE_S
    assert _stalled(progress, {0: 11}) is None
    clock.now += 1
    assert "none is taken" in str(_stalled(progress, {0: 11}))


def test_a_worker_without_records_to_take_is_not_stalled(progress: Progress, clock: Clock) -> None:
    """The time counts from when records wait."""
    progress.assigned({0: 10})
    for _ in range(2):
        clock.now += 10 * IDLE_S
        assert _stalled(progress, {0: 10}) is None
    clock.now += IDLE_S
    assert _stalled(progress, {0: 11}) is None


def test_a_batch_in_hand_may_take_longer(progress: Progress, clock: Clock) -> None:
    """A large batch folds for a while; when it is done the worker is idle again."""
    progress.assigned({0: 10})
    progress.begin()
    clock.now += BATCH_S
    assert _stalled(progress, {0: 12}) is None
    clock.now += 1
    assert "in hand" in str(_stalled(progress, {0: 12}))
    progress.done({0: 10})
    progress.batch(1, 0.1)
    clock.now += IDLE_S + 1
    assert "none is taken" in str(_stalled(progress, {0: 12}))


def test_partitions_that_went_to_another_worker_do_not_count(progress: Progress, clock: Clock) -> None:
    """More workers than partitions: the one left with none stays, while the others get on."""
    progress.assigned({0: 10})
    _stalled(progress, {0: 10})
    progress.revoked()
    progress.assigned({})
    clock.now += 100 * REBALANCE_S
    assert _stalled(progress, {0: 99}) is None


def test_a_worker_that_is_never_told_its_partitions_is_stalled(progress: Progress, clock: Clock) -> None:
    """At the start, and after its partitions were taken from it."""
    clock.now += REBALANCE_S + 1
    assert "no partitions" in str(_stalled(progress, {0: 0}))
    progress.assigned({0: 0})
    progress.revoked()
    assert _stalled(progress, {0: 0}) is None
    clock.now += REBALANCE_S + 1
    assert "no partitions" in str(_stalled(progress, {0: 0}))


@pytest.mark.parametrize("away", ["kafka", "postgres"])
def test_nobody_is_stalled_while_a_server_is_away(progress: Progress, clock: Clock, away: str) -> None:
    """And the time counts anew when it is back."""
    progress.assigned({0: 10})
    if away == "postgres":
        progress.begin()
        progress.waiting_for("postgres")
    clock.now += 100 * BATCH_S
    if away == "kafka":
        progress.kafka_away()
    assert _stalled(progress, {0: 11}) is None
    progress.waiting_for(None)
    assert _stalled(progress, {0: 11}) is None
