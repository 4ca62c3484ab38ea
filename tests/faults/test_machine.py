"""Random steps and faults on a running system; longer ones by `make soak`."""

from __future__ import annotations

from random import Random

import pytest

from tests.faults import rules as rules  # fills RULES
from tests.faults.machine import Machine, plan
from tests.faults.soak import fewer

SEEDS = [6, 2026]
STEPS = 100


@pytest.mark.parametrize("seed", SEEDS)
def test_random_faults_lose_nothing_and_double_nothing(machine: Machine, seed: int) -> None:
    """After 100 random steps each acknowledged event is applied once, and every figure is the model's."""
    for step in plan(seed, STEPS):
        machine.take_step(step)
    machine.check(Random(seed))


def test_a_plan_depends_on_its_seed_alone() -> None:
    """The same seed gives the same steps, another one others."""
    assert plan(1, 50) == plan(1, 50) != plan(2, 50)


def test_a_failing_plan_becomes_smaller_and_still_fails() -> None:
    """What the failure does not need is left out."""
    steps = plan(1, 40)
    needed = {steps[7], steps[31]}
    assert set(fewer(steps, lambda left: needed <= set(left), until=float("inf"))) == needed
