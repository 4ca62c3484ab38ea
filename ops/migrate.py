"""Brings a database to the present schema: numbered, append-only migrations, the first generation, processes' logins.

Idempotent and safe to run from several processes at once (one advisory lock). Raises `psycopg.Error`, and
`UsageError` where a login can't be had.
"""

from __future__ import annotations

from collections.abc import Collection
from importlib import resources

import psycopg
import structlog
from psycopg.rows import TupleRow

from ops import logins
from ops.settings import Settings
from projections.generations.register import ensure_first_generation

log = structlog.get_logger(__name__)

_LOCK = 0x3EB0FF1CE  # any constant of our own; advisory locks are per database


def migrate(postgres: str, settings: Settings | None = None) -> list[str]:
    """Applies what is missing and returns the names of the migrations applied now. `settings` may name logins."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))  # until the connection ends
        applied = _apply(connection, None)
        ensure_first_generation(connection)
        logins.ensure(connection, postgres, settings)
    return applied


def apply(connection: psycopg.Connection[TupleRow], only: Collection[str]) -> list[str]:
    """Applies those of the migrations named that are missing, and nothing else. Returns their names."""
    connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
    try:
        return _apply(connection, only)
    finally:
        if not connection.broken:
            connection.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))


def _apply(connection: psycopg.Connection[TupleRow], only: Collection[str] | None) -> list[str]:
    applied = []
    connection.execute(
        "CREATE TABLE IF NOT EXISTS public.weboffice_migrations"
        " (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
    )
    done = {name for (name,) in connection.execute("SELECT name FROM public.weboffice_migrations")}
    for script in sorted(resources.files("ops.migrations").iterdir(), key=lambda entry: entry.name):
        if not script.name.endswith(".sql") or script.name in done or (only is not None and script.name not in only):
            continue
        with connection.transaction():
            connection.execute(script.read_bytes())
            connection.execute("INSERT INTO public.weboffice_migrations (name) VALUES (%s)", (script.name,))
        log.info("migrated", migration=script.name)
        applied.append(script.name)
    return applied


def known() -> set[str]:
    """The names of all migrations of this program."""
    return {script.name for script in resources.files("ops.migrations").iterdir() if script.name.endswith(".sql")}
