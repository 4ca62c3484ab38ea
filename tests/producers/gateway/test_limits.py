"""Rates and room, with the clock in the test's hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.gateway.answers import Refusal
from producers.gateway.limits import Capacity, Rate, RateLimit, Rates, Room

RATES = Rates(uploads=Rate(2, 4), events=Rate(100, 200), bytes=Rate(1000, 2000))


def test_a_burst_and_then_the_rate() -> None:
    """After a rest the burst goes through at once, then one upload per half second."""
    limit = RateLimit(RATES)
    assert [limit.wait("t", 0.0) for _ in range(5)] == [0, 0, 0, 0, 0.5]
    assert limit.wait("t", 0.4) == pytest.approx(0.1)
    assert limit.wait("t", 0.5) == 0
    assert limit.wait("other", 0.5) == 0


def test_gateways_grant_a_rate_together() -> None:
    """Two gateways let through half of the burst and half of the rate each; alone again, one grants the whole."""
    both = [RateLimit(RATES), RateLimit(RATES)]
    for limit in both:
        assert limit.wait("early", 0.0) == 0  # a bucket filled before the other came is cut as well
        limit.share(2)
    for till in ("t", "early"):
        assert sum(limit.wait(till, 10.0) == 0 for limit in both for _ in range(10)) == 4
        assert sum(limit.wait(till, 11.0) == 0 for limit in both for _ in range(10)) == 2
    both[0].share(1)
    assert sum(both[0].wait("t", 100.0) == 0 for _ in range(10)) == 4


def test_events_and_bytes_are_paid_afterwards() -> None:
    """An upload that overdraws its bucket goes through; the till waits until that is filled again."""
    limit = RateLimit(RATES)
    assert limit.wait("t", 0.0) == 0
    limit.count("t", 0.0, events=500, size=100)
    assert limit.wait("t", 0.0) == pytest.approx(3.0)
    limit.count("t", 3.0, size=6000)
    assert limit.wait("t", 3.0) == pytest.approx(4.0)
    assert limit.wait("t", 7.0) == 0


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 50)), max_size=60))
def test_no_till_gets_more_than_its_rate(steps: list[tuple[float, int]]) -> None:
    """Whatever the pattern, uploads never exceed burst + rate × time."""
    limit, now, passed = RateLimit(RATES), 0.0, 0
    for pause, events in steps:
        now += pause
        if limit.wait("t", now) == 0:
            passed += 1
            limit.count("t", now, events=events)
        assert passed <= 4 + 2 * now + 1e-6


def test_remembered_tills_are_bounded() -> None:
    """The limit forgets the till that was quiet longest."""
    limit = RateLimit(RATES, size=10)
    for number in range(100):
        limit.wait(f"t{number}", 0.0)
    assert len(limit._buckets) == 10


def test_room_per_till_and_for_all() -> None:
    """A till can take a part of the room only, and gives back what it took."""
    room = Room(Capacity(uploads=2, uploads_per_till=1, bytes=100, bytes_per_till=60))
    with room.request("a"):
        with pytest.raises(Refusal) as refused, room.request("a"):
            pass
        assert refused.value.status == 429
        with room.request("b"):
            with pytest.raises(Refusal) as refused, room.request("c"):
                pass
            assert refused.value.status == 503
    one, other = room.hold("a"), room.hold("b")
    one.resize(60)
    with pytest.raises(Refusal) as refused:
        one.resize(61)
    assert refused.value.status == 429
    other.resize(40)
    with pytest.raises(Refusal) as refused:
        other.resize(41)
    assert refused.value.status == 503
    one.resize(10)
    assert room.bytes_held == 50
    one.release()
    other.release()
    assert room.bytes_held == 0
