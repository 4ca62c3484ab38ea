"""Processes that are killed, that stand still, that come and go."""

from __future__ import annotations

import signal
from collections.abc import Callable
from random import Random

from tests.faults.machine import Machine, rule
from tests.faults.rebuilds import Rebuild
from tests.faults.rules.shop import upload


def _kill_process(name: str) -> Callable[[Machine, Random], bool]:
    def kill(machine: Machine, chance: Random) -> bool:
        machine.system.kill(name)
        return True

    return kill


for _name, _what in (
    ("gateway", "what takes uploads"),
    ("web", "what draws pages"),
    ("anonymise", "the worker `anonymise`"),
    ("project", "the worker `project`"),
):
    rule(f"kill {_name}", 1.2, f"SIGKILL of {_what}; the supervisor starts it again")(_kill_process(_name))


@rule("kill supervisor", 0.5, "SIGKILL of `weboffice up`; started again by hand")
def _kill_supervisor(machine: Machine, chance: Random) -> bool:
    if machine.busy:  # it can't become ready while something is away
        return False
    machine.system.kill_supervisor()
    return True


@rule("kill rebuild", 0.5, "SIGKILL of `weboffice rebuild` at a random moment, then another rebuild, which takes it up")
def _kill_rebuild(machine: Machine, chance: Random) -> bool:
    if machine.busy:
        return False
    Rebuild(machine.system, "rebuild").kill_after(chance.uniform(0.3, 2.5))
    return True


def _zombie(name: str) -> Callable[[Machine, Random], bool]:
    def zombie(machine: Machine, chance: Random) -> bool:
        if name in machine.busy or "kafka" in machine.busy:
            return False
        if not machine.system.workers[name]:
            machine.system.add_worker(name)
        pids = machine.system.pids(name)
        if not pids:
            return False
        pid = chance.choice(pids)
        machine.system.pause(pid)
        machine.later(chance.uniform(11, 16), name, lambda: machine.system.resume(pid))
        upload(machine, chance)
        return True

    return zombie


for _name in ("anonymise", "project"):
    rule(f"zombie {_name}", 0.5, "SIGSTOP past the session timeout while another worker takes over, then SIGCONT")(
        _zombie(_name)
    )


def _join(name: str) -> Callable[[Machine, Random], bool]:
    def join(machine: Machine, chance: Random) -> bool:
        if len(machine.system.workers[name]) >= 2:
            return False
        machine.system.add_worker(name)
        return True

    return join


def _leave(name: str, how: signal.Signals) -> Callable[[Machine, Random], bool]:
    def leave(machine: Machine, chance: Random) -> bool:
        if not machine.system.workers[name] or name in machine.busy:
            return False
        machine.system.end_worker(name, how)
        return True

    return leave


for _name in ("anonymise", "project"):
    rule(f"{_name} joins", 0.8, f"a second or third `{_name}` comes: rebalance")(_join(_name))
    rule(f"{_name} leaves", 0.5, f"SIGTERM to an extra `{_name}`: rebalance")(_leave(_name, signal.SIGTERM))
    rule(f"kill extra {_name}", 0.5, f"SIGKILL of an extra `{_name}`: rebalance after the session timeout")(
        _leave(_name, signal.SIGKILL)
    )
