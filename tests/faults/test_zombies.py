"""A worker that stood still while another took its place wakes up and changes nothing."""

from __future__ import annotations

from random import Random

import pytest

from tests.faults.machine import Machine
from tests.service import wait_until

STOPPED_INSIDE = {
    "project.before_commit": "project",
    "project.after_commit": "project",
    "anonymise.before_send": "anonymise",
    "anonymise.after_send": "anonymise",
}


@pytest.mark.parametrize("point", STOPPED_INSIDE)
def test_the_place_of_a_frozen_worker_is_taken_and_it_wakes_up_harmless(machine: Machine, point: str) -> None:
    """Frozen at a commit point: another worker goes on, then the zombie wakes up; all adds up."""
    name, system, chance = STOPPED_INSIDE[point], machine.system, Random(point)
    run = machine.fresh_run(chance)
    system.arm(point, "stop")
    assert machine.tills.post(run, run.grow(chance, 5))
    wait_until(lambda: not system.armed(point), "nobody came by the fail point")
    [frozen] = [pid for pid in system.pids(name) if system.stands_still(pid)]
    system.add_worker(name)
    assert machine.tills.post(run, run.grow(chance, 5))
    system.wait_worked_off()  # while the first one still stands there, a transaction open or not
    assert system.stands_still(frozen)
    system.resume(frozen)
    assert machine.tills.post(run, run.grow(chance, 5))
    machine.check(chance, proofs=False)
