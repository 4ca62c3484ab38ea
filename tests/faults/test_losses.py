"""Each way to lose a part of a log, or to get older data back, once by itself, with tills whose spools are real."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from tests.faults.machine import Machine
from tests.faults.rules import losses, shop
from tests.service import wait_until

WAYS: list[Callable[[Machine, Random], bool]] = [
    losses.postgres_older,
    losses.kafka_older,
    losses.kafka_written_on,
    losses.uploads_made_again,
    losses.retention,
    losses.events_made_again,  # of which `uploads` has not all any more
    losses.copied_home,
]


@pytest.mark.parametrize(
    "way",
    [pytest.param(way, marks=pytest.mark.nightly if way is losses.kafka_written_on else ()) for way in WAYS],
    ids=lambda way: way.__name__,
)
@pytest.mark.parametrize("seed", [3, pytest.param(14, marks=pytest.mark.nightly)])
def test_what_is_lost_is_named_to_the_number(
    machine: Machine, way: Callable[[Machine, Random], bool], seed: int
) -> None:
    """Outlet, run and numbers of `log show`, of the command that goes on and of its export are those that an
    independent reader misses; what spools still hold comes back; then every row is the model's."""
    chance = Random(seed)
    for _ in range(6):
        shop.upload(machine, chance)
    assert way(machine, chance)


@pytest.mark.nightly
def test_what_was_given_up_is_not_owed(machine: Machine) -> None:
    """Numbers that were given up and came after all were answered with 202 and passed over. Where the log loses them,
    with the decision, nobody names them as lost: the run waits for them again, as for a hole."""
    chance = Random(1)
    run = machine.runs[0]
    assert machine.tills.post(run, run.grow(chance, 3))
    late = run.grow(chance, 4)
    assert machine.tills.post(run, run.grow(chance, 2))
    run.late.append(late)
    assert shop.give_up(machine, chance)
    machine.system.wait_worked_off()
    wait_until(lambda: losses.state(machine, run)["applied_through"] == late[1] + 2, "the hole is not given up")
    run.late.clear()
    assert machine.tills.post(run, late)
    assert losses.retention(machine, chance)  # `uploads` has nothing of it any more
    assert losses.events_made_again(machine, chance)
