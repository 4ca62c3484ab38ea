"""Processes and servers struck at named points, between two effects."""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random

from schemas.failpoints import POINTS
from tests.faults.machine import Machine, rule
from tests.faults.rebuilds import Rebuild
from tests.faults.rules.shop import forget, upload


def _strike_at(point: str) -> Callable[[Machine, Random], bool]:
    def strike(machine: Machine, chance: Random) -> bool:
        if machine.busy:  # nobody would come by
            return False
        machine.system.arm(point)
        if point.startswith("rebuild"):
            Rebuild(machine.system, "rebuild").wait(killed=True)
        elif point.startswith("outbox"):
            forget(machine, chance)
        else:
            upload(machine, chance)
        deadline = time.monotonic() + _COMES_BY_WITHIN_S
        while machine.system.armed(point) and time.monotonic() < deadline:
            time.sleep(0.02)
        return point not in machine.system.disarm()

    return strike


_COMES_BY_WITHIN_S = 5.0

for _point, _when in POINTS.items():
    if _point.startswith("tell."):
        continue  # nobody tells owners here: see tests/notices/test_telling.py
    rule(f"kill at {_point}", 0.9, f"SIGKILL at the fail point `{_point}`: {_when}")(_strike_at(_point))


def _stop_inside(point: str, name: str) -> Callable[[Machine, Random], bool]:
    def stop(machine: Machine, chance: Random) -> bool:
        if machine.busy:
            return False
        if not machine.system.workers[name]:
            machine.system.add_worker(name)
        machine.system.arm(point, "stop")
        upload(machine, chance)
        struck = wait_until_still(machine, name)
        machine.system.disarm()

        def go_on() -> None:
            for pid in struck:
                machine.system.resume(pid)

        machine.later(chance.uniform(11, 16), name, go_on)
        return bool(struck)

    return stop


def wait_until_still(machine: Machine, name: str) -> list[int]:
    """The processes of that name that a fail point has stopped; none where nobody came by in time."""
    deadline = time.monotonic() + _COMES_BY_WITHIN_S
    while True:
        found = [pid for pid in machine.system.pids(name) if machine.system.stands_still(pid)]
        if found or time.monotonic() > deadline:
            return found
        time.sleep(0.02)


rule("zombie in transaction", 0.4, "SIGSTOP with a transaction open, past the session timeout, then SIGCONT")(
    _stop_inside("project.before_commit", "project")
)
rule("zombie before send", 0.4, "SIGSTOP with a record read and not sent, past the session timeout, then SIGCONT")(
    _stop_inside("anonymise.before_send", "anonymise")
)


def _kill_server_at(server: str, point: str, name: str) -> Callable[[Machine, Random], bool]:
    def kill(machine: Machine, chance: Random) -> bool:
        if machine.busy:
            return False
        system = machine.system
        kill_it, start_it = {
            "kafka": (system.kill_kafka, system.start_kafka),
            "postgres": (system.kill_postgres, system.start_postgres),
        }[server]
        system.arm(point, "stop")
        upload(machine, chance)
        struck = wait_until_still(machine, name)
        system.disarm()
        if struck:
            kill_it()
            machine.later(chance.uniform(0, 4), server, start_it)
        for pid in struck:
            system.resume(pid)
        return bool(struck)

    return kill


for _server, _point, _name in (
    ("kafka", "gateway.before_send", "gateway"),
    ("kafka", "gateway.before_answer", "gateway"),
    ("kafka", "anonymise.before_send", "anonymise"),
    ("kafka", "anonymise.after_send", "anonymise"),
    ("postgres", "project.before_commit", "project"),
    ("postgres", "project.after_commit", "project"),
):
    rule(f"kill {_server} at {_point}", 0.4, f"`{_name}` is held at that fail point while {_server} is killed")(
        _kill_server_at(_server, _point, _name)
    )
