"""Decisions of the owner or an operator on their way into the log: nothing but the log changes the read models."""

from __future__ import annotations

from psycopg import Connection
from psycopg.rows import TupleRow

from schemas.records import ContactForgotten, EventsDiscarded, GapGivenUp, OutletRemoved, encode
from schemas.statements import load

_sql = load("projections.sql", "orders.sql")

Order = ContactForgotten | EventsDiscarded | GapGivenUp | OutletRemoved


def send(connection: Connection[TupleRow], order: Order) -> None:
    """Puts the order into the outbox, in the caller's transaction; the gateway writes it into the log from there."""
    connection.execute(_sql["send"], {"outlet": order.outlet, "record": encode(order)})
    connection.execute(_sql["wake"])
