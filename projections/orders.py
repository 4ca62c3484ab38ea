"""Orders given by command: looked at before they go into the outbox."""

from __future__ import annotations

from psycopg import Connection
from psycopg.rows import TupleRow

from schemas import outbox
from schemas.errors import UsageError
from schemas.outbox import Order
from schemas.statements import load

_sql = load("projections", "orders.sql")


def send(connection: Connection[TupleRow], order: Order) -> None:
    """Puts the order into the outbox, in the caller's transaction; the gateway writes it into the log from there.

    Raises `UsageError` for an outlet there is not: a slip of the keyboard would stay in the log for ever.
    """
    if connection.execute(_sql["outlet"], {"outlet": order.outlet}).fetchone() is None:
        raise UsageError(f"there is no outlet {order.outlet}")
    connection.execute(outbox.SEND, outbox.parameters(order))
