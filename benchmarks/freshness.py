"""How long after its 202 an upload is visible by the read API, on a history that is there already."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import psycopg
from msgspec import Struct
from psycopg import sql

from benchmarks.history import DATABASE, Made
from benchmarks.servers import Servers
from benchmarks.service import Service
from benchmarks.till import post
from benchmarks.usage import Watch
from benchmarks.workload import SEED
from ops.provisioning import provision
from producers.simulator.bulk import BulkUpload, bulk

PER_UPLOAD = 10
_OUTLETS = 20
_ASK_EVERY_S = 0.01
_PATIENCE_S = 60.0


class Freshness(Struct, frozen=True):
    """Seconds of each upload; peak bytes by process; `others`: cores that the rest of the machine kept busy."""

    seconds: list[float]
    peak: dict[str, int]
    others: float


def measure(servers: Servers, made: Made, sales_per_s: float, uploads: int) -> Freshness:
    """Runs the service on a history and sends so many uploads, so many sales a second."""
    with psycopg.connect(servers.database(DATABASE)) as connection:  # the log that it came from is gone
        connection.execute(sql.SQL("DELETE FROM {}.positions").format(sql.Identifier(made.schema)))
    service = Service(servers, DATABASE)
    try:
        service.start()
        # Outlets of their own: the sales of an earlier measurement would be visible at once.
        names = [f"{service.settings.topics.prefix} {n}" for n in range(_OUTLETS)]
        account = provision(service.settings.postgres, "fresh@example.org", names)
        with Watch({**service.pids, **servers.pids}, peaks=True) as watch:
            found = asyncio.run(_uploads(_Till(service.port, account), sales_per_s, uploads))
    finally:
        service.stop()
    return Freshness(found, watch.peak, watch.others)


async def _uploads(till: _Till, sales_per_s: float, uploads: int) -> list[float]:
    """The first fifth is not counted: the workers wait to be assigned their partitions, and code gets warm."""
    numbers: dict[str, int] = {}
    warming = uploads // 5
    source = bulk(SEED, (uploads + warming) * PER_UPLOAD * 2, _OUTLETS, per_upload=PER_UPLOAD)
    tasks = []
    started = time.monotonic()
    for count, upload in zip(range(uploads + warming), source, strict=False):
        number = numbers.setdefault(upload.outlet, len(numbers))
        await asyncio.sleep(max(0.0, started + count * PER_UPLOAD / sales_per_s - time.monotonic()))
        tasks.append(asyncio.create_task(till.visible_after(upload, number)))
    return (await asyncio.gather(*tasks))[warming:]


class _Till:
    def __init__(self, port: int, account: dict[str, Any]) -> None:
        self._port = port
        self._account = account

    async def visible_after(self, upload: BulkUpload, number: int) -> float:
        """Seconds from the 202 of an upload until the card of its last sale is there."""
        outlet = self._account["outlets"][number]
        sale = upload.events.rsplit(b'"sale_id":"', 1)[1].split(b'"', 1)[0].decode()
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        body = upload.body()
        head = (
            f"POST /api/v1/uploads HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {outlet['till_token']}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        status = await post(reader, writer, head.encode() + body)
        if status != 202:
            raise RuntimeError(f"an upload was answered {status}")
        accepted = time.monotonic()
        question = (
            f"GET /api/v1/outlets/{outlet['outlet_id']}/sales/{sale} HTTP/1.1\r\nHost: bench\r\n"
            f"Authorization: Bearer {self._account['owner_token']}\r\n\r\n"
        ).encode()
        while await post(reader, writer, question) != 200:
            if time.monotonic() - accepted > _PATIENCE_S:
                raise RuntimeError(f"a sale did not become visible within {_PATIENCE_S:.0f} s")
            await asyncio.sleep(_ASK_EVERY_S)
        writer.close()
        return time.monotonic() - accepted
