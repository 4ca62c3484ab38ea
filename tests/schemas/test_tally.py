"""Counts are told once a minute, and none is told twice or left out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from schemas.tally import EVERY_S, Tally


@given(st.lists(st.tuples(st.floats(0, 200), st.integers(0, 9), st.booleans())))
def test_what_is_counted_is_told(steps: list[tuple[float, int, bool]]) -> None:
    """All that was added up to a line stands in that line or one before; two lines are a minute apart at least."""
    now = told_at = 0.0
    tally, added, told = Tally(now), {"records": 0, "failed": 0}, {"records": 0, "failed": 0}
    for seconds, records, failed in steps:
        now += seconds
        added["records"] += records
        added["failed"] += failed
        line = tally.add(now, records=records, failed=failed)
        assert (line is not None) == (now - told_at >= EVERY_S)
        if line is not None:
            told_at = now
            told = {name: told[name] + line[name] for name in told}
            assert told == added
