"""The yardstick of the gateway: a Starlette route that sends the body to Kafka and awaits the acknowledgement.

Usage: bare.py KAFKA TOPIC PORT. No token, no validation, no limit: what HTTP and Kafka cost by themselves.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncIterator

import uvicorn
from aiokafka import AIOKafkaProducer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from schemas import brokers


def main() -> None:
    kafka, topic, port = sys.argv[1:]
    producer: AIOKafkaProducer | None = None

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        nonlocal producer
        producer = AIOKafkaProducer(
            **brokers.options(kafka),
            enable_idempotence=True,
            acks="all",
            compression_type="lz4",
            max_request_size=16 * 1024 * 1024,
            max_batch_size=1024 * 1024,
        )
        await producer.start()
        yield
        await producer.stop()

    async def upload(request: Request) -> Response:
        assert producer is not None  # started by the lifespan
        body = await request.body()
        await producer.send_and_wait(topic, body, key=request.headers["authorization"].encode())
        return JSONResponse({"accepted": True}, status_code=202)

    app = Starlette(routes=[Route("/api/v1/uploads", upload, methods=["POST"])], lifespan=lifespan)
    uvicorn.run(app, port=int(port), log_config=None, access_log=False, server_header=False)


if __name__ == "__main__":
    main()
