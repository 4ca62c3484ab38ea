"""Spans against plain sets of numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from producers.gateway.spans import Span, holes, joined

spans = st.lists(st.tuples(st.integers(1, 40), st.integers(-1, 10)).map(lambda s: (s[0], s[0] + s[1])), max_size=6)


def numbers(found: list[Span]) -> set[int]:
    return {number for first, last in found for number in range(first, last + 1)}


@given(spans)
def test_joined(found: list[Span]) -> None:
    """The same numbers, in order, with a gap between any two spans."""
    result = joined(found)
    assert numbers(result) == numbers(found)
    assert all(one[1] + 1 < other[0] for one, other in zip(result, result[1:], strict=False))


@given(st.integers(0, 20), spans, spans)
def test_holes(after: int, held: list[Span], given_up: list[Span]) -> None:
    """Missing is what is above `after`, below the last number held, not held and not given up."""
    end = max(numbers(held), default=0)
    expected = set(range(after + 1, end)) - numbers(held) - numbers(given_up)
    assert numbers(holes(after, held, given_up)) == expected
