"""A rebuild that is killed again and again while tills send and an owner looks on."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.applications import Starlette

from ops.provisioning import provision
from ops.settings import Settings
from projections.generations import register
from projections.generations.register import Generation
from projections.proof.verify import verify
from projections.replay.replay import Source
from tests.projections.kafkalog import Ingest, KafkaLog
from tests.projections.quiet import Quiet
from tests.projections.shops import Shop
from webapp.app import Portal

_PATIENCE_S = 180.0
_BETWEEN_QUESTIONS_S = 0.03  # an account has 50 answers a second
SALES = 700
Condition = Callable[[Generation | None], bool]


class Owner:
    """Asks for the daily report of an outlet, over and over, in a thread; remembers every answer. A context manager."""

    def __init__(self, settings: Settings, token: str, outlet: str) -> None:
        self._settings = settings
        self._headers = {"Authorization": f"Bearer {token}"}
        self._path = f"/api/v1/outlets/{outlet}/daily?from=2026-01-01&to=2027-12-31"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._look()))
        self.answers: list[tuple[int, int]] = []  # (status, sales)

    async def _look(self) -> None:
        where = self._settings
        async with Portal(where.postgres, home=where.home, public_url="http://office.test", smtp_url=None) as portal:
            transport = httpx.ASGITransport(app=Starlette(routes=portal.routes()), raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://office.test") as client:
                while not self._stop.is_set():
                    answer = await client.get(self._path, headers=self._headers)
                    sales = sum(row["sales"] for row in answer.json()) if answer.status_code == 200 else -1
                    self.answers.append((answer.status_code, sales))
                    await asyncio.sleep(_BETWEEN_QUESTIONS_S)

    def __enter__(self) -> Owner:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def test_killed_at_several_points_it_resumes_and_nobody_notices(
    service_settings: Settings, source: Source, log: KafkaLog, tmp_path: Path
) -> None:
    """Killed -9 as it begins, midway, near its end and when ready, a rebuild goes on where it was.

    Meanwhile sales come in, no answer to the owner is an error, empty or behind an earlier one, and in the end the new
    generation equals the old one in every row.
    """
    account = provision(source.postgres, "owner@example.com", ["Чайная"])
    outlet = account["outlets"][0]["outlet_id"]
    shops = [Shop(1, known_as=outlet), *(Shop(seed) for seed in range(2, 6))]
    for shop in shops:
        log.append(shop.uploads(SALES, batch=2))
    log.apply()
    [watched, *_] = shops
    first_seq = len(list(watched.events(SALES))) + 1
    more = watched.uploads(100_000, batch=2, first_sale=SALES, first_seq=first_seq)
    with (
        psycopg.connect(source.postgres, autocommit=True) as database,
        Ingest(log, more) as ingest,
        Owner(service_settings, account["owner_token"], outlet) as owner,
    ):
        records = sum(register.positions(database, register.live(database)).values())
        built_from: list[int] = []
        for point in (_begun, _past(database, records // 4), _past(database, records * 3 // 4), _ready):
            with _rebuild(service_settings, tmp_path) as process:
                built_from.append(_wait(database, process, point))
                process.kill()
        seen = len(owner.answers), ingest.appended
        with _rebuild(service_settings, tmp_path) as process:
            output, _ = process.communicate(timeout=_PATIENCE_S)
        _until(lambda: (len(owner.answers), ingest.appended) > (seen[0] + 3, seen[1] + 3))
    outcome = json.loads(output)
    assert process.returncode == 0, output
    assert (outcome["state"], outcome["same"], outcome["resumed"]) == ("live", True, True)
    assert set(built_from) == {outcome["generation"]} == {2}
    assert {status for status, _ in owner.answers} == {200}
    sales = [count for _, count in owner.answers]
    assert sales[0] == SALES
    assert all(earlier <= later for earlier, later in itertools.pairwise(sales))
    assert sales[-1] > SALES
    log.apply()
    assert verify(source, Quiet()).same


def _begun(generation: Generation | None) -> bool:
    return generation is not None


def _past(database: Connection[TupleRow], records: int) -> Condition:
    def reached(generation: Generation | None) -> bool:
        return generation is not None and sum(register.positions(database, generation).values()) >= records

    return reached


def _ready(generation: Generation | None) -> bool:
    return generation is not None and generation.state == "ready"


def _wait(database: Connection[TupleRow], process: subprocess.Popen[bytes], point: Condition) -> int:
    """Waits until the generation being built has come to a point; returns its number."""
    found: Generation | None = None

    def there() -> bool:
        nonlocal found
        assert process.poll() is None, "the rebuild ended before it could be killed"
        found = next(iter(register.listed(database, "unfinished")), None)
        return point(found)

    _until(there, pause=0.002)
    assert found is not None
    return found.number


def _until(condition: Callable[[], Any], pause: float = 0.05) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        threading.Event().wait(pause)


@contextlib.contextmanager
def _rebuild(settings: Settings, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`weboffice rebuild --json` as an operator would run it."""
    environment = {
        **os.environ,
        "WEBOFFICE_KAFKA": settings.kafka,
        "WEBOFFICE_POSTGRES": settings.postgres,
        "WEBOFFICE_HOME": str(settings.home),
        "WEBOFFICE_TOPIC_PREFIX": settings.topics.prefix,
    }
    command = [sys.executable, "-m", "ops", "rebuild", "--json"]
    with (folder / "rebuild.log").open("ab") as errors:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=errors)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        process.wait()
        if process.stdout:
            process.stdout.close()
