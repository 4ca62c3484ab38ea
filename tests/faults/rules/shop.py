"""What tills and owners do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any

import psycopg

from projections.proof import quarantine
from projections.replay.catchup import session
from schemas import outbox
from schemas.errors import InfrastructureUnreachable
from schemas.outbox import Order
from schemas.records import ContactForgotten, GapGivenUp, OutletRemoved
from tests.faults.machine import Machine, rule
from tests.faults.rebuilds import Rebuild


@rule("upload", 70)
def upload(machine: Machine, chance: Random) -> bool:
    run = machine.pick(chance)
    machine.tills.send(run, run.grow(chance, chance.randrange(1, 12)))
    return True


@rule("upload a large batch", 1)
def _upload_large(machine: Machine, chance: Random) -> bool:
    run = machine.pick(chance)
    machine.tills.send(run, run.grow(chance, chance.randrange(200, 501)))
    return True


@rule("upload again", 20)
def _again(machine: Machine, chance: Random) -> bool:
    run = machine.pick(chance)
    if run.batches:
        machine.tills.send(run, chance.choice(run.batches[-6:]))
    return bool(run.batches)


@rule("upload again, cut differently", 10)
def _cut(machine: Machine, chance: Random) -> bool:
    run = machine.pick(chance)
    if not run.batches:
        return False
    first = chance.randrange(max(1, len(run.events) - 40), len(run.events) + 1)
    machine.tills.send(run, (first, min(len(run.events), first + chance.randrange(25))))
    return True


@rule("upload out of order", 15)
def _out_of_order(machine: Machine, chance: Random) -> bool:
    run = machine.pick(chance)
    spans = [run.grow(chance, chance.randrange(1, 6)) for _ in range(chance.randrange(2, 5))]
    for span in chance.sample(spans, len(spans)):
        machine.tills.send(run, span)
    return True


@rule("keep a batch back", 7)
def _keep_back(machine: Machine, chance: Random) -> bool:
    run = machine.pick(chance)
    run.late.append(run.grow(chance, chance.randrange(1, 6)))
    return True


@rule("upload what was kept back", 7)
def _late(machine: Machine, chance: Random) -> bool:
    run = next((run for run in machine.runs if run.late), None)
    if run is not None:
        machine.tills.send(run, run.late.pop(chance.randrange(len(run.late))))
    return run is not None


@rule("begin another run", 3)
def _other_run(machine: Machine, chance: Random) -> bool:
    outlet = chance.choice(list(machine.registered))
    run = machine.tills.begin(outlet, *machine.registered[outlet], chance)
    machine.tills.send(run, run.grow(chance, chance.randrange(1, 12)))
    return True


@rule("register an outlet", 0.7)
def _register(machine: Machine, chance: Random) -> bool:
    if {"postgres", "network postgres"} & machine.busy or len(machine.registered) > 12:
        return False
    try:
        machine.register(f"owner{chance.randrange(3)}@example.org", [f"Лавка {chance.randrange(1000)}"])
    except (InfrastructureUnreachable, psycopg.OperationalError):
        return False  # a fault that is not over yet: nothing was registered
    return True


@rule("give a hole up", 0.7)
def give_up(machine: Machine, chance: Random) -> bool:
    run = next((run for run in machine.runs if run.late), None)
    if run is None:
        return False
    first, last = run.late[0]
    reason, now = "проба", datetime.now(UTC)
    return _order(machine, lambda _: GapGivenUp(run.outlet, run.till, run.id, first, last, reason, now))


@rule("forget a contact", 0.7)
def forget(machine: Machine, chance: Random) -> bool:
    order = ContactForgotten(chance.choice(list(machine.registered)), f"c{chance.randrange(6)}", datetime.now(UTC))
    return _order(machine, lambda _: order)


@rule("remove an outlet", 0.2)
def _remove(machine: Machine, chance: Random) -> bool:
    left = [outlet for outlet in machine.registered if outlet not in machine.removed]
    if len(left) < 5:
        return False
    outlet = chance.choice(left)
    done = _order(machine, lambda _: OutletRemoved(outlet, datetime.now(UTC)))
    if done:
        machine.removed.add(outlet)
    return done


@rule("discard what is in quarantine", 1.5)
def _discard(machine: Machine, chance: Random) -> bool:
    def one(connection: Any) -> None:
        found = [row for row in quarantine.listed(connection) if row.run]
        if found:
            quarantine.discard(connection, chance.choice(found), "проба", datetime.now(UTC))

    return _order(machine, one)


def _order(machine: Machine, make: Callable[[Any], Order | None]) -> bool:
    """Puts an order into the outbox, unless PostgreSQL is away."""
    if {"postgres", "network postgres"} & machine.busy:
        return False
    try:
        with session(machine.system.postgres) as connection, connection.transaction():
            order = make(connection)
            if order is not None:  # whatever it is about: the fold must take any that stands in the log
                connection.execute(outbox.SEND, outbox.parameters(order))
    except (InfrastructureUnreachable, psycopg.OperationalError):
        return False
    return True


@rule("verify", 0.3)
def _verify(machine: Machine, chance: Random) -> bool:
    if machine.busy:
        return False
    Rebuild(machine.system, "verify").wait()
    return True


@rule("rebuild", 0.5)
def _rebuild(machine: Machine, chance: Random) -> bool:
    if machine.busy:
        return False
    Rebuild(machine.system, "rebuild").wait()
    return True
