"""Kafka and PostgreSQL for those who have none: what is not named in the settings runs embedded."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import structlog

from ops.infrastructure.jars import Progress
from ops.infrastructure.kafka import EmbeddedKafka
from ops.infrastructure.postgres import EmbeddedPostgres
from ops.settings import Settings
from schemas.errors import InfrastructureUnreachable

log = structlog.get_logger(__name__)


class Server(Protocol):
    """What both servers have in common."""

    @property
    def address(self) -> str: ...
    def start(self) -> None: ...
    def wait_ready(self, timeout: float = 180) -> None: ...
    def stop(self) -> None: ...


class Infrastructure:
    """The two servers, started in parallel; `kafka` and `postgres` are their addresses once `start` returned."""

    def __init__(self, settings: Settings) -> None:
        self.kafka = settings.kafka
        self.postgres = settings.postgres
        self.embedded_kafka = None if settings.kafka else EmbeddedKafka(settings.home / "kafka", settings.cache)
        self.embedded_postgres = None if settings.postgres else EmbeddedPostgres(settings.home / "postgres")

    @property
    def servers(self) -> list[tuple[str, Server]]:
        named: list[tuple[str, Server | None]] = [("kafka", self.embedded_kafka), ("postgres", self.embedded_postgres)]
        return [(name, server) for name, server in named if server is not None]

    def start(self, progress: Progress = lambda done, total: None) -> None:
        """Starts what runs embedded; on failure nothing is left running. Call it from the main thread."""
        prepare: list[Callable[[], None]] = []
        if kafka := self.embedded_kafka:
            prepare.append(lambda: kafka.prepare(progress))
        if postgres := self.embedded_postgres:
            prepare.append(postgres.prepare)
        try:
            with ThreadPoolExecutor(2) as pool:
                for done in [pool.submit(step) for step in prepare]:
                    done.result()
                for _, server in self.servers:
                    server.start()
                for ready in [pool.submit(server.wait_ready) for _, server in self.servers]:
                    ready.result()
        except OSError as exc:
            self.stop()
            raise InfrastructureUnreachable(
                f"the files of Kafka and PostgreSQL can't be written ({exc}): free some space, or name another"
                " folder in WEBOFFICE_HOME"
            ) from exc
        except BaseException:
            self.stop()
            raise
        if kafka:
            self.kafka = kafka.address
        if postgres:
            self.postgres = postgres.address

    def stop(self) -> None:
        """Stops both, at the same time."""
        with ThreadPoolExecutor(2) as pool:
            for stopped in [pool.submit(server.stop) for _, server in self.servers]:
                stopped.result()
