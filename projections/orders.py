"""Orders given by command: looked at before they go into the outbox, since what is in the log stays for ever."""

from __future__ import annotations

from typing import assert_never

from psycopg import Connection
from psycopg.rows import TupleRow

from projections.generations import register
from projections.runs import acknowledged, state
from projections.runs.order import Run
from schemas import outbox, spans
from schemas.errors import Refused, UsageError
from schemas.outbox import Order
from schemas.records import ContactForgotten, EventsDiscarded, GapGivenUp, OutletRemoved
from schemas.statements import load

_sql = load("projections", "orders.sql")


def send(connection: Connection[TupleRow], order: Order) -> None:
    """Puts the order into the outbox, in the caller's transaction; the gateway writes it into the log from there.

    Raises `UsageError` for an outlet there is not, `Refused` where the live read models have nothing that it is about.
    """
    if connection.execute(_sql["outlet"], {"outlet": order.outlet}).fetchone() is None:
        raise UsageError(f"there is no outlet {order.outlet}")
    match order:
        case GapGivenUp():
            _check_gap(connection, order)
        case ContactForgotten():
            _check_contact(connection, order)
        case EventsDiscarded() | OutletRemoved():
            pass  # made from a record in quarantine, and of the outlet alone
        case _:
            assert_never(order)
    connection.execute(outbox.SEND, outbox.parameters(order))


def _check_gap(connection: Connection[TupleRow], order: GapGivenUp) -> None:
    """Numbers that have not been sent yet would be thrown away when they come."""
    register.use(connection, register.live(connection))
    of = (order.outlet, order.till, order.run)
    ledger = state.load_outlet(connection, order.outlet).get(of)
    lost_through = acknowledged.lost_through(connection, order.outlet).get(of, 0)
    if ledger is None and not lost_through:
        raise Refused(
            f"outlet {order.outlet} has no run {order.run} of till {order.till}; `weboffice ledger --json` names the"
            " runs that miss something"
        )
    missing = (ledger.run if ledger else Run()).missing(lost_through)
    if spans.minus((order.first_seq, order.last_seq), missing):
        what = ", ".join(f"{first}–{last}" for first, last in missing)
        raise Refused(
            f"{order.first_seq}–{order.last_seq} of run {order.run} can't be given up: "
            + (f"missing of it: {what}" if missing else "nothing of it is missing")
            + " (`weboffice ledger`); nothing was ordered"
        )


def _check_contact(connection: Connection[TupleRow], order: ContactForgotten) -> None:
    register.use(connection, register.live(connection))
    contact = {"outlet": order.outlet, "contact": order.contact_id}
    if connection.execute(_sql["contact"], contact).fetchone() is None:
        raise Refused(
            f"outlet {order.outlet} has no contact {order.contact_id!r}, on its lists or removed from them: the id is"
            " the till's own, as `contact_id` of the read API gives it; nothing was ordered"
        )
