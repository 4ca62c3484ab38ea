"""Kafka and PostgreSQL: killed, silent, refusing, full."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from aiokafka.errors import KafkaError

from tests.faults.machine import Machine, rule
from tests.faults.rules.shop import upload


@rule("kill kafka", 0.8, "SIGKILL of the broker; back after 0–6 s")
def _kill_kafka(machine: Machine, chance: Random) -> bool:
    if "kafka" in machine.busy:
        return False
    machine.system.kill_kafka()
    machine.later(chance.uniform(0, 6), "kafka", machine.system.start_kafka)
    return True


@rule("kill postgres", 0.8, "SIGKILL of all of PostgreSQL's processes; back after 0–6 s")
def _kill_postgres(machine: Machine, chance: Random) -> bool:
    if {"postgres", "network postgres"} & machine.busy:
        return False
    machine.system.kill_postgres()
    machine.later(chance.uniform(0, 6), "postgres", machine.system.start_postgres)
    return True


@rule("pause kafka", 0.5, "SIGSTOP of the broker for 3–20 s: it takes connections and answers nothing")
def _pause_kafka(machine: Machine, chance: Random) -> bool:
    process = machine.system.broker.process
    if "kafka" in machine.busy or process is None or process.poll() is not None:
        return False
    machine.system.pause(process.pid)
    pid = process.pid
    machine.later(chance.uniform(3, 20), "kafka", lambda: machine.system.resume(pid))
    return True


@rule(
    "kafka refuses writes", 0.5, "the broker answers, and takes no record into `uploads`, `events` or both, for 2–15 s"
)
def _refuse(machine: Machine, chance: Random) -> bool:
    if {"kafka", "network kafka", "refused writes"} & machine.busy:
        return False

    def take_again() -> None:
        try:
            machine.system.refuse_writes()
        except (KafkaError, OSError):  # away meanwhile
            machine.later(2, "refused writes", take_again)

    try:
        machine.system.refuse_writes(*chance.choice([["uploads"], ["events"], ["uploads", "events"]]))
    except (KafkaError, OSError):
        return False  # a fault that is not over yet
    machine.later(chance.uniform(2, 15), "refused writes", take_again)
    upload(machine, chance)
    return True


def _fill(name: str) -> Callable[[Machine, Random], bool]:
    def fill(machine: Machine, chance: Random) -> bool:
        if name in machine.busy or name not in machine.system.disks:
            return False
        machine.system.disks[name].fill(chance.choice([0, 64 * 1024]))
        server = {"kafka": machine.system.start_kafka, "postgres": machine.system.start_postgres}[name]

        def free() -> None:
            machine.system.disks[name].free()
            server()

        machine.later(chance.uniform(1, 6), name, free)
        upload(machine, chance)
        return True

    return fill


for _name in ("kafka", "postgres"):
    rule(f"full disk {_name}", 0.5, "its disk (a tmpfs) has no room for 1–6 s; it is started again if it gave up")(
        _fill(_name)
    )
