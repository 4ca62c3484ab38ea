"""The Kafka and PostgreSQL of the measurements: embedded, in a folder of their own, with the service's own settings.

Every measurement gets a database of its own; databases and topics are dropped as soon as they are done with.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import msgspec
import psycopg
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from psycopg import sql

from ops import processes, settings, topics
from ops.infrastructure.embedded import Infrastructure
from ops.infrastructure.kafka import EmbeddedKafka
from ops.infrastructure.ports import free_port
from ops.migrate import migrate
from ops.settings import Settings
from schemas import brokers
from schemas.topics import Topics

_TEMPLATE = "template_bench"
_PASSING = re.compile(r"bench-\d+|perf|b[0-9a-f]{8}-.*")
"""Topics of a single run; others (a history) are kept from one to the next."""


class _OpenKafka(EmbeddedKafka):
    """Without its login, which the other frameworks would have to be told of, each in its way."""

    def _configure(self) -> None:
        super()._configure()
        file = self._home / "server.properties"
        file.write_text(file.read_text().replace("CLIENTS:SASL_PLAINTEXT", "CLIENTS:PLAINTEXT"))

    def address_at(self, port: int) -> str:
        return f"127.0.0.1:{port}"


class Servers:
    """Both servers. `superuser` is a URL for what a role without privileges may not do: COPY from a file."""

    def __init__(self, home: Path) -> None:
        self.home = home
        found = settings.read({"WEBOFFICE_HOME": str(home)})
        self._infrastructure = Infrastructure(found)
        self._infrastructure.embedded_kafka = _OpenKafka(home / "kafka", found.cache)
        self.tcp_port = 0

    def start(self) -> None:
        """Starts both; PostgreSQL listens on loopback as well, for clients that know no Unix sockets (pgJDBC).

        What an earlier run in the same folder left behind is removed.
        """
        self._own_settings.unlink(missing_ok=True)
        self._infrastructure.start()
        self._clear()
        self.tcp_port = free_port()
        postgres = self._infrastructure.embedded_postgres
        assert postgres is not None
        assert postgres.process is not None
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET listen_addresses = '127.0.0.1'")
            connection.execute(sql.SQL("ALTER SYSTEM SET port = {}").format(sql.Literal(self.tcp_port)))
        postgres.stop()
        # The socket's name holds the port, so the service's own addresses need it too.
        postgres.start()
        self._wait_for_postgres()
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(_TEMPLATE)))
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER weboffice").format(sql.Identifier(_TEMPLATE)))
        migrate(self.database(_TEMPLATE))

    def _clear(self) -> None:
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            left = connection.execute(
                "SELECT datname FROM pg_database WHERE datname = %s OR datname LIKE 'bench\\_%%'", [_TEMPLATE]
            ).fetchall()
            for (name,) in left:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        asyncio.run(_delete(self.kafka, _PASSING))

    def _wait_for_postgres(self) -> None:
        for _ in range(300):
            try:
                psycopg.connect(self.superuser).close()
                return
            except psycopg.OperationalError:
                asyncio.run(asyncio.sleep(0.1))
        raise RuntimeError("PostgreSQL did not come back")

    def stop(self) -> None:
        self._infrastructure.stop()

    @property
    def kafka(self) -> str:
        return self._infrastructure.kafka

    @property
    def superuser(self) -> str:
        return self._with_port(self._infrastructure.postgres.replace("weboffice@/weboffice", "postgres@/postgres"))

    def database(self, name: str, *, superuser: bool = False) -> str:
        """The URL of a database."""
        parts = urlsplit(self.superuser if superuser else self._with_port(self._infrastructure.postgres))
        return urlunsplit(parts._replace(path=f"/{name}"))

    def _with_port(self, url: str) -> str:
        return f"{url}&port={self.tcp_port}" if self.tcp_port and self._listening_on_tcp else url

    @property
    def _own_settings(self) -> Path:
        return self.home / "postgres" / "data" / "postgresql.auto.conf"

    @property
    def _listening_on_tcp(self) -> bool:
        return self._own_settings.exists() and "listen_addresses" in self._own_settings.read_text()

    @property
    def pids(self) -> dict[str, int]:
        """'postgres' and 'kafka' → process id."""
        return {
            name: server.process.pid  # type: ignore[union-attr]  # both run
            for name, server in (
                ("postgres", self._infrastructure.embedded_postgres),
                ("kafka", self._infrastructure.embedded_kafka),
            )
        }

    @contextmanager
    def fresh_database(self, *, migrated: bool = True) -> Iterator[str]:
        """A database of its own for one measurement; dropped at the end. Yields its name."""
        name = f"bench_{uuid.uuid4().hex[:12]}"
        template = sql.Identifier(_TEMPLATE if migrated else "template1")
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER weboffice").format(sql.Identifier(name), template)
            )
        try:
            yield name
        finally:
            with psycopg.connect(self.superuser, autocommit=True) as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def keep_database(self, name: str) -> None:
        """A new, migrated database that stays; one of that name from before is dropped."""
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER weboffice").format(
                    sql.Identifier(name), sql.Identifier(_TEMPLATE)
                )
            )

    def settle(self) -> None:
        """Writes out what earlier measurements left in memory, so that none pays for another."""
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            connection.execute("CHECKPOINT")

    def settings(self, database: str, prefix: str, home: Path, partitions: int = 12) -> Settings:
        """Settings of a service on these servers."""
        defaults = settings.read({"WEBOFFICE_HOME": str(home), "WEBOFFICE_PARTITIONS": str(partitions)})
        return msgspec.structs.replace(
            defaults, kafka=self.kafka, postgres=self.database(database), topics=Topics(prefix)
        )

    def create_topic(self, name: str, partitions: int) -> None:
        """A topic with the settings that `events` has."""
        configuration = topics.configuration(Topics(), 14)["events"]
        asyncio.run(_create(self.kafka, NewTopic(name, partitions, 1, topic_configs=configuration)))

    def delete_topics(self, *names: str) -> None:
        asyncio.run(_delete(self.kafka, list(names)))


async def _create(kafka: str, topic: NewTopic) -> None:
    admin = AIOKafkaAdminClient(**brokers.options(kafka))
    await admin.start()
    try:
        await admin.create_topics([topic])
    finally:
        await admin.close()


async def _delete(kafka: str, which: list[str] | re.Pattern[str]) -> None:
    """Deletes topics, as far as they are there."""
    admin = AIOKafkaAdminClient(**brokers.options(kafka))
    await admin.start()
    try:
        present = set(await admin.list_topics())
        doomed = (
            present & set(which) if isinstance(which, list) else {name for name in present if which.fullmatch(name)}
        )
        if doomed:
            await admin.delete_topics(sorted(doomed))
    finally:
        await admin.close()


def stop(process: object) -> None:
    """Ends a process that a measurement started."""
    processes.stop(process)  # type: ignore[arg-type]
