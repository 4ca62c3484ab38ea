"""Live: from HTTP upload to visible row with everything on the same cores, ours and peers fed by the same gateway;
and how fresh the read API is at a tenth of that rate."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import psycopg

from benchmarks import contenders
from benchmarks.contenders import Job, Peer
from benchmarks.servers import Servers
from benchmarks.service import Service, running, wait_for_records
from benchmarks.till import Plan, post
from benchmarks.usage import Watch
from benchmarks.workload import OUTLETS, SEED, Filled
from ops.provisioning import provision
from producers.simulator.bulk import bulk

CONNECTIONS = 16


def ours(servers: Servers, sales: int, per_upload: int) -> tuple[float, dict[str, float], dict[str, int]]:
    """(sales per second from the first upload sent to the last row visible, processor seconds, peak bytes)."""
    servers.settle()
    with running(servers) as service:
        url = servers.database(service.database, superuser=True)
        warmed = _warm(service, per_upload)
        wait_for_records(url, "gen_1", warmed)
        with Watch({**service.pids, **servers.pids}, peaks=True) as watch:
            sent = service.send(_plan(service, sales, per_upload))
            seconds = wait_for_records(url, "gen_1", warmed + sent.uploads) - sent.began
        return sales / seconds, watch.cpu, watch.peak


def peer(servers: Servers, home: Path, contender: Peer, sales: int, per_upload: int) -> tuple[float, dict[str, float]]:
    """The same for a peer that reads what our gateway writes. It is started first and waits for the first record."""
    servers.settle()
    with running(servers, web="gateway", workers=()) as service, servers.fresh_database(migrated=False) as database:
        url = servers.database(database)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute((Path(contenders.__file__).parent / "peers" / "tables.sql").read_bytes())
        topic = Filled(service.settings.topics.uploads, 12, 0, 0, sales, 0)
        job = Job(servers, home, topic, per_upload, database, workers=1, wait_s=0.1)
        processes = contenders.start(contender, job)
        try:
            warmed = _warm(service, per_upload)
            wait_for_records(url, "public", warmed)
            with Watch({"worker": processes[0].pid, **service.pids, **servers.pids}) as watch:
                sent = service.send(_plan(service, sales, per_upload))
                seconds = wait_for_records(url, "public", warmed + sent.uploads) - sent.began
        finally:
            contenders.end(processes)
    return sales / seconds, watch.cpu


def _warm(service: Service, per_upload: int) -> int:
    """Some uploads of other runs, so that consumers are assigned and code is warm; returns how many."""
    return service.send(_plan(service, 5000 if per_upload > 1 else 1000, per_upload, seed=SEED + 1)).uploads


def _plan(service: Service, sales: int, per_upload: int, seed: int = SEED) -> Plan:
    tokens = service.tokens(OUTLETS)
    return Plan(service.port, "/api/v1/uploads", tokens, sales, per_upload, CONNECTIONS, seed)


def freshness(servers: Servers, sales_per_s: float, uploads: int, per_upload: int = 10) -> list[float]:
    """Seconds from each 202 until the read API shows the upload's last sale, at so many sales per second."""
    with running(servers) as service:
        account = provision(service.settings.postgres, "bench@example.org", [f"Точка {n}" for n in range(20)])
        return asyncio.run(_freshness(service, account, sales_per_s, uploads, per_upload))


async def _freshness(
    service: Service, account: dict[str, object], sales_per_s: float, uploads: int, per_upload: int
) -> list[float]:
    outlets = account["outlets"]
    assert isinstance(outlets, list)
    numbers: dict[str, int] = {}
    found: list[float] = []
    pending: set[asyncio.Task[None]] = set()
    started = time.monotonic()

    async def one(body: bytes, number: int, sale: str, measured: bool) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        token = outlets[number]["till_token"]
        head = (
            f"POST /api/v1/uploads HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        assert await post(reader, writer, head.encode() + body) == 202
        accepted = time.monotonic()
        question = (
            f"GET /api/v1/outlets/{outlets[number]['outlet_id']}/sales/{sale} HTTP/1.1\r\nHost: bench\r\n"
            f"Authorization: Bearer {account['owner_token']}\r\n\r\n"
        ).encode()
        while await post(reader, writer, question) != 200:
            if time.monotonic() - accepted > 60:
                raise RuntimeError("a sale did not become visible within 60 s")
            await asyncio.sleep(0.01)
        if measured:
            found.append(time.monotonic() - accepted)
        writer.close()

    source = bulk(SEED, uploads * per_upload * 2, 20, per_upload=per_upload)
    for count, upload in zip(range(uploads), source, strict=False):
        number = numbers.setdefault(upload.outlet, len(numbers))
        sale = upload.events.rsplit(b'"sale_id":"', 1)[1].split(b'"', 1)[0].decode()
        await asyncio.sleep(max(0.0, started + count * per_upload / sales_per_s - time.monotonic()))
        # The first ones wait for the workers to be assigned their partitions.
        task = asyncio.create_task(one(upload.body(), number, sale, count >= uploads // 5))
        pending.add(task)
        task.add_done_callback(pending.discard)
    await asyncio.gather(*pending)
    return found
