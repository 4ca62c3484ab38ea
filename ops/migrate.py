"""Brings a database to the present schema: numbered, append-only migrations, then the first generation.

Idempotent and safe to run from several processes at once (one advisory lock). Raises `psycopg.Error`.
"""

from __future__ import annotations

from importlib import resources

import psycopg
import structlog

from projections.generations.register import ensure_first_generation

log = structlog.get_logger(__name__)

_LOCK = 0x3EB0FF1CE  # any constant of our own; advisory locks are per database


def migrate(postgres: str) -> list[str]:
    """Applies what is missing and returns the names of the migrations applied now."""
    applied = []
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        connection.execute(
            "CREATE TABLE IF NOT EXISTS public.weboffice_migrations"
            " (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        done = {name for (name,) in connection.execute("SELECT name FROM public.weboffice_migrations")}
        for script in sorted(resources.files("ops.migrations").iterdir(), key=lambda entry: entry.name):
            if not script.name.endswith(".sql") or script.name in done:
                continue
            with connection.transaction():
                connection.execute(script.read_bytes())
                connection.execute("INSERT INTO public.weboffice_migrations (name) VALUES (%s)", (script.name,))
            log.info("migrated", migration=script.name)
            applied.append(script.name)
        ensure_first_generation(connection)
    return applied
