"""What a long command says while it works, where there is no terminal: lines, with rate and time left."""

from __future__ import annotations

import pytest

from ops import watching
from ops.watching import Watch
from projections.replay.replay import Progress


def test_lines_tell_how_far_it_is_at_what_rate_and_how_long_it_will_take(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time left is told as soon as there is something to judge it by; the total is what was planned so far."""
    monkeypatch.setattr(watching, "_LINE_EVERY_S", 0.0)
    watch = Watch()
    with watch:
        watch.phase("replay")
        watch.plan({0: (0, 900), 1: (50, 150)})
        watch.progress(Progress(0, 5, records=5, events=500))
    with Watch() as later:
        later.phase("replay")
        later.plan({0: (0, 1000)})
        later.progress(Progress(0, 500, records=500, events=50_000))
    first, begun, second, halfway = capsys.readouterr().err.splitlines()
    assert first == second == "Replaying the log …"
    assert begun.startswith("Replaying the log: 0 % of 1000 records, ")
    assert "left" not in begun
    assert halfway.startswith("Replaying the log: 50 % of 1000 records, ")
    assert "events/s, 0 s left" in halfway
    assert (watch.events, later.events) == (500, 50_000)
