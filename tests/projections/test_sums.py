"""A sum is the same however it is run: row by row in a dictionary, or in columns."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.columns.sums import SumColumns
from projections.kinds.documents import Documents
from projections.kinds.provenance import Provenance
from projections.kinds.sums import Sums
from projections.models import PROJECTIONS
from projections.models.returns import RETURN_LINES
from projections.models.sales import LINES, PAYMENTS_TAKEN
from schemas.events import Event, SaleRegistered, SaleReturned, StockMoved
from tests.schemas.strategies import event_of, wire_events
from tests.schemas.values import few_ids

AT = datetime(2026, 3, 9, tzinfo=UTC)
KINDS = ("sale.registered", "sale.returned", "stock.moved")
DOCUMENTS = {each.event: each for each in PROJECTIONS if isinstance(each, Documents)}
NAMES: dict[type, str] = {each.row: each.name for each in DOCUMENTS.values()}
TRIED = [
    *[each for each in PROJECTIONS if isinstance(each, Sums)],
    Sums(
        "cash", version=1, sources=(PAYMENTS_TAKEN.where("method", "cash"),), key=("outlet_id", "day"), sums=("amount",)
    ),
    Sums(
        "shelves",
        version=1,
        sources=(LINES.where("warehouse_id", "main", "1"), RETURN_LINES),
        key=("outlet_id", "good_id", "warehouse_id"),
        sums=("lines", "quantity", "discount", "returned_quantity", "returned_sum"),
    ),
]

histories = st.lists(
    st.tuples(wire_events(few_ids, *KINDS).map(event_of), st.sampled_from(["o1", "o2"]), st.booleans()), max_size=12
)
"""(what a till sends, its outlet, whether it is taken out again)"""


def deltas(history: list[tuple[Event, str, bool]]) -> list[tuple[int, Any]]:
    """What happens to the sums: each document with +1, and with −1 where it is replaced or taken out."""
    stored: dict[Any, Any] = {}
    changes: list[tuple[int, Any]] = []
    for turn, (event, outlet, taken_out) in enumerate(history):
        assert isinstance(event, SaleRegistered | SaleReturned | StockMoved)
        documents = DOCUMENTS[type(event)]
        key = (outlet, documents.name, documents.id_of(event))
        provenance = Provenance(outlet, "t", "r", "Europe/Moscow", turn, turn, AT, turn, AT)
        if key in stored:
            changes.append((-1, stored.pop(key)))
        stored[key] = documents.make(event, provenance, turn, AT)
        changes.append((1, stored[key]))
        if taken_out:
            changes.append((-1, stored.pop(key)))
    return changes


@pytest.mark.parametrize("sums", TRIED, ids=lambda sums: sums.name)
@given(history=histories)
def test_rows_and_columns_give_the_same(sums: Sums, history: list[tuple[Event, str, bool]]) -> None:
    """New, replaced and taken out: both ways have the same keys, also those that are back at 0, and the same sums."""
    with localcontext(prec=60):
        changes = deltas(history)
        rows: dict[Any, Any] = {}
        columns = SumColumns([sums])
        for sign, document in changes:
            was, now = (None, document) if sign == 1 else (document, None)
            for voided in (False, True):  # either kind of source takes what it is given
                columns.deltas.note(NAMES[type(document)], voided, was, now)
        for feed in sums.feeds:
            of_source = [(sign, row) for sign, row in changes if isinstance(row, feed.source.documents.row)]
            for sign, document in of_source:
                (feed.add if sign == 1 else feed.take_off)(rows, feed.source.flatten(document))
        by_rows = {key: tuple(getattr(row, name) for name in sums.sums) for key, row in rows.items()}
        columns.add_up()
        width = len(sums.key)
        assert {row[:width]: row[width:] for row in columns.take(sums).iter_rows()} == by_rows


@pytest.mark.parametrize("sums", TRIED, ids=lambda sums: sums.name)
@given(history=histories)
def test_what_is_added_and_taken_off_leaves_what_stands(sums: Sums, history: list[tuple[Event, str, bool]]) -> None:
    """The sums of all changes are those of the documents that are left, apart from keys at 0."""
    with localcontext(prec=60):
        changes = deltas(history)
        left = list(changes)
        for sign, document in changes:
            if sign == -1:
                left.remove((-1, document))
                left.remove((1, document))
        assert nonzero(sums, changes) == nonzero(sums, left)


def nonzero(sums: Sums, changes: list[tuple[int, Any]]) -> dict[Any, Any]:
    rows: dict[Any, Any] = {}
    for sign, document in changes:
        for feed in sums.feeds:
            if isinstance(document, feed.source.documents.row):
                (feed.add if sign == 1 else feed.take_off)(rows, feed.source.flatten(document))
    found = {key: tuple(getattr(row, name) for name in sums.sums) for key, row in rows.items()}
    return {key: values for key, values in found.items() if any(values)}
