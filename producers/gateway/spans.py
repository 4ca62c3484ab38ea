"""Spans of event numbers `(first, last)`, both included: joined and subtracted. Pure."""

from __future__ import annotations

from collections.abc import Iterable

Span = tuple[int, int]


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same numbers in as few spans as can be, in order."""
    found: list[Span] = []
    for first, last in sorted(spans):
        if last < first:
            continue
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def holes(after: int, held: Iterable[Span], given_up: Iterable[Span]) -> list[Span]:
    """The numbers above `after` and below the last one held that are neither held nor given up."""
    held = joined(held)
    if not held:
        return []
    end = held[-1][1]
    missing: list[Span] = []
    turn = after + 1
    for first, last in joined([*held, *given_up]):
        if first > turn:
            missing.append((turn, min(first - 1, end)))
        turn = max(turn, last + 1)
    return [span for span in missing if span[0] <= span[1]]
