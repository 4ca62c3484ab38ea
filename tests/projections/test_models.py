"""The declarations: what each of them has to have, and that breaking any of them is noticed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest

from projections.kinds import sums
from projections.kinds.columns import Less
from projections.kinds.declared import declared
from projections.kinds.documents import Documents
from projections.kinds.fold import check_complete
from projections.kinds.readmodels import Projection
from projections.kinds.states import Counter, States
from projections.kinds.sums import Sums
from projections.models import PROJECTIONS
from projections.models.__main__ import composed, table
from projections.models.returns import RETURNED
from projections.models.sales import LINES, RECEIPTS
from schemas.events import (
    ContactRemoved,
    ContactSaved,
    Event,
    GoodRemoved,
    GoodSaved,
    SaleRegistered,
    SaleReturned,
    StockCounted,
    StockMoved,
)
from schemas.records import ContactForgotten, UploadRecord
from tests.projections.inmemory import differing, folded
from tests.projections.model import OutletModel
from tests.projections.recounts import recount
from tests.projections.shops import OPENED, Shop
from tests.projections.tables import business_columns

MODELS = Path(__file__).parents[2] / "projections" / "models"
GOLDEN = Path(__file__).parent / "golden"
SHOP = Shop(1)


def names(projection: Projection) -> str:
    return projection.name


def history() -> list[UploadRecord | ContactForgotten]:
    """A shop's business, receipts of it sent again with other lines, prices and days, goods and contacts taken off."""
    events = list(SHOP.events(60))
    again = [changed(event) for event in events if isinstance(event, SaleRegistered | SaleReturned | StockMoved)][::2]
    gone: list[Event] = [GoodRemoved(OPENED, "g1"), ContactRemoved(OPENED, "c1"), GoodRemoved(OPENED, "g4")]
    late = [event for event in events if isinstance(event, StockCounted | GoodSaved)][:6]
    later = [*again, *gone, *late]
    return [
        *SHOP.uploads(60),
        SHOP.upload(1, later[: len(later) // 2], run=SHOP.run[:-1] + "a"),
        ContactForgotten(SHOP.outlet, "c2", OPENED),
        ContactForgotten(SHOP.outlet, "c3", OPENED),
        SHOP.upload(
            1,
            [*later[len(later) // 2 :], ContactSaved(OPENED, "c2", "Пробников П.П.", *[Decimal(1)] * 3)],
            run=SHOP.run[:-1] + "b",
        ),
    ]


def changed(event: Any) -> Event:
    """The document under its id with other content, a day and two hours later."""
    at = event.at.replace(day=event.at.day % 27 + 1, hour=(event.at.hour + 2) % 24)
    if isinstance(event, StockMoved):
        return msgspec.structs.replace(event, at=at, quantity=event.quantity + 3, good_id="g2")
    lines = [msgspec.structs.replace(line, quantity=line.quantity + 1, warehouse_id="cellar") for line in event.lines]
    if isinstance(event, SaleReturned):
        return msgspec.structs.replace(event, at=at, lines=[*lines, *lines])
    lines[0] = msgspec.structs.replace(lines[0], discount=Decimal("0.25"))
    anew: Event = msgspec.structs.replace(event, at=at, lines=lines, change=Decimal("0.50"), contact_id="c3")
    return anew


HISTORY = history()


@pytest.fixture(scope="module")
def counted() -> dict[str, OutletModel]:
    """The model of the shop after the history."""
    model = OutletModel("Europe/Moscow")
    for record in HISTORY:
        if isinstance(record, ContactForgotten):
            model.forgotten.add(record.contact_id)
        else:
            model.read(record)
    return {SHOP.outlet: model}


@pytest.mark.parametrize("projection", PROJECTIONS, ids=names)
def test_a_projection_has_a_recount_of_all_it_says(projection: Projection, counted: dict[str, OutletModel]) -> None:
    """Its module stands in tests/projections/recounts, names every column, and finds something in the history."""
    rows = recount(projection.name)(counted[SHOP.outlet])
    assert rows, f"{projection.name}: nothing in the history of this test shows it"
    columns = set(business_columns(projection)) - set(projection.key)
    for row in rows.values():
        assert row.keys() == columns


def test_the_fold_agrees_with_the_recounts(counted: dict[str, OutletModel]) -> None:
    """Receipts new, replaced, moved to another day; goods removed; a contact forgotten: all rows are the recount's."""
    assert differing(folded(HISTORY), counted) == []


def broken_sources() -> Iterator[Any]:
    """Each sum without one of its sources, and with one that counts double."""
    for each in PROJECTIONS:
        if isinstance(each, Sums):
            for feed in each.feeds:
                row = feed.source.row.__name__
                yield pytest.param(each, feed.source, lambda rows: (), id=f"{each.name} without {row}")
                yield pytest.param(each, feed.source, lambda rows: (*rows, *rows), id=f"{each.name} {row} twice")


@pytest.mark.parametrize(("broken", "source", "spoilt"), list(broken_sources()))
def test_a_broken_source_is_noticed(
    broken: Sums, source: sums.Source[Any, Any], spoilt: Callable[[Any], Any], counted: dict[str, OutletModel]
) -> None:
    """The sum that uses it differs from its recount, and no other one does."""
    replaced = sums.Source(source.documents, source.row, lambda document: spoilt(source.flatten(document)))
    sources = tuple(replaced if feed.source is source else feed.source for feed in broken.feeds)
    changed_sum = Sums(
        broken.name, version=1, sources=sources, key=broken.key, sums=broken.sums, derived=broken.derived
    )
    assert differing(folded(HISTORY, with_one_replaced(changed_sum)), counted) == [broken.name]


def broken_columns() -> Iterator[Any]:
    for each in PROJECTIONS:
        if isinstance(each, Sums):
            for name in each.sums:
                yield pytest.param(each, name, id=f"{each.name}.{name}")


@pytest.mark.parametrize(("broken", "column"), list(broken_columns()))
def test_a_broken_column_is_noticed(broken: Sums, column: str, counted: dict[str, OutletModel]) -> None:
    """A column that takes nothing from its sources differs from the recount."""

    def emptied(source: sums.Source[Any, Any]) -> sums.Source[Any, Any]:
        if column not in source.columns:
            return source
        nothing = {column: Decimal(0) if source.columns[column].postgres == "numeric" else 0}
        return sums.Source(
            source.documents,
            source.row,
            lambda document: [msgspec.structs.replace(row, **nothing) for row in source.flatten(document)],
        )

    sources = tuple(emptied(feed.source) for feed in broken.feeds)
    changed_sum = Sums(
        broken.name, version=1, sources=sources, key=broken.key, sums=broken.sums, derived=broken.derived
    )
    assert differing(folded(HISTORY, with_one_replaced(changed_sum)), counted) == [broken.name]


def broken_states() -> Iterator[Any]:
    for each in PROJECTIONS:
        if isinstance(each, States | Counter):
            for of in each.of:
                yield pytest.param(each.name, "of", of, id=f"{each.name} without {of.projection.name}")
            for on in each.on:
                yield pytest.param(each.name, "on", on, id=f"{each.name} without {on.event.__name__}")


@pytest.mark.parametrize(("name", "part", "left_out"), list(broken_states()))
def test_a_state_that_misses_something_is_noticed(
    name: str, part: str, left_out: object, counted: dict[str, OutletModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A state that does not follow a document, or passes an event over, differs from its recount (or can't fold it)."""
    [state] = [each for each in PROJECTIONS if each.name == name]
    monkeypatch.setattr(state, part, tuple(each for each in getattr(state, part) if each is not left_out))
    try:
        found = differing(folded(HISTORY), counted)
    except KeyError:  # an event for which no projection has a step
        return
    assert name in found


def with_one_replaced(declared: Projection) -> list[Projection]:
    return [declared if each.name == declared.name else each for each in PROJECTIONS]


@pytest.mark.parametrize("module", sorted(path.stem for path in MODELS.glob("[a-z]*.py")))
def test_no_declaration_is_left_out(module: str) -> None:
    """A module that declares a projection has its line in `PROJECTIONS`."""
    found = [
        value.name
        for value in vars(import_module(f"projections.models.{module}")).values()
        if isinstance(value, Documents | Sums | States | Counter) and value.name == module
    ]
    missing = set(found) - {each.name for each in PROJECTIONS}
    assert not missing, f"projections/models/{module}.py is not listed in PROJECTIONS of projections/models/__init__.py"


def test_a_listed_module_that_is_missing_is_named() -> None:
    """A line in `PROJECTIONS` says which module it stands for."""
    with pytest.raises(TypeError, match="projections/models/nowhere.py"):
        declared("projections.models", "nowhere")
    with pytest.raises(TypeError, match="versions.py declares no projection"):
        declared("projections.models", "versions")


# --- what is refused when the program starts ---


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"key": ("outlet_id", "dya")}, "Receipt has no column dya"),
        ({"key": ("day", "outlet_id")}, "the key begins with"),
        ({"sums": ("sales", "revenu")}, "no source has a column revenu"),
        ({"sums": ("returns",)}, "Receipt has none of the sums returns"),
        ({"sums": ("sales", "day"), "key": ("outlet_id",)}, "day is date, which can't be added up"),
        ({"derived": (Less("net", "revenue", ("taxes",)),)}, "net is made of taxes"),
    ],
)
def test_a_wrong_name_is_named_at_once(wrong: dict[str, Any], named: str) -> None:
    """A declaration that could not work is a TypeError where it stands, that says which name is wrong."""
    right: dict[str, Any] = {"sources": (RECEIPTS,), "key": ("outlet_id", "day"), "sums": ("sales", "revenue")}
    with pytest.raises(TypeError, match=f"tried: .*{re.escape(named)}"):
        Sums("tried", version=1, **{**right, **wrong})


def test_a_filter_of_an_unknown_column_is_named() -> None:
    """A source is asked for rows by a column that it has."""
    with pytest.raises(TypeError, match="SoldLine has no column kind"):
        LINES.where("kind", "good")


def test_statements_that_are_missing_are_named() -> None:
    """A projection with rows of its own says where its statements belong, and which one is not there."""
    [sales] = [each for each in PROJECTIONS if isinstance(each, Documents) and each.name == "sales"]
    kept: dict[str, Any] = {"event": sales.event, "id": "sale_id", "row": sales.row, "make": sales.make}
    with pytest.raises(TypeError, match="projections/models/receipts.sql"):
        Documents("receipts", version=1, **kept)
    with pytest.raises(TypeError, match="warehouses.sql has no statement `load`"):
        Documents("warehouses", version=1, **kept)


def test_an_event_that_no_projection_takes_is_named() -> None:
    """A new event is declared, or passed over on purpose."""
    with pytest.raises(TypeError, match="no projection takes GoodSaved"):
        check_complete([each for each in PROJECTIONS if each.name != "goods"], [SaleRegistered, GoodSaved], [])


def test_two_of_one_name_are_refused() -> None:
    """They would share a table."""
    with pytest.raises(TypeError, match="two projections are named daily"):
        check_complete([*PROJECTIONS, PROJECTIONS[1]], [], [])


# --- what is kept of them ---


def test_the_composed_statements_are_those_that_were_looked_through() -> None:
    """`python -m projections.models > tests/projections/golden/sums.sql` writes them anew; read the difference."""
    kept = (GOLDEN / "sums.sql").read_text()
    names = set(re.findall(r"^-- (\w+): create$", kept, re.MULTILINE))
    assert names >= {"daily", "hourly", "payments"}
    assert composed([each for each in PROJECTIONS if each.name in names]) == kept


def test_they_are_listed() -> None:
    """`python -m projections.models --table`: each in a line, with what it is made of."""
    lines = table().splitlines()
    assert len(lines) == len(PROJECTIONS) + 2
    assert "| `daily` | sums | 1 | outlet_id, day | Receipt, Returned |" in lines


def test_the_sums_of_two_sources_meet_by_key() -> None:
    """A return of a day without sales makes its day's row, with 0 where it has nothing to say."""
    row = RETURNED.row("o", datetime(2026, 3, 2, tzinfo=UTC).date(), 9, 1, Decimal(5), Decimal(-5), 0)
    [daily] = [each for each in PROJECTIONS if each.name == "daily"]
    assert isinstance(daily, Sums)
    [feed] = [feed for feed in daily.feeds if feed.source is RETURNED]
    rows: dict[Any, Any] = {}
    feed.add(rows, [row])
    feed.take_off(rows, [row])
    [(key, left)] = rows.items()
    assert key == ("o", row.day)
    assert (left.sales, left.returns, left.returns_sum) == (0, 0, 0)
