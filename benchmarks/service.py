"""Processes of the service for the measurements, started as `weboffice` starts them, on the measurement's servers."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import psycopg

from benchmarks.contenders import ROOT
from benchmarks.servers import Servers, stop
from benchmarks.till import Plan, Sent
from ops import topics
from ops.infrastructure.ports import free_port
from ops.provisioning import provision

_PATIENCE_S = 900.0


class Service:
    """Some processes of the service on one database and its own topics. `pids` by name; `port` of the web process."""

    def __init__(self, servers: Servers, database: str, partitions: int = 12) -> None:
        self.servers = servers
        self.database = database
        self.folder = Path(tempfile.mkdtemp(prefix="bench-service-"))
        self.settings = servers.settings(database, f"b{uuid.uuid4().hex[:8]}-", self.folder, partitions)
        self.port = free_port()
        self.pids: dict[str, int] = {}
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, *, web: str = "all", workers: Sequence[str] = ("anonymise", "project")) -> None:
        """Starts the web process (gateway, portal or all) and stream workers; returns when the web process answers."""
        import asyncio

        asyncio.run(topics.ensure(self.settings.kafka, self.settings))
        self._spawn("web", "serve", web, "--port", str(self.port))
        for number, worker in enumerate(workers):
            several = workers.count(worker) > 1
            self._spawn(f"{worker}-{number}" if several else worker, "work", worker)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the service did not become ready")

    def _spawn(self, name: str, *arguments: str) -> None:
        settings = self.settings
        environment = {
            **os.environ,
            "WEBOFFICE_KAFKA": settings.kafka,
            "WEBOFFICE_POSTGRES": settings.postgres,
            "WEBOFFICE_HOME": str(settings.home),
            "WEBOFFICE_TOPIC_PREFIX": settings.topics.prefix,
            "WEBOFFICE_LOG": "json",
        }
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "ops", *arguments], env=environment, stdout=log, stderr=log, cwd=ROOT
            )
        self._processes.append(process)
        self.pids[name] = process.pid

    def tokens(self, outlets: int) -> list[str]:
        """Tokens of as many tills, each of an outlet of its own, all of one account."""
        names = [f"Точка {n}" for n in range(outlets)]
        found = provision(self.settings.postgres, "bench@example.org", names)
        return [outlet["till_token"] for outlet in found["outlets"]]

    def send(self, plan: Plan) -> Sent:
        """Runs the tills to their end, in a process of their own."""
        return msgspec.json.decode(self.begin_sending(plan).communicate(timeout=_PATIENCE_S)[0], type=Sent)

    def begin_sending(self, plan: Plan) -> subprocess.Popen[bytes]:
        path = self.folder / "plan.json"
        path.write_bytes(msgspec.json.encode(plan))
        return subprocess.Popen(
            [sys.executable, "-m", "benchmarks.till", str(path)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def stop(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            stop(process)
        settings = self.settings.topics
        self.servers.delete_topics(settings.uploads, settings.events, settings.unreadable)


@contextmanager
def running(
    servers: Servers, *, web: str = "all", workers: Sequence[str] = ("anonymise", "project"), partitions: int = 12
) -> Iterator[Service]:
    """A service on a fresh database; gone at the end."""
    with servers.fresh_database() as database:
        service = Service(servers, database, partitions)
        try:
            service.start(web=web, workers=workers)
            yield service
        finally:
            service.stop()


def wait_for_records(url: str, schema: str, records: int) -> float:
    """Waits until so many records are folded in; returns the moment, by the monotonic clock."""
    deadline = time.monotonic() + _PATIENCE_S
    with psycopg.connect(url, autocommit=True, options=f"-c search_path={schema}") as connection:
        while True:
            row = connection.execute("SELECT coalesce(sum(next_offset), 0)::bigint FROM positions").fetchone()
            assert row is not None  # an aggregate
            if row[0] >= records:
                return time.monotonic()
            if time.monotonic() > deadline:
                raise RuntimeError(f"only {row[0]} of {records} records after {_PATIENCE_S:.0f} s")
            time.sleep(0.02)
