"""Decisions of the owner or an operator on their way into the log: nothing but the log changes the read models."""

from __future__ import annotations

from psycopg import Connection
from psycopg.rows import TupleRow

from schemas.errors import UsageError
from schemas.records import ContactForgotten, EventsDiscarded, GapGivenUp, OutletRemoved, encode
from schemas.statements import load

_sql = load("projections", "orders.sql")

Order = ContactForgotten | EventsDiscarded | GapGivenUp | OutletRemoved


def send(connection: Connection[TupleRow], order: Order) -> None:
    """Puts the order into the outbox, in the caller's transaction; the gateway writes it into the log from there.

    Raises `UsageError` for an outlet there is not: a slip of the keyboard would stay in the log for ever.
    """
    if connection.execute(_sql["outlet"], {"outlet": order.outlet}).fetchone() is None:
        raise UsageError(f"there is no outlet {order.outlet}")
    connection.execute(_sql["send"], {"outlet": order.outlet, "record": encode(order)})
    connection.execute(_sql["wake"])
