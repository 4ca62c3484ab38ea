"""What is done with measurements: kept, carried on, compared round by round."""

from __future__ import annotations

from pathlib import Path

from benchmarks import steps
from benchmarks.__main__ import sizes_of
from benchmarks.bench import Sizes
from benchmarks.results import Results, ratios, spread


def _two_rounds(folder: Path) -> Results:
    results = Results("rebuild", folder)
    for number, (ours, theirs) in enumerate([(20.0, 10.0), (30.0, 10.0)]):
        results.add("rebuild", "ours", ours, "sales/s", round=number, at=1000)
        results.add("rebuild", "copy", theirs, "sales/s", round=number, at=1000)
    return results


def test_ratios_are_taken_within_a_round(tmp_path: Path) -> None:
    """A ratio compares what was measured in the same round; a round that one of the two lacks gives none."""
    results = _two_rounds(tmp_path)
    results.add("rebuild", "ours", 99.0, "sales/s", round=7, at=1000)
    found = results.latest()
    assert ratios(found.of("rebuild", "ours"), found.of("rebuild", "copy")) == [2.0, 3.0]


def test_a_run_is_carried_on_with_further_rounds(tmp_path: Path) -> None:
    """Rounds added later count on from those that are there, and belong to the same run."""
    _two_rounds(tmp_path)
    later = Results("rebuild", tmp_path)
    later.carry_on()
    later.add("rebuild", "ours", 40.0, "sales/s", at=1000)
    found = later.latest().of("rebuild", "ours")
    assert [(result.round, result.value) for result in found] == [(0, 20.0), (1, 30.0), (2, 40.0)]


def test_a_new_run_hides_the_earlier_one(tmp_path: Path) -> None:
    """Figures of two runs never meet in one table; those measured first stay in the file."""
    _two_rounds(tmp_path)
    again = Results("rebuild", tmp_path)
    again.run = "later"
    again.add("rebuild", "ours", 50.0, "sales/s")
    assert again.latest().values() == [50.0]
    assert len((tmp_path / "rebuild.jsonl").read_bytes().splitlines()) == 5


def test_a_step_reports_what_was_measured(tmp_path: Path) -> None:
    """The goals' table holds the ratios and says whether they were met."""
    report = "\n".join(steps.step("rebuild").report(_two_rounds(tmp_path).latest()))
    assert "| against the COPY limit | ≥ 0.8 | 2.00 / 2.50 / 3.00 | met | – |" in report
    assert "| against the fastest peer | ≥ 2.2 | – |  | – |" in report


def test_every_step_can_be_loaded() -> None:
    """`--only` offers no step that is not there."""
    for name in steps.NAMES:
        step = steps.step(name)
        assert step.TITLE
        assert callable(step.run)


def test_a_spread_is_least_median_greatest() -> None:
    """Three figures with slashes between."""
    assert spread([3.0, 1.0, 2.0], 1) == "1.0 / 2.0 / 3.0"


def test_uploads_beside_bad_clients_are_held_to_their_goal(tmp_path: Path) -> None:
    """The step `hostile` takes its ratio within a round, and says where the goal is missed."""
    results = Results("hostile", tmp_path)
    for number, (alone, beside) in enumerate([(1000.0, 950.0), (1000.0, 800.0), (2000.0, 1700.0)]):
        for who, value in (("alone", alone), ("beside them", beside)):
            results.add("hostile", who, value, "uploads/s", round=number, cpu={"web": 500.0})
    assert "| 0.80 / 0.85 / 0.95 | 500 / 500 / 500 | 500 / 500 / 500 | **not met** |" in "\n".join(
        steps.step("hostile").report(results.latest())
    )


def test_no_round_of_the_slow_is_a_number_too() -> None:
    """`--slow-rounds 0` leaves the slow contenders out, and steps that have none still measure once."""
    sizes = sizes_of(False, {"slow_rounds": 0, "rounds": None, "history": ()})
    assert (sizes.slow_rounds, sizes.long_rounds) == (0, 1)
    assert (sizes.rounds, sizes.history) == (Sizes().rounds, Sizes().history)
