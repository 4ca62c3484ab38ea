"""What is exported of the numbers that a log lost: every document that the rows still have."""

from __future__ import annotations

import psycopg

from projections.generations import register
from projections.kinds.documents import Documents
from projections.models import PROJECTIONS
from projections.replay.losses import Lost, documents, without_content
from tests.webapp.shop import Shop, counted, good, sale


def test_every_kind_of_document_is_exported(postgres: str) -> None:
    """Sales, returns, moves of goods and cash, counts and both ends of a shift, in the order of their numbers; of a
    good that was saved nothing is left that a number leads to."""
    shop = Shop(postgres)
    at = "2026-11-20T12:00:00+03:00"
    shift = {"at": at, "shift_id": "sh1", "number": "1"}
    back = {"return_id": "r1", "lines": [{"good_id": "tea", "quantity": "1", "amount": "10.00"}], "refunds": []}
    move = {"move_id": "m1", "good_id": "tea", "warehouse_id": "main", "quantity": "5", "reason": "receipt"}
    shop.send(
        good("tea", "Чай"),
        counted("tea", "50"),
        {"type": "shift.opened", **shift, "cash": "10.00"},
        sale("s1", at, ("tea", "1", "10.00")),
        {"type": "sale.returned", "at": at, **back},
        {"type": "stock.moved", "at": at, **move},
        {"type": "cash.moved", "at": at, "cash_id": "c1", "amount": "5.00", "reason": "deposit"},
        {"type": "shift.closed", **shift, "cash": "15.00"},
    )
    with psycopg.connect(postgres) as connection:
        live = register.live(connection)
        register.use(connection, live)
        runs = connection.execute(
            "SELECT outlet_id::text, till_id::text, run::text, applied_through FROM runs"
        ).fetchall()
        spans = [Lost(outlet, till, run, 1, last) for outlet, till, run, last in runs]
        found = list(documents(connection, live, spans))
    kinds = ["count", "shift_opening", "sale", "return", "move", "cash_move", "shift_closing"]
    assert [document.kind for document in found] == kinds
    assert [document.first_seq for document in found] == [2, 3, 4, 5, 6, 7, 8]
    assert [(one.first, one.last) for one in without_content(spans, found)] == [(1, 1)]
    assert len([each for each in PROJECTIONS if isinstance(each, Documents)]) == len(kinds), "a kind is not exported"
