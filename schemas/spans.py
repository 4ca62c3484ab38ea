"""Spans of event numbers: their sizes, what they share, what is left of them, and the holes between them. Pure."""

from __future__ import annotations

from collections.abc import Iterable

Span = tuple[int, int]
"""(first, last), both included; empty where last < first"""


def size(span: Span) -> int:
    """How many numbers a span holds."""
    return max(0, span[1] - span[0] + 1)


def total(spans: Iterable[Span]) -> int:
    """How many numbers the spans hold together; one in two spans counts twice."""
    return sum(map(size, spans))


def overlap(one: Span, other: Span) -> Span:
    """The numbers in both; an empty span where there are none."""
    return max(one[0], other[0]), min(one[1], other[1])


def minus(span: Span, taken: Iterable[Span]) -> list[Span]:
    """What is left of `span` without the `taken` ones, in order."""
    left: list[Span] = []
    first, last = span
    for taken_first, taken_last in sorted(taken):
        if taken_last < max(first, taken_first) or taken_first > last:
            continue
        if first < taken_first:
            left.append((first, taken_first - 1))
        first = taken_last + 1
    if first <= last:
        left.append((first, last))
    return left


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same numbers in as few spans as possible, in order."""
    result: list[Span] = []
    for first, last in sorted(spans):
        if last < first:
            continue
        if result and first <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(result[-1][1], last))
        else:
            result.append((first, last))
    return result


def missing(applied_through: int, held: Iterable[Span], given_up: Iterable[Span] = ()) -> list[Span]:
    """The holes of a run: numbers after `applied_through` and before the last one held, neither held nor given up."""
    here = list(held)
    end = max((last for _, last in here), default=0)
    return minus((applied_through + 1, end), [*here, *given_up])
