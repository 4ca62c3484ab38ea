"""Start, stop and outages: whatever is away is waited for, said once, and found again."""

from __future__ import annotations

import json
import re
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import httpx

from tests.faults.machine import Machine
from tests.faults.system import AWAY_FOR_S, System
from tests.service import wait_until

LEAVES_WITHIN_S = 10.0
REMEMBERED_FOR_S = 40.0
"""The gateway vouches for a till for a minute after PostgreSQL did, less what the test itself takes."""


def ready(system: System) -> tuple[int, dict[str, Any]]:
    answer = httpx.get(f"{system.direct}/readyz", timeout=10)
    return answer.status_code, answer.json()


def says(system: System, kafka: bool, postgres: bool) -> bool:
    found = ready(system)
    return found == (
        200 if kafka and postgres else 503,
        {"ready": kafka and postgres, "kafka": kafka, "postgres": postgres},
    )


def reads(machine: Machine) -> int:
    account = machine.accounts[0]
    headers = {"Authorization": f"Bearer {account.token}"}
    return httpx.get(f"{machine.system.direct}/api/v1/outlets", headers=headers, timeout=30).status_code


def lines_since(system: System, place: int) -> list[dict[str, Any]]:
    """Log lines of the service after a place in its log."""
    with system.service.log.open("rb") as log:
        log.seek(place)
        return [json.loads(line) for line in log if line.startswith(b"{")]


def size(path: Path) -> int:
    return path.stat().st_size


def test_sigterm_is_obeyed_within_ten_seconds_under_load(machine: Machine) -> None:
    """Extra workers and the whole service leave in time with code 0 while uploads flow; nothing is lost over it."""
    chance, system = Random(1), machine.system
    run = machine.fresh_run(chance)
    for name in ("anonymise", "project"):
        system.add_worker(name)
        for _ in range(20):
            machine.tills.send(run, run.grow(chance, 100))
        worker = system.workers[name].pop()
        wait_until(lambda worker=worker: "partitions_assigned" in _logged(system, worker.pid), "it does not join")  # type: ignore[misc]
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(LEAVES_WITHIN_S) == 0
    for _ in range(20):
        machine.tills.send(run, run.grow(chance, 100))
    place = size(system.service.log)
    assert system.service.stop() == 0
    assert not [line for line in lines_since(system, place) if line.get("event") == "killed"]  # after 10 s it would
    system.service.start(system.port)
    machine.check(chance, proofs=False)


def test_sigterm_is_obeyed_before_there_is_anything_to_do(machine: Machine) -> None:
    """A worker that is told to leave while it starts, or waits for Kafka, leaves with code 0."""
    system = machine.system
    system.kill_kafka()
    system.add_worker("project")
    worker = system.workers["project"].pop()
    wait_until(lambda: "waiting_for_kafka" in _newest_log(system), "the worker does not say that it waits")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(LEAVES_WITHIN_S) == 0


def _newest_log(system: System) -> str:
    return max(system.folder.glob("project-*.log"), key=lambda path: path.name).read_text()


def _logged(system: System, pid: int) -> str:
    """Which events the worker logs of a process id tell of."""
    found = []
    for path in system.folder.glob("*.log"):
        text = path.read_text(errors="replace")
        if re.search(rf'"pid": ?{pid}\b', text):
            found.append(text)
    return "".join(found)


def test_everything_started_before_kafka_and_postgres_waits_for_them(machine: Machine) -> None:
    """All processes start while both are away, say once that they wait, and get to work when both come."""
    chance, system = Random(2), machine.system
    run = machine.fresh_run(chance)
    system.kill_kafka()
    system.kill_postgres()
    place = size(system.service.log)
    for name in ("gateway", "web", "anonymise", "project"):
        system.kill(name)
    wait_until(lambda: _answers(system) and says(system, kafka=False, postgres=False), "/readyz does not tell")
    wait_until(lambda: _waiting(system, place) >= 2, "the workers do not say that they wait")
    assert not machine.tills.post(run, run.grow(chance, 3))
    system.start_postgres()
    wait_until(lambda: says(system, kafka=False, postgres=True), "/readyz does not tell")
    wait_until(lambda: reads(machine) == 200, "the read API does not serve without Kafka")
    system.start_kafka()
    wait_until(lambda: says(system, kafka=True, postgres=True), "/readyz does not tell")
    told = Counter((line.get("event"), line.get("process")) for line in lines_since(system, place))
    assert told["waiting_for_kafka", "work"] == 2  # each worker once
    machine.check(chance, proofs=False)


