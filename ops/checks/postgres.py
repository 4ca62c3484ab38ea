"""PostgreSQL: its version and settings, the roles, row-level security on every table, migrations, zones, the clock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib import resources
from typing import Any

import psycopg

from ops.checks import Finding, clock, judged
from ops.checks.refusal import TOO_MANY_CONNECTIONS, sqlstate
from schemas.statements import load

_sql = load("ops.checks", "postgres.sql")
_LEAST_VERSION = 180000
_OLDEST_BACKUP_DAYS = 2


def check(postgres: str) -> list[Finding]:
    """All findings about PostgreSQL; one alone where it does not answer."""
    try:
        # Of a database without an encoding, texts would come as bytes, and everything would look wrong.
        with psycopg.connect(postgres, connect_timeout=5, autocommit=True, client_encoding="utf8") as connection:
            connection.execute("SET default_transaction_read_only = on")
            return list(_check(connection))
    except psycopg.OperationalError as exc:
        reason = " ".join(str(exc).split())
        if no_free_connection(exc):
            return [Finding("PostgreSQL", f"no connection is free: {reason}", FREE_A_CONNECTION)]
        return [Finding("PostgreSQL", reason, "start it, or mend WEBOFFICE_POSTGRES (and the password in PGPASSFILE)")]


FREE_A_CONNECTION = (
    "end programs that hold connections (a superuser sees them in pg_stat_activity), run fewer processes of the service"
    " (a portal takes about 10 connections), or raise max_connections (POSTGRES_MAX_CONNECTIONS in compose.yaml) or the"
    " limit of the role or database and restart PostgreSQL; then `weboffice doctor` again"
)


def no_free_connection(exc: Exception) -> bool:
    """Whether PostgreSQL runs and has no connection left, for anybody or for this role or database."""
    return sqlstate(exc) == TOO_MANY_CONNECTIONS


def _check(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    yield from _server(connection)
    yield from _our_role(connection)
    if not _rows(connection, "has_migrations")[0][0]:
        yield Finding("PostgreSQL: schema", "none yet", "run `weboffice migrate`")
        return
    yield from _schema(connection)
    yield from _separation(connection)
    zones = [zone for (zone,) in _rows(connection, "unknown_zones")]
    mend = "PostgreSQL's time zone data is older than an outlet's zone: update it"
    yield judged("PostgreSQL: time zones", not zones, ", ".join(zones) or "those of all outlets are known", mend)
    before = time.time()
    [(theirs,)] = _rows(connection, "clock")
    after = time.time()
    yield clock("PostgreSQL", theirs - (before + after) / 2, (after - before) / 2)


def _server(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    [(number, version, encoding, fsync, commits, statements, parameters)] = _rows(connection, "server")
    yield judged("PostgreSQL", number >= _LEAST_VERSION, version, "PostgreSQL 18 or newer is needed")
    yield judged("PostgreSQL: encoding", encoding == "UTF8", encoding, "make the database anew with ENCODING 'UTF8'")
    durable = fsync == "on" and commits != "off"
    detail = f"fsync={fsync}, synchronous_commit={commits}"
    yield judged("PostgreSQL: durability", durable, detail, "set fsync=on and synchronous_commit=on")
    silent = statements == "panic" and parameters == "0"
    detail = f"log_min_error_statement={statements}, log_parameter_max_length_on_error={parameters}"
    mend = "set them to panic and 0: statements carry what tills send, and logs carry no names"
    yield judged("PostgreSQL: privacy of its log", silent, detail, mend)


def _our_role(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    [(name, superuser, bypass)] = _rows(connection, "our_role")
    detail = f"{name}{', a superuser' if superuser else ''}{', bypasses row-level security' if bypass else ''}"
    mend = f"ALTER ROLE {name} NOSUPERUSER NOBYPASSRLS, or connect as a role that is neither and owns the database"
    yield judged("PostgreSQL: our role", not (superuser or bypass), detail, mend)


def _schema(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    done = {name for (name,) in _rows(connection, "migrations")}
    known = {entry.name for entry in resources.files("ops.migrations").iterdir() if entry.name.endswith(".sql")}
    detail = ", ".join(sorted(known ^ done)) or f"all {len(done)} migrations applied"
    mend = "run `weboffice migrate`" if known - done else "the database is newer than this program: update the program"
    yield judged("PostgreSQL: schema", known == done, detail, mend)
    if known == done:
        yield from _backup(connection)
    live = _rows(connection, "live")
    detail = f"generation {live[0][0]} is live" if live else "no generation is live"
    yield judged("read models", bool(live), detail, "run `weboffice migrate`, or `weboffice generations switch`")
    [(numbers, count, size)] = _rows(connection, "spare_generations")
    spare = f"{numbers}: {size / 1e6:,.1f} MB, freed by `weboffice generations drop NUMBER`"
    yield Finding("read models: to spare", spare if count else "nothing beside the live ones and those before them")


def _backup(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    """Who makes backups in another way has none of ours, and is left alone."""
    [(days, unfinished)] = _rows(connection, "backup")
    if unfinished:
        yield Finding("restore", "did not come to its end", "call `weboffice restore` with the same backup again")
    found = "none by `weboffice backup`" if days is None else f"the latest is {days:.1f} days old"
    mend = "run `weboffice backup`, every night: what was acknowledged since is nowhere else"
    yield judged("backup", days is None or days <= _OLDEST_BACKUP_DAYS, found, mend)


def _separation(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    found = _rows(connection, "portal_role")
    if not found:
        yield Finding("PostgreSQL: the portal's role", "missing", "CREATE ROLE weboffice_portal NOLOGIN, then migrate")
        return
    [(superuser, bypass, ours, owned)] = found
    faults = [
        *(["is a superuser"] if superuser else []),
        *(["bypasses row-level security"] if bypass else []),
        *(["can't be taken by our role"] if not ours else []),
        *([f"owns {owned} relations"] if owned else []),
    ]
    mend = "as a superuser: ALTER ROLE weboffice_portal NOSUPERUSER NOBYPASSRLS; REASSIGN OWNED; GRANT it to our role"
    yield judged("PostgreSQL: the portal's role", not faults, ", ".join(faults) or "neither owner nor superuser", mend)
    unbound = [table for (table,) in _rows(connection, "unbound_tables")]
    [(bound,)] = _rows(connection, "bound_tables")
    mend = "ALTER TABLE … ENABLE ROW LEVEL SECURITY; ALTER TABLE … FORCE ROW LEVEL SECURITY, on each"
    detail = ", ".join(unbound) or f"binds {bound} tables"
    yield judged("PostgreSQL: row-level security", not unbound, detail, mend)


def _rows(connection: psycopg.Connection[Any], statement: str) -> list[tuple[Any, ...]]:
    return connection.execute(_sql[statement]).fetchall()
