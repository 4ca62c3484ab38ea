"""What waits, and who sees what, when servers are killed and come back."""

from __future__ import annotations

import time
from random import Random

from tests.faults.machine import Machine
from tests.faults.system import AWAY_FOR_S
from tests.service import wait_until


def test_what_waits_behind_a_hole_survives_a_crash_of_postgres(machine: Machine) -> None:
    """A batch after a hole is parked; PostgreSQL and the worker are killed; the hole is filled: all is applied."""
    chance, system = Random(8), machine.system
    run = machine.fresh_run(chance)
    first, hole, after = (run.grow(chance, 3) for _ in range(3))
    assert machine.tills.post(run, first)
    assert machine.tills.post(run, after)
    system.wait_worked_off()
    system.kill("project")
    system.kill_postgres()
    system.start_postgres()
    wait_until(lambda: machine.tills.post(run, hole), "uploads are not accepted again")
    machine.check(chance, proofs=False)


def test_a_broker_that_takes_no_writes_costs_time_only(machine: Machine) -> None:
    """Kafka answers and refuses each write: 503, or the copying waits; everything goes on afterwards, in order."""
    chance, system = Random(9), machine.system
    run = machine.fresh_run(chance)
    assert machine.tills.post(run, run.grow(chance, 3))
    system.wait_worked_off()
    system.refuse_writes("events")
    before = system.pids("anonymise")
    assert machine.tills.post(run, run.grow(chance, 3))
    wait_until(lambda: system.pids("anonymise") != before, "`anonymise` goes on although its copy was refused")
    system.refuse_writes("uploads", "events")
    owed, until = run.grow(chance, 3), time.monotonic() + AWAY_FOR_S / 4
    while time.monotonic() < until:
        assert not machine.tills.post(run, owed)  # and asserts Retry-After
        time.sleep(0.5)
    system.refuse_writes()
    wait_until(lambda: machine.tills.post(run, owed), "uploads are not accepted again")
    machine.check(chance, proofs=False)
