"""Counts are told once a minute, and none is told twice or left out."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import tally as tallies
from schemas.tally import EVERY_S, ODD_MAX, Tally, Told


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


class _Log:
    """Lines by level, in place of a log."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, dict[str, Any]]] = []

    def info(self, event: str, **facts: Any) -> None:
        self.lines.append(("info", event, facts))

    def debug(self, event: str, **facts: Any) -> None:
        self.lines.append(("debug", event, facts))


def test_a_flood_of_failures_does_not_fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what fails in a minute the first have lines of their own; the rest is counted, and the next minute begins
    anew."""
    now = 1000.0
    monkeypatch.setattr(tallies, "time", SimpleNamespace(monotonic=lambda: now))
    log = _Log()
    told = Told(log, "counts")
    for _ in range(ODD_MAX + 150):
        told("upload", now, {"requests": 1}, odd=True)
    now += EVERY_S
    told("upload", now, {"requests": 1})
    told("upload", now, {"requests": 1}, odd=True)
    lines = [event for level, event, _ in log.lines if level == "info"]
    assert lines == ["upload"] * ODD_MAX + ["counts", "upload"]
    [counts] = [facts for _, event, facts in log.lines if event == "counts"]
    assert (counts["untold"], counts["requests"]) == (150, ODD_MAX + 151)
