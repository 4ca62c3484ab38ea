"""The roles that processes log in to PostgreSQL with, each with the least it needs (`logins.sql` says what that is).

Where the settings name no login for a part, `migrate` lets the part's role log in, with a password that follows from
that of the tables' owner: so there is nothing to keep, and the same holds on every machine that knows the owner's URL.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from typing import Any, Literal

import psycopg
import structlog
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ops.settings import Settings
from schemas.errors import UsageError
from schemas.statements import load

log = structlog.get_logger(__name__)

Part = Literal["worker", "gateway", "accounts", "portal"]
PARTS: tuple[Part, ...] = ("worker", "gateway", "accounts", "portal")
"""`accounts`: the portal's own work. `portal`: what it reads figures with."""

_sql = load("ops", "logins.sql")


def role_of(part: Part) -> str:
    """The role that has the part's rights; a login of another name is a member of it."""
    return f"weboffice_{part}"


def given(settings: Settings, part: Part) -> str:
    """The URL that the settings name for a part; empty where they name none."""
    url: str = getattr(settings, f"postgres_{part}")
    return url


def standby(settings: Settings, portal: str) -> str:
    """What figures are read with from a standby: its address, and what that does not name as in the portal's own login;
    empty where the settings name none."""
    if not settings.postgres_read:
        return ""
    return make_conninfo("", **{**conninfo_to_dict(portal), **conninfo_to_dict(settings.postgres_read)})


def login(owner: str, part: Part) -> str:
    """The connection string of a part's role on the server and database of the owner's URL."""
    return make_conninfo(owner, user=role_of(part), password=_password(owner, part))


def _password(owner: str, part: Part) -> str | None:
    """None where the owner has none: a socket that trusts whoever reaches it."""
    secret = conninfo_to_dict(owner).get("password") or os.environ.get("PGPASSWORD")
    if not secret:
        return None
    digest = hmac.digest(str(secret).encode(), role_of(part).encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def ensure(connection: psycopg.Connection[Any], owner: str, settings: Settings | None) -> None:
    """Grants every part's role what it needs, and sees that each part can log in. For the tables' owner.

    Raises `UsageError` that says what to do where one cannot.
    """
    with connection.transaction():
        connection.execute(_sql["grants"])
    for part in PARTS:
        url = given(settings, part) if settings else ""
        user = conninfo_to_dict(url).get("user") if url else None
        if user and user != role_of(part):
            _admit(connection, str(user), part)
        else:
            _let_log_in(connection, url or login(owner, part), part)


def _admit(connection: psycopg.Connection[Any], user: str, part: Part) -> None:
    """A login that the settings name gets the rights of its part; who made it gave it its password."""
    role = role_of(part)
    if connection.execute(_sql["exists"], {"login": user}).fetchone() is None:
        raise UsageError(f"WEBOFFICE_POSTGRES_{part.upper()}: PostgreSQL has no role {user}; make it first")
    found = connection.execute(_sql["is_member"], {"login": user, "role": role}).fetchone()
    if found is None or not found[0]:
        connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(user)))


def _let_log_in(connection: psycopg.Connection[Any], url: str, part: Part) -> None:
    role = role_of(part)
    if _answers(url):
        return
    attributes: sql.Composable = sql.SQL("LOGIN")
    if password := conninfo_to_dict(url).get("password"):
        secret = connection.pgconn.encrypt_password(str(password).encode(), role.encode(), b"scram-sha-256").decode()
        attributes = sql.SQL("LOGIN PASSWORD {}").format(sql.Literal(secret))
    try:
        connection.execute(sql.SQL("ALTER ROLE {} {}").format(sql.Identifier(role), attributes))
    except psycopg.errors.InsufficientPrivilege as exc:
        raise UsageError(f"the role {role} was made by another one: {_remedy(part)}") from exc
    except psycopg.errors.InternalError_:
        log.info("login_made_by_another", role=role)  # migrating another database of this server at the same time
    if not _answers(url):
        raise UsageError(f"PostgreSQL does not let {role} log in: {_remedy(part)}")
    log.info("login_made", role=role)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _remedy(part: Part) -> str:
    return f"name in WEBOFFICE_POSTGRES_{part.upper()} a login of your own; `migrate` gives it that role's rights"
