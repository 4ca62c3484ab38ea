"""Uploads of many tills beside open dashboards of a chain, on the tree that this process is started in.

Usage: beside.py PLAN FILE: reads the plan and writes what was found, both JSON; like crowd.py a process of its own, so
that another commit's `weboffice up` can be measured too.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import msgspec
import psycopg
from msgspec import Struct

from benchmarks import grown, till
from benchmarks.crowd import signed_in
from benchmarks.grown import Shop
from benchmarks.servers import stop
from benchmarks.usage import Watch
from benchmarks.workload import SEED
from ops.infrastructure.ports import free_port
from ops.migrate import migrate
from schemas.tokens import digest, new_token

_CHAIN = "chain@example.org"
_SMALL = Shop(20, 60, 5, 30)
_DASHBOARDS = 10
_CONNECTIONS = 400
"""Some tills share one, lest the client be what is measured."""
_LEAST_REST_S = 1.0
"""So often a page follows at most, in every version."""


class Plan(Struct, frozen=True):
    """`uploads_per_s` of all tills together, one event each, for so many seconds without dashboards, then with them."""

    postgres: str
    kafka: str
    prefix: str
    home: str
    outlets: int
    tills: int
    uploads_per_s: float
    seconds: float
    servers: dict[str, int]


class Beside(Struct):
    """Milliseconds of the uploads; core-milliseconds an upload without dashboards, by process; bytes of log a day at
    that rate; milliseconds of the dashboards' answers, and bytes of each."""

    alone: list[float] = []
    beside: list[float] = []
    cpu: dict[str, float] = {}
    log_bytes: float = 0.0
    dashboards: list[float] = []
    dashboard_bytes: list[float] = []
    seconds: float = 0.0
    """for which the dashboards were open"""
    failed: int = 0
    others: float = 0.0


def measure(plan: Plan) -> Beside:
    migrate(plan.postgres)
    names = {f"Точка {number}": _SMALL for number in range(1, plan.outlets + 1)}
    _, outlets = grown.chain(plan.postgres, _CHAIN, names, datetime.now(UTC).date())
    tokens = _tills(plan, list(outlets.values()))
    with psycopg.connect(plan.postgres, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    found = Beside()
    log = Path(plan.home, "log")
    with _up(plan, log) as (url, port, pid):
        browser = signed_in(plan.postgres, _CHAIN, url)
        uploads = int(plan.uploads_per_s * plan.seconds)

        def send(seed: int, seconds: float) -> subprocess.Popen[bytes]:
            file = Path(plan.home, "till.json")
            sales = int(plan.uploads_per_s * seconds)
            connections = min(_CONNECTIONS, plan.tills)
            asked = till.Plan(
                port, "/api/v1/uploads", tokens, sales, 1, connections, seed, uploads_per_s=plan.uploads_per_s
            )
            file.write_bytes(msgspec.json.encode(asked))
            with Path(plan.home, "sent.json").open("wb") as sent:  # more than a pipe holds that nobody reads yet
                return subprocess.Popen([sys.executable, "-m", "benchmarks.till", str(file)], stdout=sent)

        def sent_by(process: subprocess.Popen[bytes]) -> till.Sent:
            process.wait()
            return msgspec.json.decode(Path(plan.home, "sent.json").read_bytes(), type=till.Sent)

        sent_by(send(SEED, min(10.0, plan.seconds)))  # warms up
        size = log.stat().st_size
        with Watch({"up": pid, **plan.servers}) as watch:
            sent = sent_by(send(SEED + 1, plan.seconds))
        found.alone, found.others = sent.milliseconds, watch.others
        found.cpu = {name: spent * 1000 / max(1, uploads) for name, spent in watch.cpu.items()}
        found.log_bytes = (log.stat().st_size - size) / sent.seconds * 86_400
        tills = send(SEED + 2, plan.seconds)
        began = time.monotonic()
        asyncio.run(_dashboards(tills, browser, found))
        found.seconds = time.monotonic() - began
        found.beside = sent_by(tills).milliseconds
    return found


def _tills(plan: Plan, outlets: list[str]) -> list[str]:
    """Tokens of so many tills, spread over the outlets."""
    tokens = [new_token("till") for _ in range(plan.tills)]
    with psycopg.connect(plan.postgres) as connection, connection.cursor() as cursor:
        for number, token in enumerate(tokens):
            made = uuid4()
            cursor.execute(
                "INSERT INTO app.tills (till_id, outlet_id, name) VALUES (%s, %s, %s)",
                [made, outlets[number % len(outlets)], f"Касса {number}"],
            )
            cursor.execute("INSERT INTO app.till_tokens (token_hash, till_id) VALUES (%s, %s)", [digest(token), made])
    return tokens


@contextlib.contextmanager
def _up(plan: Plan, log: Path) -> Iterator[tuple[str, int, int]]:
    """The whole service, as its users start it: its address, port and process."""
    port = free_port()
    environment = {
        **os.environ,
        "WEBOFFICE_KAFKA": plan.kafka,
        "WEBOFFICE_POSTGRES": plan.postgres,
        "WEBOFFICE_HOME": plan.home,
        "WEBOFFICE_TOPIC_PREFIX": plan.prefix,
        "WEBOFFICE_LOG": "json",
    }
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "ops", "up", "--port", str(port)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=output,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline().decode()
        if not line.startswith("READY "):
            raise RuntimeError(f"the service did not start: {log.read_text()[-2000:]}")
        yield f"http://127.0.0.1:{port}", port, process.pid
    finally:
        process.terminate()
        stop(process)


async def _dashboards(tills: subprocess.Popen[bytes], browser: httpx.Client, found: Beside) -> None:
    """Ten of them follow for as long as the tills send, as a page's script does: what changed, where a version tells it
    and how long to rest, else the whole page each second."""

    async def follow() -> None:
        async with httpx.AsyncClient(base_url=browser.base_url, timeout=60, cookies=browser.cookies) as client:
            held = "1"
            while tills.poll() is None:
                started = time.perf_counter()
                answer = await client.get("/", headers={"X-Live": held})
                found.dashboards.append((time.perf_counter() - started) * 1000)
                found.dashboard_bytes.append(float(answer.num_bytes_downloaded))
                found.failed += answer.status_code != 200
                rest = _LEAST_REST_S
                if answer.headers.get("content-type", "").startswith("application/json"):
                    changes = answer.json()
                    held, rest = changes["held"], changes["rest_ms"] / 1000
                await asyncio.sleep(rest)

    await asyncio.gather(*(follow() for _ in range(_DASHBOARDS)))


if __name__ == "__main__":
    given, kept = sys.argv[1:]
    Path(kept).write_bytes(msgspec.json.encode(measure(msgspec.json.decode(Path(given).read_bytes(), type=Plan))))
