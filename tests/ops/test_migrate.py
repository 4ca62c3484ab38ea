"""A database that has reports in it is brought up to date: each generation's tables become what a new one's are."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from ops.migrate import migrate
from projections.generations import register
from projections.proof import quarantine
from tests.conftest import fresh_database
from tests.infrastructure import Servers
from tests.projections.world import uuid as known_uuid

LAST_WITH_VERSION_1 = "0015_bulk_loading.sql"
GENERATION_1 = Path(__file__).parent / "golden" / "generation-1.sql"


@pytest.fixture
def empty_database(servers: Servers) -> Iterator[str]:
    """A libpq URL of a database with nothing in it."""
    with fresh_database(servers) as postgres:
        yield postgres


def test_reports_of_fold_version_1_are_carried_on(empty_database: str) -> None:
    """Columns, types and defaults are those of a new generation; what was set aside says whether it is a stub."""
    with psycopg.connect(empty_database, autocommit=True) as connection:
        _set_up_as_then(connection)
        aside = (
            "INSERT INTO gen_1.quarantine (partition, log_offset, first_seq, last_seq, log_time, reason, traceback)"
            " VALUES (0, %s, 1, 2, now(), 'no JSON', %s)"
        )
        connection.execute(aside, (1, "no JSON"))
        connection.execute(aside, (2, "Traceback (most recent call last): …"))
    migrate(empty_database)
    with psycopg.connect(empty_database, autocommit=True) as connection:
        assert "fold version 1" in (register.live_is_outdated(connection) or "")
        assert [one.stub for one in quarantine.listed(connection)] == [True, False]
        with connection.transaction():
            register.create(connection)
        new = set(register.lacking(register.live(connection)))
        new |= {f"{name}_{view}" for name in new for view in ("standing", "listed")}
        old, made = (
            [column for column in _columns(connection, schema) if column[0] not in new] for schema in ("gen_1", "gen_2")
        )
        assert old == made
        assert {name for name, *_ in old} >= {"contacts", "warehouses", "positions", "runs"}
        asked = "SELECT * FROM app.later_changes(1, %s, '2026-03-02')"
        assert connection.execute(asked, (known_uuid(1),)).fetchall() == []


def test_migrating_again_does_nothing(postgres: str) -> None:
    """What was applied is not applied again."""
    assert migrate(postgres) == []


def _set_up_as_then(connection: Connection[TupleRow]) -> None:
    connection.execute("CREATE TABLE public.weboffice_migrations (name text PRIMARY KEY, applied_at timestamptz)")
    for script in sorted(resources.files("ops.migrations").iterdir(), key=lambda entry: entry.name):
        if script.name.endswith(".sql") and script.name <= LAST_WITH_VERSION_1:
            connection.execute(script.read_bytes())
            connection.execute("INSERT INTO public.weboffice_migrations (name) VALUES (%s)", (script.name,))
    connection.execute(
        "INSERT INTO app.generations (number, schema_name, state, fold_version) VALUES (1, 'gen_1', 'live', '1')"
    )
    connection.execute("SELECT app.create_generation_schema('gen_1')")
    with connection.transaction():
        connection.execute("SET LOCAL search_path TO gen_1")
        connection.execute(GENERATION_1.read_bytes())


def _columns(connection: Connection[TupleRow], schema: str) -> list[TupleRow]:
    return connection.execute(
        "SELECT table_name, column_name, data_type, is_nullable, column_default, is_generated"
        " FROM information_schema.columns WHERE table_schema = %s ORDER BY table_name, column_name",
        (schema,),
    ).fetchall()
