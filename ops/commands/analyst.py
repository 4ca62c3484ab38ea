"""`weboffice analyst`: logins for programs that read the views of the schema `report`, and nothing else."""

from __future__ import annotations

import re
import secrets
from contextlib import AbstractContextManager
from uuid import UUID

import click
import msgspec
from psycopg import Connection, sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

from ops import running
from ops.settings import Settings
from projections.replay.catchup import session
from schemas.errors import Refused, UsageError
from schemas.statements import load

_sql = load("ops.commands", "analyst.sql")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@click.group()
def analyst() -> None:
    """Logins for psql, pandas, Metabase and the like, which read the views of the schema `report`
    (docs/analysts.md), of one account or of all."""


@analyst.command()
@click.argument("name")
@click.option("--email", help="The owner of the one account whose outlets it sees; without it, all of all accounts.")
@click.option("--costs", is_flag=True, help="It sees what goods cost.")
@click.option("--connections", type=click.IntRange(1, 100), default=5, show_default=True, help="At a time, at most.")
@click.option("--timeout", type=click.IntRange(1, 86_400), default=60, show_default=True, help="Seconds of a query.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def create(
    settings: Settings, name: str, email: str | None, costs: bool, connections: int, timeout: int, as_json: bool
) -> None:
    """Make the login analyst_NAME with a new password, which is shown once. Exit code 1 without such an account."""
    role, password = _role(name), secrets.token_urlsafe(24)
    with _connected(settings) as connection, connection.transaction():
        if connection.execute(_sql["exists"], {"role": role}).fetchone() is not None:
            raise UsageError(f"there is a login {role} already: `weboffice analyst drop {name}` first, or another name")
        account_id = _account(connection, email) if email else None
        _make(connection, role, password, connections, timeout)
        connection.execute(_sql["note"], {"role": role, "account_id": account_id, "costs": costs, "timeout": timeout})
    where = make_conninfo(running.services(settings).postgres, user=role, password=password)
    click.echo(msgspec.json.encode({"role": role, "connection": where}).decode() if as_json else where)


@analyst.command("list")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def listed(settings: Settings, as_json: bool) -> None:
    """Each login, whose outlets it sees, and how many connections it has at this moment."""
    names = ("role", "email", "costs", "created_at", "connections")
    with _connected(settings) as connection:
        rows = [dict(zip(names, row, strict=True)) for row in connection.execute(_sql["listed"])]
    if as_json:
        click.echo(msgspec.json.encode(rows).decode())
        return
    for row in rows:
        costs = ", with costs" if row["costs"] else ""
        click.echo(f"{row['role']}  {row['email'] or 'all accounts'}{costs}, {row['connections']} connections")


@analyst.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def drop(settings: Settings, name: str, as_json: bool) -> None:
    """End a login and its connections. Exit code 1 where there is none of that name."""
    role = _role(name)
    with _connected(settings) as connection:
        with connection.transaction():
            if connection.execute(_sql["forget"], {"role": role}).fetchone() is None:
                raise Refused(f"there is no analyst {name}")
            connection.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(role)))
        connection.execute(_sql["end_connections"], {"role": role})
        with connection.transaction():
            connection.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(role)))
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
    click.echo(msgspec.json.encode({"dropped": role}).decode() if as_json else f"{role} is gone")


def _make(connection: Connection[TupleRow], role: str, password: str, connections: int, timeout: int) -> None:
    """A login that may read the views; the tables' owner may end its connections, as a switch does."""
    name = sql.Identifier(role)
    sealed = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    for statement in (
        sql.SQL("CREATE ROLE {} LOGIN NOINHERIT CONNECTION LIMIT {} PASSWORD {}").format(
            name, sql.Literal(connections), sql.Literal(sealed)
        ),
        sql.SQL("GRANT {} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE").format(name),
        sql.SQL("ALTER ROLE {} SET statement_timeout = {}").format(name, sql.Literal(f"{timeout}s")),
        sql.SQL("ALTER ROLE {} SET idle_in_transaction_session_timeout = {}").format(name, sql.Literal("60s")),
        sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(name),
        sql.SQL("ALTER ROLE {} SET search_path = report").format(name),
        sql.SQL("GRANT USAGE ON SCHEMA report TO {}").format(name),
        sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA report TO {}").format(name),
    ):
        connection.execute(statement)


def _role(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise UsageError("a name begins with a letter and has small letters, digits and _ alone, 40 at most")
    return f"analyst_{name}"


def _account(connection: Connection[TupleRow], email: str) -> UUID:
    row = connection.execute(_sql["account"], {"email": email.strip().lower()}).fetchone()
    if row is None:
        raise Refused(f"there is no account of {email}")
    found: UUID = row[0]
    return found


def _connected(settings: Settings) -> AbstractContextManager[Connection[TupleRow]]:
    return session(running.services(settings).postgres)
