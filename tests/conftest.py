"""Real Kafka and PostgreSQL for the tests: started once per run, a fresh database and fresh topics per test.

`WEBOFFICE_TEST_INFRA` says how: `embedded` (the default) or `containers` (testcontainers; needs Docker).
"""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import msgspec
import psycopg
import pytest
from psycopg import sql

from ops import settings
from ops import topics as topic_set_up
from ops.migrate import migrate
from ops.settings import Settings
from schemas.topics import Topics
from tests.infrastructure import Servers, start

_MODE = os.environ.get("WEBOFFICE_TEST_INFRA", "embedded")


def pytest_report_header() -> str:
    return f"infrastructure: Kafka and PostgreSQL {_MODE}"


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """The run's Kafka and PostgreSQL; `servers.kafka` and `servers.postgres` are their addresses."""
    with start(_MODE, tmp_path_factory.mktemp("servers")) as started:
        yield started


@pytest.fixture(scope="session")
def kafka(servers: Servers) -> str:
    """Bootstrap servers."""
    return servers.kafka


@pytest.fixture(scope="session")
def _template(servers: Servers) -> str:
    name = "template_weboffice"
    with psycopg.connect(servers.postgres, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    migrate(database_url(servers.postgres, name))
    return name


@pytest.fixture
def postgres(servers: Servers, _template: str) -> Iterator[str]:
    """A libpq URL of a fresh, migrated database."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(servers.postgres, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(_template))
        )
        yield database_url(servers.postgres, name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def topics(service_settings: Settings, kafka: str) -> Topics:
    """Fresh topics of three partitions, made with the service's own settings."""
    asyncio.run(topic_set_up.ensure(kafka, service_settings))
    return service_settings.topics


@pytest.fixture
def service_settings(kafka: str, postgres: str, tmp_path: Path) -> Settings:
    """The settings of a service on the test's own database, topics (not made yet) and home."""
    defaults = settings.read({"WEBOFFICE_HOME": str(tmp_path / "home"), "WEBOFFICE_PARTITIONS": "3"})
    prefix = f"t{uuid.uuid4().hex[:12]}-"
    return msgspec.structs.replace(defaults, kafka=kafka, postgres=postgres, topics=Topics(prefix))


def database_url(server: str, name: str) -> str:
    """The URL of another database of the same server."""
    parts = urlsplit(server)
    return urlunsplit(parts._replace(path=f"/{name}"))
