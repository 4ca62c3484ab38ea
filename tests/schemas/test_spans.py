"""Spans of numbers against plain sets of numbers."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.spans import Span, joined, minus, missing, overlap, size, total

span = st.tuples(st.integers(1, 40), st.integers(-1, 10)).map(lambda drawn: (drawn[0], drawn[0] + drawn[1]))
spans = st.lists(span, max_size=6)


def numbers(of: Iterable[Span]) -> set[int]:
    return {number for first, last in of for number in range(first, last + 1)}


def in_order(of: list[Span]) -> bool:
    """Whether the spans are in order and not empty, with no number in two of them."""
    edges = [edge for first, last in of for edge in (first, last + 1)]
    return edges == sorted(edges) and all(map(size, of))


@given(span, span)
def test_overlap_holds_the_numbers_in_both(one: Span, other: Span) -> None:
    """The overlap of two spans is their intersection, and its size the count of their common numbers."""
    assert numbers([overlap(one, other)]) == numbers([one]) & numbers([other])
    assert size(overlap(one, other)) == len(numbers([one]) & numbers([other]))


@given(spans)
def test_total_adds_up_the_sizes(of: list[Span]) -> None:
    """The total is the sum of the spans' counts; empty spans add nothing."""
    assert total(of) == sum(len(numbers([one])) for one in of)


@given(span, spans)
def test_minus_leaves_the_numbers_not_taken(whole: Span, taken: list[Span]) -> None:
    """What is left is in order, disjoint, not empty, and nothing taken is in it."""
    left = minus(whole, taken)
    assert numbers(left) == numbers([whole]) - numbers(taken)
    assert in_order(left)


@given(spans)
def test_joined_keeps_the_numbers(of: list[Span]) -> None:
    """The same numbers, in order, with a gap between any two spans."""
    result = joined(of)
    assert numbers(result) == numbers(of)
    assert all(before[1] + 1 < after[0] for before, after in zip(result, result[1:], strict=False))


@given(st.integers(0, 20), spans, spans)
def test_missing_is_what_nobody_has(applied_through: int, held: list[Span], given_up: list[Span]) -> None:
    """Missing is what is above `applied_through`, below the last number held, not held and not given up."""
    end = max((last for _, last in held), default=0)
    result = missing(applied_through, held, given_up)
    assert numbers(result) == set(range(applied_through + 1, end + 1)) - numbers(held) - numbers(given_up)
    assert in_order(result)


@pytest.mark.parametrize(
    ("applied_through", "held", "given_up", "holes"),
    [
        (10, [], [], []),
        (10, [(15, 20)], [], [(11, 14)]),
        (10, [(15, 20), (25, 30)], [], [(11, 14), (21, 24)]),
        (10, [(15, 20), (25, 30)], [(11, 14)], [(21, 24)]),
        (10, [(25, 30)], [(13, 14)], [(11, 12), (15, 24)]),
        (10, [(11, 20)], [], []),
        (10, [(15, 20)], [(30, 40)], [(11, 14)]),
    ],
)
def test_missing_by_example(applied_through: int, held: list[Span], given_up: list[Span], holes: list[Span]) -> None:
    """A number is missing where a later one is here and nobody gave it up."""
    assert missing(applied_through, held, given_up) == holes
