"""Two accounts that mean harm, through the real gateway, with the real workers: nobody else notices."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ops.settings import Settings
from schemas import records
from tests.hostile.odd import BODIES, EVENTS, body
from tests.service import Service, environment, wait_until
from tests.streams.workers import write

POISONED = 80
"""Uploads of each kind and hostile outlet: the guard used to stop everybody at 50 of 200 records."""
DAYS = {"from": "2026-03-01", "to": "2026-03-03"}
SOON_S = 30.0
"""Longest that an honest till's upload may take while the flood lasts, on a machine that runs tests beside it."""


class Till:
    """Sends uploads as they stand. `taken` are the runs of those that were answered with 202."""

    def __init__(self, http: httpx.Client, url: str, outlet: dict[str, Any]) -> None:
        self.outlet: str = outlet["outlet_id"]
        self.token: str = outlet["till_token"]
        self._http = http
        self._url = f"{url}/api/v1/uploads"
        self.taken: list[str] = []

    def through(self, url: str) -> Till:
        """The same till at another gateway."""
        return Till(self._http, url, {"outlet_id": self.outlet, "till_token": self.token})

    def send(self, content: bytes, run: str = "") -> int:
        """The answer's status; asked again while it is 'not now'."""
        answers: list[int] = []

        def answered() -> bool:
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
            answers.append(self._http.post(self._url, content=content, headers=headers).status_code)
            return answers[-1] not in (429, 503)

        wait_until(answered, "the gateway takes nothing")
        if answers[-1] == 202:
            self.taken.append(run)
        return answers[-1]

    def sell(self, number: str = "1", run: str = "", first: int = 1) -> str:
        """An upload of one receipt, in a run of its own unless one is named; returns the run."""
        run = run or str(uuid.uuid4())
        sale = {**EVENTS["an offset of fifteen hours"], "sale_id": run, "number": number}
        assert self.send(body(run, first, sale), run) == 202
        return run

    def state(self, run: str) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        return self._http.get(f"{self._url}/state", params={"run": run}, headers=headers).json()


@pytest.fixture
def bug(tmp_path: Path) -> Path:
    """The file that says what is wrong with a process that starts now."""
    path = tmp_path / "bug"
    path.write_text("poison")
    return path


@pytest.fixture
def service(service_settings: Settings, bug: Path) -> Iterator[Service]:
    """`weboffice up` of a program that can't fold what is poisoned."""
    service = Service(service_settings)
    service.environment |= with_bugs(bug)
    service.start()
    try:
        yield service
    finally:
        code = service.stop()
    assert code == 0


