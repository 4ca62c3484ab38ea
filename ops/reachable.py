"""Whether Kafka and PostgreSQL answer: for /readyz, and to wait for them at the start."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable

import psycopg
import structlog
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from schemas import brokers
from schemas.errors import InfrastructureUnreachable

log = structlog.get_logger(__name__)

_CHECK_WITHIN_S = 2.0
_WAITS_S = 15 * 60.0
"""Longer than a restart of either takes; then whoever typed a wrong address is told by the exit code, too."""


async def kafka_answers(kafka: str) -> bool:
    client = AIOKafkaClient(**brokers.options(kafka), client_id="weboffice readiness")
    try:
        async with asyncio.timeout(_CHECK_WITHIN_S):
            await client.bootstrap()
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await client.close()
    return True


async def postgres_answers(postgres: str) -> bool:
    try:
        async with asyncio.timeout(_CHECK_WITHIN_S):
            async with await psycopg.AsyncConnection.connect(postgres, autocommit=True) as connection:
                await connection.execute("SELECT 1")
    except (psycopg.OperationalError, TimeoutError):
        return False
    return True


def wait_for_servers(kafka: str, postgres: str, stopping: threading.Event) -> None:
    """Returns when both answer, or `stopping` is set; says once of each that it is waited for.

    Raises `InfrastructureUnreachable` after a quarter of an hour.
    """
    deadline = time.monotonic() + _WAITS_S
    _wait(lambda: kafka_answers(kafka), "kafka", stopping, deadline)
    _wait(lambda: postgres_answers(postgres), "postgres", stopping, deadline)


def _wait(answers: Callable[[], Awaitable[bool]], name: str, stopping: threading.Event, deadline: float) -> None:
    async def ask() -> bool:
        return await answers()

    said = False
    while not stopping.is_set():
        if asyncio.run(ask()):
            if said:
                log.info(f"{name}_back")
            return
        if not said:
            log.warning(f"waiting_for_{name}")
            said = True
        if time.monotonic() > deadline:
            raise InfrastructureUnreachable(f"{name} did not answer in {_WAITS_S / 60:.0f} minutes")
        stopping.wait(0.5)
