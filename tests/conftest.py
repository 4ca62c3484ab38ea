"""Real Kafka and PostgreSQL for the tests: started once per run, a fresh database and fresh topics per test.

`WEBOFFICE_TEST_INFRA` says how: `embedded` (the default) or `containers` (testcontainers; needs Docker).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import hypothesis
import msgspec
import psycopg
import pytest
from psycopg import sql

from ops import settings
from ops import topics as topic_set_up
from ops.migrate import migrate
from ops.settings import Settings
from schemas.topics import Topics
from tests.infrastructure import MODE, KafkaPaused, Servers, open_folder, start
from tests.shared_servers import ask, shared_folder

# Two cores shared by everything: an example that takes long now and then proves nothing.
hypothesis.settings.register_profile(
    "suite", deadline=None, max_examples=50, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile("quick", hypothesis.settings.get_profile("suite"), max_examples=25)
hypothesis.settings.register_profile("nightly", hypothesis.settings.get_profile("suite"), max_examples=500)
hypothesis.settings.load_profile("suite")

# A broker that lives for seconds is sooner ready, and takes half the processor, with Java's quick compiler alone.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytest_plugins = ["tests.selection", "tests.parallel"]


def pytest_report_header() -> list[str]:
    browser = CHROMIUM or "none found, its tests are skipped: install chromium (Debian: apt-get install chromium)"
    return [f"infrastructure: Kafka and PostgreSQL {MODE}", f"browser: {browser}"]


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> Iterator[Servers]:
    """The run's Kafka and PostgreSQL; `servers.kafka` and `servers.postgres` are their addresses."""
    if given := os.environ.get("TEST_SERVERS"):  # those of the run that starts this one
        kafka, postgres = json.loads(given)
        yield Servers(kafka, postgres, contextlib.nullcontext)
        return
    if shared := shared_folder(pytestconfig):
        yield ask(shared)
        return
    with open_folder() as folder, start(MODE, folder) as started:
        yield started


@pytest.fixture
def kafka_paused(servers: Servers, alone: None) -> KafkaPaused:
    """Lets the broker stand still for a while (it keeps its connections and answers nothing)."""
    return servers.kafka_paused


@pytest.fixture(scope="session")
def kafka(servers: Servers) -> str:
    """Bootstrap servers."""
    return servers.kafka


@pytest.fixture(scope="session")
def template(servers: Servers) -> str:
    """The name of a migrated database that nobody connects to: made once, copied for each test."""
    name = os.environ.get("TEST_TEMPLATE", "template_weboffice")  # of sources that differ, its tables may, too
    with psycopg.connect(servers.postgres, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(1)")  # of several workers one makes it, the others wait
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            migrate(database_url(servers.postgres, name))
    return name


@pytest.fixture
def postgres(servers: Servers, template: str) -> Iterator[str]:
    """A libpq URL of a fresh, migrated database."""
    with fresh_database(servers, template) as url:
        yield url


@contextlib.contextmanager
def fresh_database(servers: Servers, template: str = "template1") -> Iterator[str]:
    """A copy of the template database, dropped at the end: by default one with nothing in it."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(servers.postgres, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
        yield database_url(servers.postgres, name)
        _drop(connection, name)


def _drop(connection: psycopg.Connection[Any], name: str, within: float = 60) -> None:
    """Drops a database with whoever is still connected; an autovacuum worker is not ours to end and waited for."""
    deadline = time.monotonic() + within
    while True:
        try:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            return
        except psycopg.errors.InsufficientPrivilege:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@pytest.fixture
def topics(service_settings: Settings, kafka: str) -> Topics:
    """Fresh topics of three partitions, made with the service's own settings."""
    asyncio.run(topic_set_up.ensure(kafka, service_settings))
    return service_settings.topics


@pytest.fixture
def service_settings(kafka: str, postgres: str) -> Iterator[Settings]:
    """The settings of a service on the test's own database, topics (not made yet) and home."""
    with fresh_settings(kafka, postgres) as found:
        yield found


@contextlib.contextmanager
def fresh_settings(kafka: str, postgres: str) -> Iterator[Settings]:
    """Settings with a topic prefix and a home of their own."""
    with open_folder() as folder:
        defaults = settings.read({"WEBOFFICE_HOME": str(folder / "home"), "WEBOFFICE_PARTITIONS": "3"})
        prefix = f"t{uuid.uuid4().hex[:12]}-"
        yield msgspec.structs.replace(defaults, kafka=kafka, postgres=postgres, topics=Topics(prefix))


def database_url(server: str, name: str) -> str:
    """The URL of another database of the same server."""
    parts = urlsplit(server)
    return urlunsplit(parts._replace(path=f"/{name}"))
