"""Several of each process over one Kafka and PostgreSQL, added and taken away while tills send: totals stay exact."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec

from ops import topics as topic_set_up
from ops.settings import Settings
from tests.service import Service, environment, wait_until

SALES_IN_A_BATCH = 5


class Fleet:
    """Processes by part: `serve gateway`, `serve portal`, `work anonymise`, `work project`."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.home.parent
        self._environment = environment(settings)
        self._alive: dict[str, list[subprocess.Popen[bytes]]] = {}
        self._output: dict[int, Path] = {}
        self.exit_codes: list[int] = []

    def add(self, part: str, count: int = 1) -> None:
        """Starts processes of a part; see `wait_for_urls` for those that serve."""
        kind = "serve" if part in ("gateway", "portal") else "work"
        for _ in range(count):
            output = self._folder / f"{part}-{uuid.uuid4().hex[:8]}"
            arguments = ["--port", "0"] if kind == "serve" else []
            with output.open("wb") as stdout, output.with_suffix(".log").open("wb") as stderr:
                process = subprocess.Popen(
                    [sys.executable, "-m", "ops", kind, part, *arguments],
                    env=self._environment,
                    stdout=stdout,
                    stderr=stderr,
                )
            self._output[process.pid] = output
            self._alive.setdefault(part, []).append(process)

    def remove(self, part: str, how: signal.Signals) -> None:
        """Signals the oldest process of a part and returns when it has ended; asked politely, it ends cleanly."""
        process = self._alive[part].pop(0)
        process.send_signal(how)
        code = process.wait(30)
        if how == signal.SIGTERM:
            self.exit_codes.append(code)

    def urls(self, part: str) -> list[str]:
        """Where the living processes of a part listen."""
        found = []
        for process in list(self._alive.get(part, [])):
            with contextlib.suppress(IndexError):
                found.append(self._output[process.pid].read_text().split("LISTENING ")[1].split()[0])
        return found

    def wait_for_urls(self, part: str, count: int) -> list[str]:
        wait_until(lambda: len(self.urls(part)) == count, f"{count} of {part} are not listening")
        return self.urls(part)

    def show_logs(self) -> None:
        """The end of what each process said, living or not, to stderr."""
        for output in self._output.values():
            sys.stderr.write(f"--- {output.name}\n{output.with_suffix('.log').read_text()[-1500:]}\n")

    def stop(self) -> None:
        for process in (left := [process for alive in self._alive.values() for process in alive]):
            process.terminate()
        for process in left:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
            process.kill()
            process.wait()


@contextlib.contextmanager
def fleet_of(settings: Settings) -> Iterator[Fleet]:
    fleet = Fleet(settings)
    try:
        yield fleet
    except BaseException:
        fleet.show_logs()
        raise
    finally:
        fleet.stop()


def tells_of_itself(url: str) -> bool:
    """What every HTTP process answers: that it lives, that it is ready, and what both APIs are."""
    paths = ("/healthz", "/readyz", "/api/openapi.json")
    return all(httpx.get(f"{url}{path}", timeout=30).status_code == 200 for path in paths)


class Till(threading.Thread):
    """Sends batches of receipts to whichever gateway, each until it is acknowledged."""

    def __init__(self, fleet: Fleet, token: str, seed: int) -> None:
        super().__init__(daemon=True)
        self._fleet = fleet
        self._token = token
        self._run = str(uuid.uuid4())
        self._random = random.Random(seed)
        self.acknowledged = 0
        self.repeated = 0
        self.enough = threading.Event()

    def run(self) -> None:
        with httpx.Client(headers={"Authorization": f"Bearer {self._token}"}, timeout=15) as client:
            while not self.enough.is_set():
                body = batch(self._run, self.acknowledged + 1)
                while not self._send(client, body):
                    self.repeated += 1
                    self.enough.wait(0.05)  # even then: what was begun is brought to its end
                self.acknowledged += SALES_IN_A_BATCH
                self.enough.wait(0.02)  # the way matters here, not the amount

    def _send(self, client: httpx.Client, body: dict[str, Any]) -> bool:
        urls = self._fleet.urls("gateway")
        if not urls:
            return False
        try:
            answer = client.post(f"{self._random.choice(urls)}/api/v1/uploads", json=body)
        except httpx.TransportError:
            return False
        assert answer.status_code in (202, 429, 503), answer.text
        return answer.status_code == 202


