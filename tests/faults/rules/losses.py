"""Logs that are replaced, cut short or full of holes, older data, a copied home: what is lost is named to the number.

Each step ends every fault that lasts and brings the system to rest first, so that it is known exactly what is there,
and no step is left out because something else is away. Then it loses something, compares what `log show` and the
commands that go on name with what an independent reader finds missing, goes on, and lets the tills send again: real
ones with their spools, others that still have what they sent, and some that are gone for good.
"""

from __future__ import annotations

import os
import signal
from random import Random
from typing import Any

import httpx

from schemas.log import partition_of
from schemas.spans import minus
from tests.faults import losing
from tests.faults.losing import Copies, Numbers
from tests.faults.machine import Machine, rule
from tests.faults.tills import Run
from tests.service import wait_until


@rule("kafka comes back older", 0.35, "the broker's data is that of some uploads ago: the rows are ahead of the log")
def kafka_older(machine: Machine, chance: Random) -> bool:
    return _older_kafka(machine, chance, written_on=False)


@rule("kafka comes back older and is written on", 0.3, "the same, and uploads fill the log past where the rows ended")
def kafka_written_on(machine: Machine, chance: Random) -> bool:
    return _older_kafka(machine, chance, written_on=True)


@rule("events made again", 0.2, "`events` is deleted and made again; it is filled from what `uploads` still has")
def events_made_again(machine: Machine, chance: Random) -> bool:
    _at_rest(machine)
    runs = _sell(machine, chance)
    _at_rest(machine)
    held = _held(machine)
    losing.recreate(machine.system, machine.system.settings.topics.events)
    machine.oracle.begin_again()
    machine.system.wait_healthy()
    machine.system.service.command("log", "pass-hole", "--reason", "проба")  # what `uploads` lost is gone for good
    _adopt_events(machine, chance, runs, held, {"replaced"})
    return True


@rule("uploads made again", 0.35, "`uploads` is deleted and made again with uploads in it that were not copied")
def uploads_made_again(machine: Machine, chance: Random) -> bool:
    return _lose_uploads(machine, chance, replaced=True)


@rule("retention overtakes anonymise", 0.35, "what `anonymise` has not copied is deleted from `uploads`")
def retention(machine: Machine, chance: Random) -> bool:
    return _lose_uploads(machine, chance, replaced=False)


@rule("postgres comes back older", 0.35, "PostgreSQL's data is that of some uploads ago: the log is ahead of the rows")
def postgres_older(machine: Machine, chance: Random) -> bool:
    _at_rest(machine)
    copies = Copies(machine.system)
    copies.keep("postgres")
    _at_rest(machine)
    _sell(machine, chance)
    _at_rest(machine)
    copies.bring_back("postgres")
    _at_rest(machine)
    assert machine.system.service.command("log", "show")["faults"] == []
    machine.check_rows()
    return True


@rule("a copy of the home", 0.15, "both servers are started on a copy of the home, which was made while they ran")
def copied_home(machine: Machine, chance: Random) -> bool:
    machine.recover()
    with Copies(machine.system).of_the_running_home() as (kafka, postgres):
        assert (kafka.port, postgres.address) != (machine.system.broker.port, machine.system.database.address)
        assert losing.servers_alive(machine.system)
        _sell(machine, chance)
    assert losing.servers_alive(machine.system)
    return True


def _at_rest(machine: Machine) -> None:
    """Every fault has ended, and what was acknowledged is applied."""
    machine.recover()
    machine.system.end_workers()
    machine.system.wait_worked_off()


def _held(machine: Machine) -> Numbers:
    """What the rows have. A log that loses what was given up, with the decision, owes it no more."""
    held = machine.oracle.held([*machine.all_runs])
    machine.forget_acknowledged(machine.oracle.passed_over())
    return held


def _older_kafka(machine: Machine, chance: Random, written_on: bool) -> bool:
    _at_rest(machine)
    copies = Copies(machine.system)
    copies.keep("kafka")
    _at_rest(machine)
    runs = _sell(machine, chance)
    _at_rest(machine)
    held = _held(machine)
    was = losing.ends(machine.system, machine.system.settings.topics.events)
    copies.bring_back("kafka")
    machine.oracle.begin_again()
    if written_on:
        _write_past(machine, chance, runs, was)
    _adopt_events(machine, chance, runs, held, {"shorter", "rewritten"})
    return True


