"""Makes or finds an account with its outlets and tills, for an operator, the demo and tests: without a browser.

Tokens are kept as digests only, so every call issues new ones; those of earlier calls stay valid until revoked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow

from projections import orders
from projections.generations import register
from schemas.errors import InfrastructureUnreachable, Refused, UsageError
from schemas.records import OutletRemoved
from schemas.statements import load
from schemas.tokens import digest, hint, new_secret, new_token
from schemas.zones import zone_names

FIRST_TILL = "Касса 1"
TILL_NAME_LENGTH = 100
LATEST_BEGINNING = 12
"""The latest hour at which an outlet's days may begin."""
LINK_LIFETIME = timedelta(minutes=60)

_sql = load("ops", "provisioning.sql")


class Wish(Struct, frozen=True):
    """What outlets are to be like.

    `zone` is for those that are new. `day_begins`: the hour at which their days begin, None for that which they have
    (0 for a new one). `till`: the name of the till whose token is issued, None for the outlet's first. `test`: they are
    for trying, in no total; one that is there already has to be what is wished.
    """

    zone: str = "Europe/Moscow"
    day_begins: int | None = None
    till: str | None = None
    test: bool = False


AS_THEY_ARE = Wish()


def provision(postgres_url: str, email: str, outlets: Sequence[str], wish: Wish = AS_THEY_ARE) -> dict[str, Any]:
    """The contract's answer of `weboffice provision`: `account_id`, `owner_token` and a `till_token` per outlet.

    An outlet that is there already keeps its zone, and from its first upload on the hour at which its days begin.
    Raises `UsageError` for another hour then, and for a zone, hour, name or e-mail that can't be, and
    `InfrastructureUnreachable` where PostgreSQL is away.
    """
    zone, till = wish.zone, wish.till
    if zone not in zone_names():
        raise UsageError(f"no such time zone: {zone}")
    if not outlets or not all(name.strip() for name in outlets):
        raise UsageError("name at least one outlet; a name can't be empty")
    if wish.day_begins is not None and not 0 <= wish.day_begins <= LATEST_BEGINNING:
        raise UsageError(f"a day begins between 0 and {LATEST_BEGINNING} o'clock")
    if till is not None and not (till.strip() and till.strip().isprintable() and len(till) <= TILL_NAME_LENGTH):
        raise UsageError(f"a till's name has 1 to {TILL_NAME_LENGTH} characters")
    with transaction(postgres_url) as connection:
        account_id = _account(connection, _address(email))
        owner_token = new_token("owner")
        connection.execute(
            _sql["add_owner_token"],
            {"token_hash": digest(owner_token), "account_id": account_id, "hint": hint(owner_token)},
        )
        return {
            "account_id": str(account_id),
            "owner_token": owner_token,
            "outlets": [_outlet(connection, account_id, name.strip(), wish) for name in outlets],
        }


def erase_test(postgres_url: str, email: str, name: str) -> UUID:
    """Removes an outlet for trying with its tills, tokens and files; its rows leave the read models through the log.
    Returns its id.

    Raises `Refused` where there is no such outlet, `UsageError` for a real one.
    """
    with transaction(postgres_url) as connection:
        found = connection.execute(_sql["test_outlet"], {"email": _address(email), "name": name.strip()}).fetchone()
        if found is None:
            raise Refused(f"this account has no outlet {name.strip()!r}")
        outlet_id, test = found
        if not test:
            raise UsageError(f"{name.strip()!r} is a real outlet: its owner removes it in the portal")
        for statement in ("revoke_outlet_tokens", "remove_tills", "remove_imports", "remove_outlet", "forget_choice"):
            connection.execute(_sql[statement], {"outlet_id": outlet_id})
        orders.send(connection, OutletRemoved(str(outlet_id), datetime.now(UTC)))
    assert isinstance(outlet_id, UUID)
    return outlet_id


def create_sign_in_link(postgres_url: str, email: str, public_url: str) -> str:
    """An address that signs the owner in once, within an hour. Raises `UsageError` where the account is unknown."""
    secret = new_secret()
    with transaction(postgres_url) as connection:
        found = connection.execute(_sql["hold_account"], {"email": _address(email)}).fetchone()
        if found is None:
            raise UsageError("no account has this e-mail address")
        connection.execute(
            _sql["add_sign_in_link"],
            {"link_hash": digest(secret), "account_id": found[0], "lifetime": LINK_LIFETIME},
        )
    return f"{public_url.rstrip('/')}/sign-in/{secret}"


def link_is_used(postgres_url: str, address: str) -> bool:
    """Whether somebody has followed a link that `create_sign_in_link` made. Raises `InfrastructureUnreachable`."""
    with transaction(postgres_url) as connection:
        [used] = _row(connection, "link_is_used", link_hash=digest(address.rpartition("/")[2]))
    return bool(used)


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


def _outlet(connection: Connection[TupleRow], account_id: UUID, name: str, wish: Wish) -> dict[str, str]:
    new = {"outlet_id": uuid4(), "account_id": account_id, "name": name, "zone": wish.zone}
    connection.execute(_sql["add_outlet"], {**new, "day_begins": wish.day_begins or 0, "test": wish.test})
    outlet_id, day_begins, test = _row(connection, "outlet_named", account_id=account_id, name=name)
    if test and not wish.test:
        raise UsageError(f"{name!r} is an outlet for trying: say --test, or erase it first (weboffice erase-test)")
    if wish.test and not test:
        raise UsageError(f"{name!r} is a real outlet; one for trying needs another name")
    if wish.day_begins not in (None, day_begins):
        if _has_data(connection, outlet_id):
            raise UsageError(f"{name!r} has uploads: its days begin at {day_begins}, which can't be changed any more")
        connection.execute(_sql["set_day_begins"], {"outlet_id": outlet_id, "day_begins": wish.day_begins})
    till = wish.till.strip() if wish.till else None
    found = connection.execute(_sql["till"], {"outlet_id": outlet_id, "name": till}).fetchone()
    till_id = found[0] if found else uuid4()
    if found is None:
        connection.execute(_sql["add_till"], {"till_id": till_id, "outlet_id": outlet_id, "name": till or FIRST_TILL})
    till_token = new_token("till")
    connection.execute(
        _sql["add_till_token"], {"token_hash": digest(till_token), "till_id": till_id, "hint": hint(till_token)}
    )
    return {"name": name, "outlet_id": str(outlet_id), "till_token": till_token}


def _has_data(connection: Connection[TupleRow], outlet_id: UUID) -> bool:
    """Whether anything of the outlet's has reached the read models: its days were made by the hour that it has."""
    register.use(connection, register.live(connection))
    [has_data] = _row(connection, "has_data", outlet_id=outlet_id)
    return bool(has_data)


def _row(connection: Connection[TupleRow], statement: str, **parameters: object) -> TupleRow:
    row = connection.execute(_sql[statement], parameters).fetchone()
    assert row is not None  # inserted in this transaction, or there before
    return row


@contextmanager
def transaction(postgres_url: str) -> Iterator[Connection[TupleRow]]:
    """A transaction, committed at the end of the block. Raises `InfrastructureUnreachable`."""
    try:
        with psycopg.connect(postgres_url) as connection:
            yield connection
    except psycopg.OperationalError as exc:
        raise InfrastructureUnreachable("PostgreSQL can't be reached") from exc
