"""The two ways to get a real Kafka and a real PostgreSQL for a test run."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from msgspec import Struct
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ops import settings
from ops.infrastructure.embedded import Infrastructure
from ops.infrastructure.ports import free_port
from ops.infrastructure.postgres import SERVER
from schemas import brokers
from schemas.log import MAX_RECORD_BYTES

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

MODE = os.environ.get("WEBOFFICE_TEST_INFRA", "embedded")
"""`embedded` or `containers`."""
KAFKA_IMAGE, POSTGRES_IMAGE = "apache/kafka:4.3.1", "postgres:18"
_READY_WITHIN_S = 120.0
_ROLE = "weboffice"
# As ops/infrastructure/kafka.py has them.
_KAFKA = {
    "KAFKA_NODE_ID": "1",
    "KAFKA_PROCESS_ROLES": "broker,controller",
    "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
    "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
    "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
    "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "KAFKA_INTER_BROKER_LISTENER_NAME": "PLAINTEXT",
    "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
    "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "4",
    "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
    "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR": "1",
    "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR": "1",
    "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
    "KAFKA_MESSAGE_MAX_BYTES": str(MAX_RECORD_BYTES),
    "KAFKA_REPLICA_FETCH_MAX_BYTES": str(MAX_RECORD_BYTES),
    "KAFKA_LOG_RETENTION_CHECK_INTERVAL_MS": "60000",
    "KAFKA_HEAP_OPTS": "-Xmx512m -Xms256m",
}
_INITDB = "--encoding=UTF8 --locale=C --locale-provider=builtin --builtin-locale=C.UTF-8 --no-sync"


KafkaPaused = Callable[[], AbstractContextManager[None]]


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own user can reach too: pytest shuts its folders to others at each start of a run."""
    with tempfile.TemporaryDirectory(prefix="weboffice-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


class Servers(Struct, frozen=True):
    """Addresses, and a way to let the broker stand still for a while (it keeps its connections and answers nothing)."""

    kafka: str
    postgres: str
    kafka_paused: KafkaPaused


@contextlib.contextmanager
def start(mode: str, home: Path) -> Iterator[Servers]:
    """Starts both and stops them at the end. `mode` is `embedded` or `containers`."""
    match mode:
        case "embedded":
            infrastructure = Infrastructure(settings.read({"WEBOFFICE_HOME": str(home)}))
            infrastructure.start()
            broker = infrastructure.embedded_kafka
            assert broker is not None
            assert broker.process is not None
            pid = broker.process.pid
            try:
                _without_compressed_wal(infrastructure.postgres)
                yield Servers(infrastructure.kafka, infrastructure.postgres, lambda: _stopped(pid))
            finally:
                infrastructure.stop()
        case "containers":
            with _containers() as servers:
                yield servers
        case _:
            raise ValueError(f"WEBOFFICE_TEST_INFRA is {mode!r}, not 'embedded' or 'containers'")


def _without_compressed_wal(address: str) -> None:
    """A copy of the template database goes through the WAL: compressing it costs more than all else of the copy."""
    superuser = make_conninfo(address, user="postgres", dbname="postgres")
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET wal_compression = off")
        connection.execute("SELECT pg_reload_conf()")


@contextlib.contextmanager
def _stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def _containers() -> Iterator[Servers]:
    from testcontainers.core.container import DockerContainer

    # Fixed ports on loopback: a broker has to know the address by which clients will find it.
    kafka_port, postgres_port, password = free_port(), free_port(), secrets.token_urlsafe(24)
    kafka = DockerContainer(
        KAFKA_IMAGE, env={**_KAFKA, "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{kafka_port}"}
    )
    kafka.ports = {"9092/tcp": ("127.0.0.1", kafka_port)}  # type: ignore[dict-item]  # passed on to docker as it is
    postgres = DockerContainer(
        POSTGRES_IMAGE,
        env={"POSTGRES_PASSWORD": password, "POSTGRES_INITDB_ARGS": _INITDB},
        shm_size="512m",
    ).with_command(["postgres", *(f"--{name}={value}" for name, value in SERVER.items())])
    postgres.ports = {"5432/tcp": ("127.0.0.1", postgres_port)}  # type: ignore[dict-item]

    @contextlib.contextmanager
    def paused() -> Iterator[None]:
        container = kafka.get_wrapped_container()
        container.pause()
        try:
            yield
        finally:
            container.unpause()

    with kafka, postgres:
        server = f"127.0.0.1:{postgres_port}"
        _wait(lambda: _make_role(f"postgresql://postgres:{password}@{server}/postgres", password), postgres)
        _wait(lambda: asyncio.run(_ask_kafka(f"127.0.0.1:{kafka_port}")), kafka)
        yield Servers(f"127.0.0.1:{kafka_port}", f"postgresql://{_ROLE}:{password}@{server}/{_ROLE}", paused)


def _make_role(superuser: str, password: str) -> None:
    """As ops/infrastructure/postgres.py does: no superuser, but it may make roles and databases, and owns its own."""
    with psycopg.connect(superuser, autocommit=True, connect_timeout=2) as connection:
        role = sql.Identifier(_ROLE)
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE PASSWORD {}").format(role, sql.Literal(password))
        )
        connection.execute(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(role))


async def _ask_kafka(address: str) -> None:
    client = AIOKafkaClient(**brokers.options(address))
    try:
        await client.bootstrap()
    finally:
        await client.close()


def _wait(attempt: Callable[[], None], container: DockerContainer) -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    while True:
        try:
            return attempt()
        except (psycopg.OperationalError, KafkaError, OSError) as exc:
            if time.monotonic() > deadline:
                logs = b"".join(container.get_logs()).decode(errors="replace")
                raise AssertionError(f"{container.image} is not ready:\n{logs[-4000:]}") from exc
            time.sleep(0.2)