def _write_past(machine: Machine, chance: Random, runs: list[Run], was: dict[int, int]) -> None:
    """The tills go on selling until their partitions hold more records than before: none ends where the rows did."""
    system, events = machine.system, machine.system.settings.topics.events
    system.wait_healthy()
    of_partition = {partition_of(run.outlet.encode(), len(was)): run for run in runs}
    for partition, run in of_partition.items():
        for _ in range(was[partition] - losing.ends(system, events)[partition] + 1):
            _post(machine, run, 1, chance)
    wait_until(
        lambda: all(losing.ends(system, events)[partition] > was[partition] for partition in of_partition),
        "the log is not written on",
    )
    shown = losing.wait_for_faults(system, events, {"shorter", "rewritten"})["faults"]
    kinds = {one["fault"]["partition"]: one["fault"]["kind"] for one in shown}
    assert {kinds[partition] for partition in of_partition} == {"rewritten"}, kinds


def _sell(machine: Machine, chance: Random) -> list[Run]:
    """Real tills and others sell; returns the others' runs, half of which will have lost their till."""
    for till in machine.real_tills:
        till.sell(chance, chance.randrange(1, 15))
    open_to_sell = [run for run in machine.runs if run.outlet not in machine.removed]
    runs = chance.sample(open_to_sell, min(4, len(open_to_sell)))
    for run in runs:
        _post(machine, run, chance.randrange(1, 9), chance)
    return runs


def _post(machine: Machine, run: Run, count: int, chance: Random) -> None:
    span = run.grow(chance, count)
    wait_until(lambda: machine.tills.post(run, span), "an upload is not accepted by a healthy system")


def _adopt_events(machine: Machine, chance: Random, runs: list[Run], held: Numbers, kinds: set[str]) -> None:
    """Goes on with an `events` that is not the one that the rows were made from."""
    system, events = machine.system, machine.system.settings.topics.events
    system.wait_healthy()
    losing.wait_for_faults(system, events, kinds)
    _copied(machine)
    lost = machine.oracle.not_in_log(held)
    assert losing.named(system.service.command("log", "show", expect=1)["lost"]) == losing.spans(lost)
    assert not system.service.command("status")["ready"]
    if chance.random() < 0.5:  # the tills help before it is decided
        _wait_until_told(machine)
        _send_again(machine, runs[::2])
        _copied(machine)
        lost = machine.oracle.not_in_log(held)
        assert losing.named(system.service.command("log", "show", expect=1)["lost"]) == losing.spans(lost)
    export = system.folder / f"lost-{machine.oracle.records}-{chance.getrandbits(32)}.jsonl"
    adopted = system.service.command("log", "adopt", "events", "--reason", "проба", "--export", str(export))["adopted"]
    assert losing.named(adopted["lost"]) == losing.spans(lost)
    assert losing.exported(export) == losing.spans(lost)
    machine.forget_acknowledged(lost)
    _told_as_missing(machine, lost, runs)
    _gone_on(machine, runs, lost)


def _lose_uploads(machine: Machine, chance: Random, replaced: bool) -> bool:
    """Loses uploads that are not copied yet: the topic is made again, or its beginning is deleted."""
    _at_rest(machine)
    system, uploads = machine.system, machine.system.settings.topics.uploads
    before = {run.id: set(run.acknowledged) for run in machine.all_runs}  # at rest: all of it is copied
    still = system.pids("anonymise")
    for pid in still:
        system.pause(pid)
    runs = _sell(machine, chance)
    sold = [till.run for till in machine.real_tills] + runs
    lost = {(run.outlet, run.till, run.id): run.acknowledged - before[run.id] for run in sold}
    if replaced:
        losing.recreate(system, uploads)
    else:
        losing.delete_all(system, uploads)
        for run in runs[::2]:  # of the others nothing comes any more
            _post(machine, run, 1, chance)
    machine.tills.wait()
    for pid in still:  # with what its consumer had fetched already: nothing of it is copied any more
        os.kill(pid, signal.SIGKILL)
        system.stopped.discard(pid)
    shown = losing.wait_for_faults(system, uploads, {"replaced"} if replaced else {"hole"})
    _names_exactly(shown["not_copied"], lost, sold)
    machine.forget_acknowledged(lost)
    command = ("adopt", "uploads") if replaced else ("pass-hole",)
    losses = system.service.command("log", *command, "--reason", "проба")["holes"]
    _names_exactly([one for loss in losses for one in loss["lost"]], lost, sold)
    system.wait_worked_off()
    _told_as_missing(machine, lost, sold)
    _gone_on(machine, runs, lost)
    return True


