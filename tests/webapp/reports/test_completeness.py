"""Which numbers of a run are missing."""

from __future__ import annotations

import pytest

from webapp.reports.completeness import Span, holes


@pytest.mark.parametrize(
    ("applied", "held", "given_up", "missing"),
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
def test_holes(applied: int, held: list[Span], given_up: list[Span], missing: list[Span]) -> None:
    """A number is missing where a later one is here and nobody gave it up."""
    assert holes(applied, held, given_up) == missing