def with_bugs(bug: Path) -> dict[str, str]:
    path = [str(Path(__file__).parent / "bugs"), str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    return {"PYTHONPATH": os.pathsep.join(filter(None, path)), "TEST_BUG": str(bug)}


def ends(service: Service, name: str) -> list[dict[str, Any]]:
    return [line for line in service.lines() if line.get("event") == "process_ended" and line["service"] == name]


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    """The connections of all tills."""
    with httpx.Client(timeout=60) as http:
        yield http


def test_hostile_accounts_hold_back_nobody(
    service: Service, service_settings: Settings, http: httpx.Client, tmp_path: Path
) -> None:
    """Floods of every kind: poisoned receipts, uploads of a newer gateway, rubbish in the intake, and whatever odd may
    be sent. An honest till's receipts are applied within seconds all the while; no worker ends; /readyz, status,
    ledger, verify and rebuild are as ever; only the hostile outlets are marked."""
    hostile = [
        Till(http, service.url, outlet)
        for owner in ("one", "two")
        for outlet in service.provision("А", "Б", email=f"{owner}@example.org")["outlets"]
    ]
    owner = service.provision("Лавка", email="honest@example.org")
    honest = Till(http, service.url, owner["outlets"][0])
    for till in (*hostile, honest):
        till.sell()
    waited = Waits(honest)
    with waited.selling(), newer_gateway(service_settings, tmp_path) as url:
        for till in hostile:
            newer = till.through(url)
            for _ in range(POISONED):
                till.sell("яд")
                newer.sell()
        asyncio.run(rubbish(service_settings, hostile, POISONED))
        aside = len(hostile) * 3 * POISONED
        wait_until(lambda: service.command("status")["quarantined"] == aside, "not all is set aside", 180)
    service.wait_until_worked_off()
    assert waited.longest < SOON_S
    assert ends(service, "project") == ends(service, "anonymise") == []
    assert httpx.get(f"{service.url}/readyz", timeout=60).status_code == 200
    by_outlet = {row["outlet_id"]: row for row in service.command("ledger")["outlets"]}
    assert by_outlet[honest.outlet]["applied"] == waited.sold + 1
    assert {row["quarantined"] for outlet, row in by_outlet.items() if outlet != honest.outlet} == {2 * POISONED}
    # The odd ones: refused, or taken and applied like any other.
    for till in hostile[:1]:
        for odd, event in EVENTS.items():
            run = str(uuid.uuid4())
            assert till.send(body(run, 1, event), run) in (202, 400, 413, 422), odd
        for odd, content in BODIES.items():
            assert till.send(content) in (202, 400, 413, 422), odd
    service.wait_until_worked_off()
    assert service.command("status")["quarantined"] == aside
    assert service.command("verify")["same"]
    assert service.command("rebuild")["state"] == "live"
    days = service.get(f"/api/v1/outlets/{honest.outlet}/daily", owner["owner_token"], **DAYS)
    receipts = waited.sold + 1
    assert [(day["sales"], day["revenue"]) for day in days] == [(receipts, f"{10 * receipts}.00")]


def test_an_update_that_breaks_everything_stops_the_worker_and_sets_nothing_aside(
    service: Service, http: httpx.Client, bug: Path
) -> None:
    """`project` ends with 70, again and again, saying what can't be folded any more; uploads are taken; the program
    before goes on where it stopped."""
    tills = [
        Till(http, service.url, service.provision("Лавка", email=f"{owner}@example.org")["outlets"][0])
        for owner in ("one", "two", "three")
    ]
    for till in tills:
        till.sell()
    service.wait_until_worked_off()
    bug.write_text("broken")
    service.kill("project")
    for till in tills:
        till.sell()
    before = len(ends(service, "project"))
    wait_until(lambda: len(ends(service, "project")) >= before + 2, "the worker goes on")
    assert {end["code"] for end in ends(service, "project")[before:]} == {70}
    assert "records that were folded before can't be folded any more" in service.log.read_text()
    assert service.command("status")["quarantined"] == 0
    bug.write_text("poison")
    service.wait_until_worked_off()
    assert [row["applied"] for row in service.command("ledger")["outlets"]] == [2, 2, 2]
    assert service.command("verify")["same"]


class Waits:
    """An honest till that sells all the while, one receipt after the other, and how long the longest took."""

    def __init__(self, till: Till) -> None:
        self._till = till
        self.longest = 0.0
        self.sold = 0

    @contextlib.contextmanager
    def selling(self) -> Iterator[None]:
        over = threading.Event()
        failures: list[BaseException] = []

        def sell() -> None:
            try:
                while not over.wait(0.2):
                    started = time.monotonic()
                    self._till.sell()
                    self.sold += 1
                    wait_until(self._applied, "an honest receipt waits")
                    self.longest = max(self.longest, time.monotonic() - started)
            except BaseException as exc:
                failures.append(exc)

        thread = threading.Thread(target=sell)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
        if failures:
            raise failures[0]

    def _applied(self) -> bool:
        """Whether the last receipt is."""
        return bool(self._till.state(self._till.taken[-1]).get("applied_through") == 1)


@contextlib.contextmanager
def newer_gateway(settings: Settings, folder: Path) -> Iterator[str]:
    """A gateway whose records nobody here can read."""
    bug = folder / "newer"
    bug.write_text("newer")
    process = subprocess.Popen(
        [sys.executable, "-m", "ops", "serve", "gateway", "--port", "0"],
        env={**environment(settings), **with_bugs(bug)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()[1]
    finally:
        process.terminate()
        process.wait(15)
        process.stdout.close()


async def rubbish(settings: Settings, tills: list[Till], count: int) -> None:
    """Records of no known run, of the tills' outlets, in the intake."""
    found = [
        (None, till.outlet.encode(), b"\xff\x00rubbish", records.headers(kind="upload", outlet=till.outlet))
        for till in tills
        for _ in range(count)
    ]
    await write(settings.kafka, settings.topics.uploads, found)