def test_the_supervisor_may_be_started_before_both(machine: Machine) -> None:
    """`weboffice up` with neither of its servers there says once that it waits for each, and becomes ready."""
    chance, system = Random(5), machine.system
    run = machine.fresh_run(chance)
    assert machine.tills.post(run, run.grow(chance, 3))
    assert system.service.stop() == 0
    system.kill_kafka()
    system.kill_postgres()
    place = size(system.service.log)

    def told(event: str) -> int:
        return sum(line.get("event") == event for line in lines_since(system, place))

    with ThreadPoolExecutor(1) as pool:
        ready_again = pool.submit(system.service.start, system.port)
        wait_until(lambda: told("waiting_for_kafka") == 1, "it does not say that it waits")
        system.start_kafka()
        wait_until(lambda: told("waiting_for_postgres") == 1, "it does not say that it waits")
        system.start_postgres()
        ready_again.result()
    assert (told("waiting_for_kafka"), told("waiting_for_postgres")) == (1, 1)
    machine.check(chance, proofs=False)


def _answers(system: System) -> bool:
    try:
        ready(system)
    except httpx.TransportError:
        return False
    return True


def _waiting(system: System, place: int) -> int:
    return sum(line.get("event") == "waiting_for_kafka" for line in lines_since(system, place))


def test_while_kafka_is_away_owners_read_on_and_tills_are_told_to_come_again(machine: Machine) -> None:
    """503 with Retry-After for uploads, 200 for the read API, the truth at /readyz; each process says it once."""
    chance, system = Random(3), machine.system
    run = machine.fresh_run(chance)
    assert machine.tills.post(run, run.grow(chance, 3))
    place = size(system.service.log)
    system.kill_kafka()
    wait_until(lambda: says(system, kafka=False, postgres=True), "/readyz does not tell")
    owed = run.grow(chance, 3)
    until = time.monotonic() + AWAY_FOR_S
    while time.monotonic() < until:
        assert not machine.tills.post(run, owed)  # and asserts Retry-After
        assert reads(machine) == 200
        assert says(system, kafka=False, postgres=True)
        time.sleep(0.5)
    system.start_kafka()
    wait_until(lambda: machine.tills.post(run, owed), "uploads are not accepted again")
    system.wait_worked_off()
    told = [line for line in lines_since(system, place) if line.get("level") in ("warning", "error", "critical")]
    repeated = {
        event: count
        for event, count in Counter((line["event"], line.get("process")) for line in told).items()
        if count > 3  # two workers and perhaps another start of one
    }
    assert not repeated, repeated
    machine.check(chance, proofs=False)


def test_while_postgres_is_away_tills_send_on(machine: Machine) -> None:
    """Tills known a minute ago get 202, the worker says once that it waits, and applies all when PostgreSQL is back."""
    chance, system = Random(4), machine.system
    run = machine.fresh_run(chance)
    assert machine.tills.post(run, run.grow(chance, 3))
    system.wait_worked_off()
    place = size(system.service.log)
    system.kill_postgres()
    wait_until(lambda: says(system, kafka=True, postgres=False), "/readyz does not tell")
    began = time.monotonic()
    while (passed := time.monotonic() - began) < AWAY_FOR_S:
        assert machine.tills.post(run, run.grow(chance, 3)) or passed > REMEMBERED_FOR_S
        time.sleep(0.5)
    assert reads(machine) == 503
    system.start_postgres()
    system.wait_worked_off()
    told = Counter((line.get("event"), line.get("process")) for line in lines_since(system, place))
    assert told["postgres_away", "work"] == 1
    assert told["postgres_back", "work"] == 1
    machine.check(chance, proofs=False)
