"""A worker that stood still while another took its place wakes up and changes nothing."""

from __future__ import annotations

from random import Random

import pytest

from tests.faults.machine import Machine
from tests.faults.tills import Run
from tests.service import wait_until


@pytest.mark.parametrize(
    "points",
    [("project.before_commit", "anonymise.before_send"), ("project.after_commit", "anonymise.after_send")],
    ids=["before", "after"],
)
def test_the_place_of_a_frozen_worker_is_taken_and_it_wakes_up_harmless(
    machine: Machine, points: tuple[str, str]
) -> None:
    """One of each frozen at a commit point: others go on, then the zombies wake up; all adds up."""
    system, chance = machine.system, Random(points[0])
    run = machine.fresh_run(chance)
    frozen = [_freeze(machine, run, chance, point) for point in points]
    for name in ("anonymise", "project"):
        system.add_worker(name)
    assert machine.tills.post(run, run.grow(chance, 5))
    system.wait_worked_off()  # while the first ones still stand there, a transaction open or not
    assert all(system.stands_still(pid) for pid in frozen)
    for pid in frozen:
        system.resume(pid)
    assert machine.tills.post(run, run.grow(chance, 5))
    machine.check(chance, proofs=False)


def _freeze(machine: Machine, run: Run, chance: Random, point: str) -> int:
    """Sends something, and returns the process that it made stand still."""
    name, system = point.split(".")[0], machine.system
    system.arm(point, "stop")
    assert machine.tills.post(run, run.grow(chance, 5))
    wait_until(lambda: not system.armed(point), "nobody came by the fail point")
    found: list[int] = []

    def stands() -> bool:
        found[:] = [pid for pid in system.pids(name) if system.stands_still(pid)]
        return bool(found)

    wait_until(stands, "the process does not stand still")
    return found[0]
