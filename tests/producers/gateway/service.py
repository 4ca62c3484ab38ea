"""A gateway behind a real HTTP server on loopback, and what a test needs to talk to it."""

from __future__ import annotations

import asyncio
import gzip
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import psycopg
import uvicorn
from aiokafka import AIOKafkaConsumer, TopicPartition
from msgspec import Struct
from starlette.applications import Starlette

from ops.provisioning import provision
from producers.gateway.app import Gateway
from schemas import brokers


class Shop(Struct, frozen=True):
    """An outlet with one till."""

    outlet: str
    token: str
    postgres: str

    def run_sql(self, statement: str, **parameters: object) -> None:
        """Runs a statement of a test in its database, `%(outlet)s` being the outlet."""
        with psycopg.connect(self.postgres, autocommit=True) as connection:
            connection.execute(statement.encode(), {"outlet": self.outlet, **parameters})


def new_shop(postgres: str, name: str = "Лавка") -> Shop:
    made = provision(postgres, "owner@example.com", [name])
    [outlet] = made["outlets"]
    return Shop(outlet["outlet_id"], outlet["till_token"], postgres)


class Service:
    """A served gateway and a client of it that has a till's token."""

    def __init__(self, gateway: Gateway, address: tuple[str, int], client: httpx.AsyncClient, shop: Shop) -> None:
        self.gateway, self.address, self.client, self.shop = gateway, address, client, shop

    async def upload(self, document: object, token: str | None = None, **headers: str) -> httpx.Response:
        return await self.post(msgspec.json.encode(document), token, **headers)

    async def post(self, body: bytes, token: str | None = None, **headers: str) -> httpx.Response:
        sent = {
            "Authorization": f"Bearer {token or self.shop.token}",
            "Content-Type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return await self.client.post("/api/v1/uploads", content=body, headers=sent)

    async def state(self, run: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.shop.token}"}
        return await self.client.get("/api/v1/uploads/state", params={"run": run}, headers=headers)

    async def speak(self, data: bytes, *, seconds: float = 10) -> bytes:
        """Sends raw bytes and returns all that comes back until the server closes or the time is over."""
        reader, writer = await asyncio.open_connection(*self.address)
        answer = b""
        try:
            writer.write(data)
            async with asyncio.timeout(seconds):
                while piece := await reader.read(65536):
                    answer += piece
        except (TimeoutError, ConnectionError):
            pass
        finally:
            writer.close()
        return answer

    async def open(self, data: bytes) -> asyncio.StreamWriter:
        """Sends raw bytes on a connection that stays open."""
        _, writer = await asyncio.open_connection(*self.address)
        writer.write(data)
        return writer

    def head(self, *lines: str, token: str | None = None) -> bytes:
        """The head of a raw upload request."""
        all_lines = [
            "POST /api/v1/uploads HTTP/1.1",
            "Host: gateway.example",
            f"Authorization: Bearer {token or self.shop.token}",
            "Content-Type: application/json",
            *lines,
        ]
        return "\r\n".join(all_lines).encode() + b"\r\n\r\n"


@asynccontextmanager
async def serving(gateway: Gateway, shop: Shop, *, connected: bool = True) -> AsyncIterator[Service]:
    """Serves a gateway; waits until it is ready unless told otherwise."""
    async with gateway:
        config = uvicorn.Config(
            Starlette(routes=gateway.routes()), host="127.0.0.1", port=0, log_config=None, access_log=False
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve())
        await eventually(lambda: server.started or task.done())
        address = server.servers[0].sockets[0].getsockname()
        try:
            if connected:
                await eventually_ready(gateway)
            async with httpx.AsyncClient(base_url=f"http://{address[0]}:{address[1]}", timeout=30) as client:
                yield Service(gateway, address, client, shop)
        finally:
            server.should_exit = True
            await task


async def eventually_ready(gateway: Gateway) -> None:
    async def ready() -> bool:
        return all((await gateway.ready()).values())

    await eventually_true(ready)


async def eventually(holds: Callable[[], bool], seconds: float = 20) -> None:
    """Waits until a condition holds; fails after `seconds`."""

    async def check() -> bool:
        return holds()

    await eventually_true(check, seconds)


async def eventually_true(holds: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not await holds():
        assert time.monotonic() < deadline, f"did not come true within {seconds} s"
        await asyncio.sleep(0.02)


async def read_log(kafka: str, topic: str) -> list[Any]:
    """All records of a topic, as aiokafka gives them."""
    async with AIOKafkaConsumer(
        **brokers.options(kafka), enable_auto_commit=False, fetch_max_bytes=64 * 1024 * 1024
    ) as consumer:
        await consumer._client._wait_on_metadata(topic)
        partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        records: list[Any] = []
        deadline = time.monotonic() + 20
        while any([await consumer.position(p) < ends[p] for p in partitions]):
            assert time.monotonic() < deadline
            for found in (await consumer.getmany(timeout_ms=200)).values():
                records += found
        return records


def upload_of(count: int = 1, *, run: str | None = None, first_seq: int = 1) -> dict[str, Any]:
    """A small valid upload."""
    return {
        "run": run or str(uuid.uuid4()),
        "first_seq": first_seq,
        "events": [
            {"type": "good.removed", "at": "2026-03-01T10:00:00+03:00", "good_id": f"g{first_seq + i}"}
            for i in range(count)
        ],
    }


def packed(document: object) -> bytes:
    return gzip.compress(msgspec.json.encode(document))