class Reader(threading.Thread):
    """Reads an outlet's figures from whichever portal, over and over: each answer is whole, and none goes back."""

    def __init__(self, fleet: Fleet, outlet: str, token: str) -> None:
        super().__init__(daemon=True)
        self._fleet = fleet
        self._path = f"/api/v1/outlets/{outlet}/daily"
        self._token = token
        self.seen = 0
        self.answers = 0
        self.faults: list[str] = []
        self.enough = threading.Event()

    def run(self) -> None:
        with httpx.Client(headers={"Authorization": f"Bearer {self._token}"}, timeout=15) as client:
            while not self.enough.wait(0.05):
                for url in self._fleet.urls("portal"):
                    with contextlib.suppress(httpx.TransportError):
                        self._look(client.get(url + self._path))

    def _look(self, answer: httpx.Response) -> None:
        if answer.status_code != 200:
            self.faults.append(answer.text)
            return
        for day in answer.json():
            if day["sales"] < self.seen or day["revenue"] != f"{10 * day['sales']}.00" or not day["reconciles"]:
                self.faults.append(f"{day} after {self.seen} sales")
            self.seen = day["sales"]
        self.answers += 1


def batch(run: str, first: int) -> dict[str, Any]:
    sales = [
        {
            "type": "sale.registered",
            "at": "2026-03-02T12:00:00+03:00",
            "sale_id": f"{run[:8]}-{number}",
            "number": str(number),
            "lines": [{"good_id": "g1", "name": "Чай", "quantity": "1", "price": "10.00"}],
            "payments": [{"method": "cash", "amount": "10.00"}],
        }
        for number in range(first, first + SALES_IN_A_BATCH)
    ]
    return {"run": run, "first_seq": first, "events": sales}


def test_processes_come_and_go_during_ingest_and_totals_stay_exact(service_settings: Settings) -> None:
    """Two gateways and portals, three workers of each kind, some killed, some stopped, some added: nothing is lost,
    and an owner who looks meanwhile never sees half a batch or a figure that goes back."""
    settings = msgspec.structs.replace(service_settings, partitions=6)
    asyncio.run(topic_set_up.ensure(settings.kafka, settings))
    commands = Service(settings)
    account = commands.provision(*(f"Лавка {number}" for number in range(4)))
    with fleet_of(settings) as fleet:
        for part, count in (("gateway", 2), ("anonymise", 3), ("project", 3), ("portal", 2)):
            fleet.add(part, count)
        for url in (*fleet.wait_for_urls("gateway", 2), *fleet.wait_for_urls("portal", 2)):
            wait_until(lambda url=url: tells_of_itself(url), f"{url} does not tell of itself")  # type: ignore[misc]
        tills = [Till(fleet, outlet["till_token"], seed) for seed, outlet in enumerate(account["outlets"])]
        reader = Reader(fleet, account["outlets"][0]["outlet_id"], account["owner_token"])
        for thread in (*tills, reader):
            thread.start()

        def wait_for_progress() -> None:
            targets = [(till, till.acknowledged + 10 * SALES_IN_A_BATCH) for till in tills]
            wait_until(lambda: all(till.acknowledged >= target for till, target in targets), "the tills are stuck")

        wait_for_progress()
        for how in (signal.SIGKILL, signal.SIGTERM):
            for part in ("anonymise", "project", "gateway", "portal"):
                fleet.remove(part, how)
            wait_for_progress()  # with what is left
            for part, count in (("anonymise", 1), ("project", 2), ("gateway", 1), ("portal", 1)):
                fleet.add(part, count)
            fleet.wait_for_urls("gateway", 2)
            wait_for_progress()
        for till in tills:
            till.enough.set()
        for till in tills:
            till.join(30)
        commands.wait_until_worked_off()

        wait_until(lambda: reader.seen == tills[0].acknowledged, "the reader does not see the last sale")
        reader.enough.set()
        reader.join(30)
        assert reader.faults == []
        assert reader.answers > 20
        for portal in fleet.wait_for_urls("portal", 2):
            for outlet, till in zip(account["outlets"], tills, strict=True):
                answer = httpx.get(
                    f"{portal}/api/v1/outlets/{outlet['outlet_id']}/daily",
                    headers={"Authorization": f"Bearer {account['owner_token']}"},
                    timeout=30,
                )
                [day] = answer.json()
                assert day["sales"] == till.acknowledged
                assert day["revenue"] == f"{10 * till.acknowledged}.00"
        for counts in commands.command("ledger")["outlets"]:
            assert counts["read"] == counts["applied"] + counts["duplicate"]
            assert counts["missing"] == []
        commands.command("verify")
        # uvicorn ends by the signal itself once its requests are done
        assert set(fleet.exit_codes) <= {0, -signal.SIGTERM}, fleet.exit_codes
