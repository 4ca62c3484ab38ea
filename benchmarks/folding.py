"""A whole topic into read models: our rebuild, and the peers at the same job; and the proof that the rows are equal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
from msgspec import Struct

from benchmarks import contenders
from benchmarks.contenders import Job, Peer
from benchmarks.servers import Servers
from benchmarks.usage import Watch
from benchmarks.workload import Filled, Shape, lines
from schemas.statements import load

_PATIENCE_S = 1800.0
_CHECKSUMS = load("benchmarks.peers", "checksums.sql")
Sums = dict[str, tuple[int, Decimal]]


class Run(Struct, frozen=True):
    """One measured run: sales per second, processor seconds by 'worker', 'postgres' and 'kafka', peak bytes."""

    rate: float
    seconds: float
    cpu: dict[str, float]
    peak: dict[str, int]
    sums: Sums
    others: float = 0.0
    """cores that the rest of the machine kept busy"""

    def kept(self, sales: int) -> dict[str, object]:
        """For `Results.add`: what was spent per sale, and the peaks."""
        return {
            "cpu": {name: spent / sales * 1e6 for name, spent in self.cpu.items()},
            "peak_mb": {name: size >> 20 for name, size in self.peak.items()},
            "others": self.others,
            "at": sales,
        }


def rebuild(
    servers: Servers,
    filled: Filled,
    *,
    workers: int = 2,
    then: Callable[[str, str], None] = lambda database, schema: None,
    kill: bool = False,
) -> Run:
    """Our rebuild of all read models, its clock as with the peers. `then` gets the database and schema.

    With `kill`, it is killed (-9) at 40 % and started again; then only the rows count.
    """
    servers.settle()
    with servers.fresh_database() as database:
        superuser = servers.database(database, superuser=True)
        process = _replay(servers, filled, database, workers)
        schema = _schema(process)
        with psycopg.connect(superuser, autocommit=True, options=f"-c search_path={schema}") as connection:
            if kill:
                _wait(connection, [process], filled.records * 4 // 10)
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                process = _replay(servers, filled, database, workers)
                _schema(process)
            with Watch({"worker": process.pid, **servers.pids}, peaks=True) as watch:
                lap = _lap(connection, [process], filled, watch, workers, kill)
                process.wait(timeout=_PATIENCE_S)
        if process.returncode:
            raise RuntimeError(f"the rebuild failed: {process.returncode}")
        sums = checksums(superuser, schema)
        then(database, schema)
    return Run(lap.rate(filled), lap.seconds, lap.cpu, watch.peak, sums, watch.others)


class _Lap(Struct, frozen=True):
    """What was measured from the first commit on: `done`, the part of all records; `cpu` scaled up to the whole."""

    done: float
    seconds: float
    cpu: dict[str, float]

    def rate(self, filled: Filled) -> float:
        return filled.sales * self.done / max(self.seconds, 1e-9)


def _lap(
    connection: psycopg.Connection[tuple[int]],
    processes: Sequence[subprocess.Popen[Any]],
    filled: Filled,
    watch: Watch,
    workers: int,
    killed: bool,
) -> _Lap:
    """From the first commit to the last. By the first, the other workers have as much in hand: it does not count."""
    first = 0 if killed else _wait(connection, processes, 1) * workers
    began, cpu_began = time.perf_counter(), dict(watch.cpu)
    _wait(connection, processes, filled.records)
    seconds, cpu = time.perf_counter() - began, dict(watch.cpu)
    done = (filled.records - first) / filled.records
    if done <= 0:
        raise RuntimeError("everything was written in one transaction: too few sales to measure")
    return _Lap(done, seconds, {name: (spent - cpu_began[name]) / done for name, spent in cpu.items()})


def _replay(servers: Servers, filled: Filled, database: str, workers: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.replay", servers.kafka, filled.topic, servers.database(database)]
    return subprocess.Popen(
        [*command, str(workers)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(contenders.ROOT)},
        start_new_session=True,
    )


def _schema(process: subprocess.Popen[str]) -> str:
    """The generation that a rebuild works on, once it has said so."""
    assert process.stdout is not None
    with process.stdout as stdout:
        return f"gen_{int(stdout.readline())}"


def peer(servers: Servers, home: Path, contender: Peer, filled: Filled, *, shape: Shape, kill: bool = False) -> Run:
    """A peer at the same job. Its clock starts with its first commit, so that no start-up counts against it.

    With `kill`, its processes are killed (-9) at 40 % and started again; then only the rows count.
    """
    servers.settle()
    with servers.fresh_database(migrated=False) as database:
        url = servers.database(database)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute((Path(contenders.__file__).parent / "peers" / "tables.sql").read_bytes())
            per_record = 1 if contender.single else shape.per_upload
            job = Job(servers, home, filled, per_record, database, contender.workers, wait_s=1.0)
            if contender.prepare:
                contender.prepare(job, lines(shape))
                servers.settle()
            processes = contenders.start(contender, job)
            try:
                if kill:
                    _wait(connection, processes, filled.records * 4 // 10)
                    contenders.end(processes)
                    processes = contenders.start(contender, job)
                roots = {f"worker{i}": process.pid for i, process in enumerate(processes)}
                with Watch({**roots, **servers.pids}, peaks=True) as watch:
                    lap = _lap(connection, processes, filled, watch, contender.workers, kill)
            finally:
                contenders.end(processes)
        sums = checksums(servers.database(database, superuser=True), "public")
    return Run(lap.rate(filled), lap.seconds, _by_group(lap.cpu), watch.peak, sums, watch.others)


def _by_group(cpu: dict[str, float]) -> dict[str, float]:
    grouped: dict[str, float] = {"worker": 0.0}
    for name, spent in cpu.items():
        grouped["worker" if name.startswith("worker") else name] = grouped.get(name, 0.0) + spent
    grouped["worker"] = sum(spent for name, spent in cpu.items() if name.startswith("worker"))
    return grouped


def _wait(connection: psycopg.Connection[tuple[int]], processes: Sequence[subprocess.Popen[Any]], records: int) -> int:
    """Waits until so many records are in the positions; returns how many are."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        ended = any(process.poll() is not None for process in processes)
        row = connection.execute("SELECT coalesce(sum(next_offset), 0)::bigint FROM positions").fetchone()
        assert row is not None  # an aggregate
        if row[0] >= records:
            return int(row[0])
        if ended:
            raise RuntimeError(f"a process of the peer ended early: {[p.args for p in processes]}")
        if time.monotonic() > deadline:
            raise RuntimeError(f"only {row[0]} of {records} records after {_PATIENCE_S:.0f} s")
        time.sleep(0.02)


def checksums(url: str, schema: str) -> Sums:
    """Rows and checksum of each table that all contenders fill."""
    with psycopg.connect(url, autocommit=True, options=f"-c search_path={schema} -c TimeZone=UTC") as connection:
        found: Sums = {}
        for name, statement in _CHECKSUMS.items():
            row = connection.execute(statement).fetchone()
            assert row is not None  # an aggregate
            found[name] = (row[0], row[1])
        return found
