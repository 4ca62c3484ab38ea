"""`weboffice account`: closing an account, opening it again, ending all that is signed in to it, deleting it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from uuid import UUID

import click
import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from ops import deletion
from ops.settings import Settings
from ops.sources import source
from projections.replay.catchup import session
from schemas.statements import load

_sql = load("ops.commands", "account.sql")
NO = 1


@click.group()
def account() -> None:
    """Close an account, open it again, end all that is signed in to it, take its second factor away, delete it. The
    journal notes it."""


@account.command("disable")
@click.argument("email")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def disable(context: click.Context, email: str, as_json: bool) -> None:
    """Nobody signs in any more, programs read nothing; uploads of tills go on and are kept. Exit code 1 without such an
    account."""
    with _connected(context) as connection, connection.transaction():
        account_id = _of(connection, "set_disabled", email, disabled=True)
        if account_id:
            _end_all(connection, account_id)
    _tell(context, email, account_id, "disabled", as_json)


@account.command("enable")
@click.argument("email")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def enable(context: click.Context, email: str, as_json: bool) -> None:
    """Its owner signs in again. Exit code 1 without such an account."""
    with _connected(context) as connection, connection.transaction():
        account_id = _of(connection, "set_disabled", email, disabled=False)
    _tell(context, email, account_id, "enabled", as_json)


@account.command("sign-out")
@click.argument("email")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def sign_out(context: click.Context, email: str, as_json: bool) -> None:
    """End its sessions, links, known devices and tokens for programs. Exit code 1 without such an account."""
    with _connected(context) as connection, connection.transaction():
        account_id = _of(connection, "account", email)
        if account_id:
            _end_all(connection, account_id)
            _note(connection, account_id, "sessions_ended")
    _tell(context, email, account_id, "signed_out", as_json)


@account.command("reset-totp")
@click.argument("email")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def reset_totp(context: click.Context, email: str, as_json: bool) -> None:
    """Take its second factor and recovery codes away, for who has lost both; the password alone signs in then.
    Make sure who asks. Exit code 1 without such an account."""
    with _connected(context) as connection, connection.transaction():
        account_id = _of(connection, "account", email)
        if account_id:
            connection.execute(_sql["reset_totp"], {"account": account_id})
            _note(connection, account_id, "second_factor_reset")
    _tell(context, email, account_id, "totp_reset", as_json)


@account.command("delete")
@click.argument("email")
@click.option("--yes", is_flag=True, help="Don't ask: it can't be taken back.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def delete(context: click.Context, email: str, yes: bool, as_json: bool) -> None:
    """Delete an account at once, with its outlets, tills, figures and members' access; its owner and members get a
    letter. Owners ask for it in the portal themselves, with two weeks to change their minds (`account keep`).

    Says what remains, and for how long: what tills sent stays in the log, which no report is made of any more
    (docs/privacy.md). Exit code 1 without such an account.
    """
    address = email.strip().lower()
    if not yes:
        click.confirm(
            f"Delete the account of {address} and all its data? It can't be brought back", abort=True, err=True
        )
    settings: Settings = context.obj
    remains = deletion.delete(settings, address)
    if as_json:
        outcome = {"account_id": remains.account_id, "outcome": "deleted", "remains": remains} if remains else {}
        click.echo(msgspec.json.encode(outcome or {"account_id": None, "outcome": "unknown_account"}).decode())
    else:
        click.echo(deletion.described(remains) if remains else f"there is no account with the address {email}")
    if remains is None:
        context.exit(NO)


@account.command("keep")
@click.argument("email")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def keep(context: click.Context, email: str, as_json: bool) -> None:
    """Take back its owner's request to delete it. It says `kept`, and `not_due` where nobody had asked for it.
    Exit code 1 without such an account."""
    with _connected(context) as connection, connection.transaction():
        account_id = _of(connection, "account", email)
        due = account_id and connection.execute(_sql["keep"], {"account": account_id}).fetchone()
        if account_id and due:
            _note(connection, account_id, "deletion_taken_back")
    _tell(context, email, account_id, "kept" if due else "not_due", as_json)


def _connected(context: click.Context) -> AbstractContextManager[Connection[TupleRow]]:
    settings: Settings = context.obj
    return session(source(settings).postgres)


def _of(connection: Connection[TupleRow], statement: str, email: str, **parameters: bool) -> UUID | None:
    """The account that a statement finds by its owner's address, however that is written; None without one."""
    row = connection.execute(_sql[statement], {"email": email.strip().lower(), **parameters}).fetchone()
    return row[0] if row else None


def _note(connection: Connection[TupleRow], account_id: UUID, action: str) -> None:
    connection.execute(_sql["note"], {"account": account_id, "action": action})


def _end_all(connection: Connection[TupleRow], account_id: UUID) -> None:
    for statement in ("end_sessions", "forget_devices", "void_links", "revoke_tokens"):
        connection.execute(_sql[statement], {"account": account_id})


def _tell(context: click.Context, email: str, account_id: UUID | None, outcome: str, as_json: bool) -> None:
    outcome = outcome if account_id else "unknown_account"
    if as_json:
        document = {"account_id": account_id and str(account_id), "outcome": outcome}
        click.echo(msgspec.json.encode(document).decode())
    else:
        click.echo(outcome if account_id else f"there is no account with the address {email}")
    if account_id is None:
        context.exit(NO)