def _names_exactly(named: list[dict[str, Any]], lost: Numbers, runs: list[Run]) -> None:
    """All that was lost is named, though its till may send nothing afterwards. Besides, a till may never have sent some
    numbers, or they were never acknowledged."""
    found = losing.numbers(losing.named(named))
    for run in runs:
        of = (run.outlet, run.till, run.id)
        here = found.get(of, set())
        assert lost.get(of, set()) <= here, (of, lost.get(of), here)
        assert not (here - lost.get(of, set())) & run.acknowledged, (of, lost.get(of), here)


def _told_as_missing(machine: Machine, lost: Numbers, runs: list[Run]) -> None:
    """`ledger` and the owner's program are told of what was lost and has not come again."""
    system, there = machine.system, [run for run in runs if run.outlet not in machine.removed]
    lost = machine.oracle.not_given_up(lost, machine.all_runs)
    outlets = system.service.command("ledger")["outlets"]
    _names_exactly([{"outlet_id": one["outlet_id"], **hole} for one in outlets for hole in one["missing"]], lost, there)
    for outlet in {run.outlet for run in there if lost.get((run.outlet, run.till, run.id))}:
        state = machine.oracle.completeness(machine.accounts, outlet)
        assert not state["complete"]
        missing = [{"outlet_id": outlet, **hole} for hole in state["missing"]]
        _names_exactly(missing, lost, [run for run in there if run.outlet == outlet])


def _gone_on(machine: Machine, runs: list[Run], lost: Numbers) -> None:
    """Tills send again what they still have; half of the others are gone for good: what these lost stays missing. Then
    all is compared."""
    machine.system.wait_healthy()
    machine.system.wait_worked_off()
    _send_again(machine, runs[::2])
    for run in runs[1::2]:
        machine.bury(run)
    _at_rest(machine)
    assert machine.system.service.command("log", "show")["faults"] == []
    machine.check_rows()
    _told_as_missing(machine, lost, runs[1::2])


def _send_again(machine: Machine, runs: list[Run]) -> None:
    for till in machine.real_tills:
        till.some_time_later()
    for run in runs:
        told = state(machine, run)
        known = [(1, told["applied_through"]), *told["waiting"], *told["quarantined"]]
        for first, last in minus((1, len(run.events)), [(a, b) for a, b in known]):
            for start in range(first, last + 1, 400):
                span = (start, min(last, start + 399))
                if run.readable(span):
                    wait_until(lambda span=span, run=run: machine.tills.post(run, span), "it is not accepted")  # type: ignore[misc]


def state(machine: Machine, run: Run) -> Any:
    answers: list[httpx.Response] = []

    def answered() -> bool:
        answers.append(
            httpx.get(
                f"{machine.system.direct}/api/v1/uploads/state",
                params={"run": run.id},
                headers={"Authorization": f"Bearer {run.token}"},
                timeout=30,
            )
        )
        return answers[-1].status_code == 200

    wait_until(answered, "a till is not told the state of its run")
    return answers[-1].json()


def _copied(machine: Machine) -> None:
    """What `uploads` holds has been copied."""

    def done() -> bool:
        rows = machine.system.service.command("status")["partitions"]
        topic = machine.system.settings.topics.uploads
        return all(row["lag"] == 0 for row in rows if row["topic"] == topic)

    wait_until(done, "`uploads` is not copied", 120)


def _wait_until_told(machine: Machine) -> None:
    """The gateway has seen what is at fault; it looks every 20 seconds."""
    url = f"{machine.system.direct}/readyz"
    wait_until(lambda: bool(httpx.get(url, timeout=10).json().get("stopped")), "/readyz names no partition", 60)
