"""Who is measured: the peers, and how each is started on a topic and a database."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

from msgspec import Struct

from benchmarks import environments
from benchmarks.servers import Servers
from benchmarks.workload import Filled

ROOT = Path(__file__).parent.parent


class Job(Struct, frozen=True):
    """What a peer works on: a topic whose records hold `per_record` events, and a database with the peers' tables.

    `wait_s` is how long it may wait for a fuller batch: longer for a rebuild, shorter when live.
    """

    servers: Servers
    home: Path
    filled: Filled
    per_record: int
    database: str
    workers: int
    wait_s: float


class Peer(Struct, frozen=True):
    name: str
    title: str
    commands: Callable[[Job], list[list[str]]]
    python: bool = True
    single: bool = False
    """it takes one event per record"""
    slow: bool = False
    workers: int = 2
    prepare: Callable[[Job, Iterator[bytes]], None] | None = None
    """fills its own log, where that is not Kafka, with lines of RUN, NUMBER and EVENT"""


def _control(job: Job) -> list[list[str]]:
    python = str(environments.python(job.home, "control"))
    return [[python, "-m", "benchmarks.peers.control.main", str(w), str(job.workers)] for w in range(job.workers)]


def _plain_faust(job: Job) -> list[list[str]]:
    command = [sys.executable, "-m", "benchmarks.peers.plain_faust.main", "worker", "-l", "error", "--without-web"]
    return [command] * job.workers


def _quix(job: Job) -> list[list[str]]:
    return [[str(environments.python(job.home, "quix")), "-m", "benchmarks.peers.quix.main"]] * job.workers


def _eventsourcing(job: Job) -> list[list[str]]:
    return [[str(environments.python(job.home, "eventsourcing")), "-m", "benchmarks.peers.eventsourcing.main"]]


def _preload(job: Job, lines: Iterator[bytes]) -> None:
    command = [str(environments.python(job.home, "eventsourcing")), "-m", "benchmarks.peers.eventsourcing.preload"]
    process = subprocess.Popen(command, env=_environment(job), stdin=subprocess.PIPE, cwd=ROOT)
    assert process.stdin is not None
    with process.stdin as stdin:
        for line in lines:
            stdin.write(line)
    if process.wait(timeout=600):
        raise RuntimeError(f"the events could not be put into the peer's log: {process.returncode}")


def _kafka_streams(job: Job) -> list[list[str]]:
    return [["java", "-Xmx512m", "-cp", environments.kafka_streams(job.home), "bench.Main"]]


PEERS = [
    Peer("control", "control: confluent-kafka + psycopg, no framework", _control, slow=True),
    Peer("kafka_streams", "Kafka Streams 4.3.1, custom Processor, batched pgJDBC", _kafka_streams, python=False),
    Peer("quix", "Quix Streams 3.28.1, BatchingSink", _quix, slow=True),
    Peer("plain_faust", "plain Faust 0.15.3, one event per record, take", _plain_faust, single=True, slow=True),
    Peer(
        "eventsourcing",
        "eventsourcing 9.5.6, projection runner; its log is PostgreSQL, preloaded",
        _eventsourcing,
        single=True,
        slow=True,
        workers=1,
        prepare=_preload,
    ),
]


def start(peer: Peer, job: Job) -> list[subprocess.Popen[bytes]]:
    """Starts a peer's processes; their messages go to a file."""
    state = job.home / "state" / peer.name
    shutil.rmtree(state, ignore_errors=True)
    state.mkdir(parents=True)
    environment = {**_environment(job), "BENCH_STATE": str(state)}
    with (job.home / f"{peer.name}.log").open("ab") as log:
        return [
            subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=state, start_new_session=True)
            for command in peer.commands(job)
        ]


def _environment(job: Job) -> dict[str, str]:
    jdbc = urlencode({"user": "weboffice", "reWriteBatchedInserts": "true"})
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
        "BENCH_KAFKA": job.servers.kafka,
        "BENCH_POSTGRES": job.servers.database(job.database),
        "BENCH_JDBC": f"jdbc:postgresql://127.0.0.1:{job.servers.tcp_port}/{job.database}?{jdbc}",
        "BENCH_POSTGRES_PORT": str(job.servers.tcp_port),
        "BENCH_DATABASE": job.database,
        "BENCH_TOPIC": job.filled.topic,
        "BENCH_PARTITIONS": str(job.filled.partitions),
        "BENCH_PER_RECORD": str(job.per_record),
        "BENCH_WORKERS": str(job.workers),
        "BENCH_COMMIT_S": str(job.wait_s),
        "BENCH_WAIT_MS": str(int(job.wait_s * 1000)),
    }


def end(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ends processes of a measurement at once: what they did is in the database, or it is not."""
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.wait()
