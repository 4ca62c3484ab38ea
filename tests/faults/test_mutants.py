"""The deliberate bugs are kept in step with the sources that they are put into."""

from __future__ import annotations

import pytest

from tests.faults.mutants import MUTANTS, Mutant
from tests.faults.mutation import ROOT


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_each_deliberate_bug_still_has_its_place(mutant: Mutant) -> None:
    """What it changes stands there exactly once, and the tests that are to notice are there."""
    for change in mutant.changes:
        assert (ROOT / change.file).read_text().count(change.old) == 1, change
        assert change.old != change.new
    assert all((ROOT / test.split("::")[0]).is_file() for test in mutant.tests)
