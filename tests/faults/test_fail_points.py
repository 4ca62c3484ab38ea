"""Each process is killed between any two of its effects, at a named point."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from projections.replay.catchup import session
from schemas import outbox
from schemas.failpoints import POINTS, VARIABLE
from schemas.records import ContactForgotten
from tests.faults.machine import Machine
from tests.faults.rebuilds import Rebuild
from tests.service import wait_until

pytestmark = pytest.mark.usefixtures("programs")


def test_killed_at_every_point_the_system_loses_and_doubles_nothing(machine: Machine) -> None:
    """SIGKILL at each fail point in turn while a till sends: everything acknowledged is applied once. Those of what
    owners are told stand in tests/notices/test_telling.py."""
    chance = Random(9)
    run = machine.fresh_run(chance)
    for point in (each for each in POINTS if not each.startswith("tell.")):
        machine.system.wait_healthy()
        machine.system.arm(point)
        if point.startswith("rebuild"):
            Rebuild(machine.system, "rebuild").wait(killed=True)
        elif point.startswith("outbox"):
            with session(machine.system.postgres) as connection, connection.transaction():
                order = ContactForgotten(run.outlet, "c1", datetime.now(UTC))
                connection.execute(outbox.SEND, outbox.parameters(order))
        else:
            machine.tills.send(run, run.grow(chance, 3))
        wait_until(lambda point=point: not machine.system.armed(point), f"nobody came by {point}")  # type: ignore[misc]
    machine.check(chance, proofs=False)


@pytest.mark.parametrize(("order", "code"), [("kill", -9), (None, 0)])
def test_a_point_strikes_once_and_only_where_it_is_armed(tmp_path: Path, order: str | None, code: int) -> None:
    """A file in the folder named by the variable makes the process end, and is taken away."""
    if order:
        (tmp_path / "project.before_commit").write_text(order)
    assert _pass_by({VARIABLE: str(tmp_path)}) == code
    assert not list(tmp_path.iterdir())


def test_without_the_variable_a_point_does_nothing(tmp_path: Path) -> None:
    """It does not even look whether there is such a point."""
    program = "from schemas.failpoints import fail_point; fail_point('no such point')"
    without = {name: value for name, value in os.environ.items() if name != VARIABLE}
    assert subprocess.run([sys.executable, "-c", program], env=without).returncode == 0


def _pass_by(environment: dict[str, str]) -> int:
    program = "from schemas.failpoints import fail_point; fail_point('project.before_commit')"
    return subprocess.run([sys.executable, "-c", program], env={**os.environ, **environment}).returncode
