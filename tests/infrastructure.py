"""The two ways to get a real Kafka and a real PostgreSQL for a test run."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from ops import settings
from ops.infrastructure.embedded import Infrastructure


class Servers(Struct, frozen=True):
    """Addresses; `embedded` is None where containers serve."""

    kafka: str
    postgres: str
    embedded: Infrastructure | None = None


@contextlib.contextmanager
def start(mode: str, home: Path) -> Iterator[Servers]:
    """Starts both and stops them at the end. `mode` is `embedded` or `containers`."""
    match mode:
        case "embedded":
            infrastructure = Infrastructure(settings.read({"WEBOFFICE_HOME": str(home)}))
            infrastructure.start()
            try:
                yield Servers(infrastructure.kafka, infrastructure.postgres, infrastructure)
            finally:
                infrastructure.stop()
        case "containers":
            with _containers() as servers:
                yield servers
        case _:
            raise ValueError(f"WEBOFFICE_TEST_INFRA is {mode!r}, not 'embedded' or 'containers'")


@contextlib.contextmanager
def _containers() -> Iterator[Servers]:
    from testcontainers.kafka import KafkaContainer
    from testcontainers.postgres import PostgresContainer

    kafka = KafkaContainer("apache/kafka:4.3.1").with_kraft()
    postgres = PostgresContainer("postgres:18", username="weboffice", dbname="weboffice", driver=None)
    with kafka, postgres:
        yield Servers(kafka.get_bootstrap_server(), postgres.get_connection_url())
