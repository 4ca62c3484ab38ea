"""Live: from HTTP upload to visible row with everything on the same cores, ours and peers fed by the same gateway."""

from __future__ import annotations

from pathlib import Path

import psycopg
from msgspec import Struct

from benchmarks import contenders
from benchmarks.contenders import Job, Peer
from benchmarks.servers import Servers
from benchmarks.service import Service, running, wait_for_records
from benchmarks.till import Plan
from benchmarks.usage import Watch
from benchmarks.workload import OUTLETS, SEED, Filled

CONNECTIONS = 16
"""Tills that send at the same time, each its next upload as soon as the last one was answered."""


class LiveRun(Struct, frozen=True):
    """Sales per second from the first upload sent to the last row visible; processor seconds and peak bytes by process;
    `others`: cores that the rest of the machine kept busy."""

    rate: float
    cpu: dict[str, float]
    peak: dict[str, int]
    others: float

    def kept(self, sales: int, at: int) -> dict[str, object]:
        """For `Results.add`: what was spent per sale, and the peaks."""
        return {
            "cpu": {name: spent / sales * 1e6 for name, spent in self.cpu.items()},
            "peak_mb": {name: size >> 20 for name, size in self.peak.items() if size},
            "others": self.others,
            "at": at,
        }


def ours(servers: Servers, sales: int, per_upload: int, *, workers: int = 1, partitions: int = 12) -> LiveRun:
    """`workers`: so many processes of either kind, `anonymise` and `project`."""
    servers.settle()
    names = ["anonymise"] * workers + ["project"] * workers
    with running(servers, workers=names, partitions=partitions) as service:
        url = servers.database(service.database, superuser=True)
        return _measured(service, {**service.pids, **servers.pids}, url, "gen_1", sales, per_upload)


def peer(servers: Servers, home: Path, contender: Peer, sales: int, per_upload: int, *, workers: int = 1) -> LiveRun:
    """The same for a peer that reads what our gateway writes. It is started first and waits for the first record."""
    servers.settle()
    with running(servers, web="gateway", workers=()) as service, servers.fresh_database(migrated=False) as database:
        url = servers.database(database)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute((Path(contenders.__file__).parent / "peers" / "tables.sql").read_bytes())
        topic = Filled(service.settings.topics.uploads, 12, 0, 0, sales, 0)
        job = Job(servers, home, topic, per_upload, database, workers=workers, wait_s=0.1)
        processes = contenders.start(contender, job)
        try:
            theirs = {f"worker-{number}": process.pid for number, process in enumerate(processes)}
            watched = {**theirs, **service.pids, **servers.pids}
            return _measured(service, watched, url, "public", sales, per_upload)
        finally:
            contenders.end(processes)


def _measured(service: Service, watched: dict[str, int], url: str, schema: str, sales: int, per_upload: int) -> LiveRun:
    """Some uploads of other runs go first, so that consumers are assigned and code is warm."""
    warming = service.send(_plan(service, 5000 if per_upload > 1 else 1000, per_upload, SEED + 1))
    wait_for_records(url, schema, warming.uploads)
    with Watch(watched, peaks=True) as watch:
        sent = service.send(_plan(service, sales, per_upload, SEED))
        seconds = wait_for_records(url, schema, warming.uploads + sent.uploads) - sent.began
    return LiveRun(sales / seconds, watch.cpu, watch.peak, watch.others)


def _plan(service: Service, sales: int, per_upload: int, seed: int) -> Plan:
    tokens = service.tokens(OUTLETS)
    return Plan(service.port, "/api/v1/uploads", tokens, sales, per_upload, CONNECTIONS, seed)
