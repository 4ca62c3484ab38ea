"""What an import needs beside a service: the outlet's till that is named after the source, and tokens for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from ops.provisioning import transaction
from schemas.errors import UsageError
from schemas.statements import load
from schemas.tokens import digest, hint, new_token

_sql = load("ops", "importing.sql")


class Outlet(Struct, frozen=True):
    """An outlet that data is brought into."""

    outlet_id: UUID
    account_id: UUID
    name: str
    zone: str
    day_begins: int


class Access(Struct, frozen=True):
    """The till that sends, and tokens that hold as long as the import takes."""

    outlet: Outlet
    till_id: UUID
    till_token: str
    owner_token: str


@contextmanager
def access(postgres_url: str, wanted: str | None, till_name: str, till_id: UUID | None = None) -> Iterator[Access]:
    """Access to the outlet of an id or a name (the only one, where none is given), as `till_id`, else as the till of
    that name. Raises `UsageError`."""
    with transaction(postgres_url) as connection:
        outlet = _outlet(connection, wanted)
        till_id = till_id or _till(connection, outlet.outlet_id, till_name)
        found = Access(outlet, till_id, new_token("till"), new_token("owner"))
        connection.execute(_sql["add_till_token"], {**_token(found.till_token), "till_id": till_id})
        connection.execute(_sql["add_owner_token"], {**_token(found.owner_token), "account_id": outlet.account_id})
    try:
        yield found
    finally:
        with transaction(postgres_url) as connection:
            connection.execute(_sql["remove_till_token"], _token(found.till_token))
            connection.execute(_sql["remove_owner_token"], _token(found.owner_token))


def _outlet(connection: Connection[TupleRow], wanted: str | None) -> Outlet:
    with connection.cursor(row_factory=class_row(Outlet)) as cursor:
        outlets = cursor.execute(_sql["outlets"], {"wanted": wanted}).fetchall()
    if not outlets:
        raise UsageError(f"there is no outlet {wanted}" if wanted else "there is no outlet yet: `weboffice provision`")
    if len(outlets) > 1:
        ids = ", ".join(f"{outlet.name} {outlet.outlet_id}" for outlet in outlets)
        raise UsageError(f"say with --outlet which outlet it is, by its id: {ids}")
    return outlets[0]


def _till(connection: Connection[TupleRow], outlet_id: UUID, name: str) -> UUID:
    connection.execute(_sql["hold_outlet"], {"outlet_id": outlet_id})
    row = connection.execute(_sql["till"], {"outlet_id": outlet_id, "name": name}).fetchone()
    if row is not None:
        found: UUID = row[0]
        return found
    till_id = uuid4()
    connection.execute(_sql["add_till"], {"till_id": till_id, "outlet_id": outlet_id, "name": name})
    return till_id


def _token(token: str) -> dict[str, Any]:
    return {"token_hash": digest(token), "hint": hint(token)}
