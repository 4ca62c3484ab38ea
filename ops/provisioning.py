"""Makes or finds an account with its outlets and tills, for an operator, the demo and tests: without a browser.

Tokens are kept as digests only, so every call issues new ones; those of earlier calls stay valid until revoked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import available_timezones

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from schemas.errors import InfrastructureUnreachable, UsageError
from schemas.statements import load
from schemas.tokens import digest, hint, new_secret, new_token

FIRST_TILL = "Касса 1"
LINK_LIFETIME = timedelta(minutes=60)

_sql = load("ops", "provisioning.sql")


def provision(postgres_url: str, email: str, outlets: Sequence[str], zone: str = "Europe/Moscow") -> dict[str, Any]:
    """The contract's answer of `weboffice provision`: `account_id`, `owner_token` and a `till_token` per outlet.

    An outlet that is there already keeps its zone. Raises `UsageError` for a zone, name or e-mail that can't be, and
    `InfrastructureUnreachable` where PostgreSQL is away.
    """
    if zone not in available_timezones():
        raise UsageError(f"no such time zone: {zone}")
    if not outlets or not all(name.strip() for name in outlets):
        raise UsageError("name at least one outlet; a name can't be empty")
    with _transaction(postgres_url) as connection:
        account_id = _account(connection, _address(email))
        owner_token = new_token("owner")
        connection.execute(
            _sql["add_owner_token"],
            {"token_hash": digest(owner_token), "account_id": account_id, "hint": hint(owner_token)},
        )
        return {
            "account_id": str(account_id),
            "owner_token": owner_token,
            "outlets": [_outlet(connection, account_id, name.strip(), zone) for name in outlets],
        }


def create_sign_in_link(postgres_url: str, email: str, public_url: str) -> str:
    """An address that signs the owner in once, within an hour. Raises `UsageError` where the account is unknown."""
    secret = new_secret()
    with _transaction(postgres_url) as connection:
        found = connection.execute(_sql["hold_account"], {"email": _address(email)}).fetchone()
        if found is None:
            raise UsageError("no account has this e-mail address")
        connection.execute(
            _sql["add_sign_in_link"],
            {"link_hash": digest(secret), "account_id": found[0], "lifetime": LINK_LIFETIME},
        )
    return f"{public_url.rstrip('/')}/sign-in/{secret}"


def _address(email: str) -> str:
    address = email.strip().lower()
    name, at, domain = address.partition("@")
    if not (name and at and domain) or any(c.isspace() for c in address):
        raise UsageError("an e-mail address has the form name@domain")
    return address


def _account(connection: Connection[TupleRow], email: str) -> UUID:
    connection.execute(_sql["add_account"], {"account_id": uuid4(), "email": email})
    # Held to the end: two calls at once would otherwise both make the first till.
    [account_id] = _row(connection, "hold_account", email=email)
    assert isinstance(account_id, UUID)
    return account_id


def _outlet(connection: Connection[TupleRow], account_id: UUID, name: str, zone: str) -> dict[str, str]:
    connection.execute(_sql["add_outlet"], {"outlet_id": uuid4(), "account_id": account_id, "name": name, "zone": zone})
    [outlet_id] = _row(connection, "outlet_named", account_id=account_id, name=name)
    found = connection.execute(_sql["first_till"], {"outlet_id": outlet_id}).fetchone()
    till_id = found[0] if found else uuid4()
    if found is None:
        connection.execute(_sql["add_till"], {"till_id": till_id, "outlet_id": outlet_id, "name": FIRST_TILL})
    till_token = new_token("till")
    connection.execute(
        _sql["add_till_token"], {"token_hash": digest(till_token), "till_id": till_id, "hint": hint(till_token)}
    )
    return {"name": name, "outlet_id": str(outlet_id), "till_token": till_token}


def _row(connection: Connection[TupleRow], statement: str, **parameters: object) -> TupleRow:
    row = connection.execute(_sql[statement], parameters).fetchone()
    assert row is not None  # inserted in this transaction, or there before
    return row


@contextmanager
def _transaction(postgres_url: str) -> Iterator[Connection[TupleRow]]:
    try:
        with psycopg.connect(postgres_url) as connection:
            yield connection
    except psycopg.OperationalError as exc:
        raise InfrastructureUnreachable("PostgreSQL can't be reached") from exc
