"""Tills for the measurements: uploads over HTTP/1.1, kept alive, one at a time per till. A process of its own.

A small client on plain asyncio streams: a general HTTP library would take more of the two cores than what is measured.
Usage: till.py PLAN, a JSON file; prints one JSON document.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from pathlib import Path

import msgspec
from msgspec import Struct

from producers.simulator.bulk import bulk


class Plan(Struct, frozen=True):
    """What to send: `sales` in uploads of `per_upload` events over `connections`, as fast as they are taken or at
    `uploads_per_s`. `tokens`: one per outlet. `first`: the number of the first sale, so that runs don't repeat ids."""

    port: int
    path: str
    tokens: list[str]
    sales: int
    per_upload: int
    connections: int
    seed: int
    most: int = 1_000_000_000
    uploads_per_s: float = 0.0


class Sent(Struct):
    uploads: int = 0
    events: int = 0
    refused: int = 0
    reconnected: int = 0
    """how often a connection was closed before an answer came"""
    seconds: float = 0.0
    began: float = 0.0
    """of the machine's monotonic clock"""
    milliseconds: list[float] = []
    """of each upload, where they come at a rate"""


async def post(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> int:
    """Sends a request and reads its answer; returns the status."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    if length:
        await reader.readexactly(length)
    return int(head[9:12])


def requests(plan: Plan) -> dict[int, list[tuple[bytes, int]]]:
    """Connection → its requests with their number of events. All uploads of an outlet go over one connection."""
    numbers: dict[str, int] = {}
    found: dict[int, list[tuple[bytes, int]]] = {n: [] for n in range(plan.connections)}
    source = bulk(plan.seed, plan.sales, len(plan.tokens), per_upload=plan.per_upload)
    for upload in itertools.islice(source, plan.most):
        outlet = numbers.setdefault(upload.outlet, len(numbers))
        body = upload.body()
        head = (
            f"POST {plan.path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {plan.tokens[outlet]}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        found[outlet % plan.connections].append((head.encode() + body, upload.count))
    return found


async def send(plan: Plan) -> Sent:
    sent = Sent()
    work = requests(plan)
    started = sent.began = time.monotonic()
    numbers = itertools.count()

    def asked() -> int:
        """The number of the request that is due next, among those of all connections."""
        return next(numbers)

    async def connection(mine: list[tuple[bytes, int]]) -> None:
        writer: asyncio.StreamWriter | None = None
        reader: asyncio.StreamReader | None = None
        for request, events in mine:
            if plan.uploads_per_s:
                due = started + asked() / plan.uploads_per_s
                await asyncio.sleep(max(0.0, due - time.monotonic()))
            if writer is None:  # just before its first request: a connection that stays silent is closed
                reader, writer = await asyncio.open_connection("127.0.0.1", plan.port)
            sent.uploads += 1
            began = time.perf_counter()
            while True:
                assert reader is not None
                assert writer is not None
                try:
                    status = await post(reader, writer, request)
                except (ConnectionError, asyncio.IncompleteReadError):  # closed meanwhile: as a till does, once more
                    writer.close()
                    reader, writer = await asyncio.open_connection("127.0.0.1", plan.port)
                    sent.reconnected += 1
                    continue
                if status == 202:
                    break
                if status not in (429, 503):
                    raise RuntimeError(f"an upload was answered {status}")
                sent.refused += 1
                await asyncio.sleep(0.05)
            sent.events += events
            if plan.uploads_per_s:
                sent.milliseconds.append((time.perf_counter() - began) * 1000)
        if writer is not None:
            writer.close()

    await asyncio.gather(*(connection(mine) for mine in work.values()))
    sent.seconds = time.monotonic() - started
    return sent


def main() -> None:
    plan = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Plan)
    import uvloop

    sent = uvloop.run(send(plan))
    sys.stdout.write(msgspec.json.encode(sent).decode())


if __name__ == "__main__":
    main()
