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
from projections.kinds.declared import declared
from projections.kinds.documents import Documents
from projections.kinds.fold import check_complete
from projections.kinds.levels import Levels
from projections.kinds.readmodels import Projection
from projections.kinds.states import Counter, States
from projections.kinds.sums import Sums
from projections.models import PROJECTIONS
from projections.models.__main__ import composed, table
from projections.models.returns import RETURNED
from projections.models.sales import LINES, RECEIPTS
from schemas.events import (
    CashMoved,
    ContactRemoved,
    ContactSaved,
    Event,
    Fiscal,
    GoodRemoved,
    GoodSaved,
    Line,
    MethodTotal,
    Payment,
    Refund,
    ReturnLine,
    ReturnVoided,
    SaleRegistered,
    SaleReturned,
    SaleVoided,
    ShiftClosed,
    ShiftOpened,
    ShiftTotals,
    StockCounted,
    StockMoved,
    Tax,
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
    later = [*again, *gone, *late, GoodRemoved(OPENED, "g4"), *voided(events)]
    return [
        *SHOP.uploads(60),
        SHOP.upload(1, later[: len(later) // 2], run=SHOP.run[:-1] + "a"),
        ContactForgotten(SHOP.outlet, "c2", OPENED),
        ContactForgotten(SHOP.outlet, "c3", OPENED),
        SHOP.upload(1, second_edition(), run=SHOP.run[:-1] + "c"),
        SHOP.upload(
            1,
            [
                *later[len(later) // 2 :],
                ContactSaved(OPENED, "c2", "Пробников П.П.", *[Decimal(1)] * 3),
                GoodRemoved(OPENED, "g3"),
            ],
            run=SHOP.run[:-1] + "b",
        ),
    ]


def voided(events: list[Event]) -> list[Event]:
    """Receipts and returns that were none: voided after they came, before they come, and twice."""
    sale, other = [event for event in events if isinstance(event, SaleRegistered)][:2]
    back = next(event for event in events if isinstance(event, SaleReturned))
    return [
        SaleVoided(OPENED, sale.sale_id, "пробит дважды", "Образцова О.О.", "k-1"),
        SaleVoided(OPENED, sale.sale_id, "ещё раз"),
        changed(sale),
        ReturnVoided(OPENED, back.return_id),
        SaleVoided(OPENED, "not yet"),
        ReturnVoided(OPENED, "not yet", "ошибка"),
        msgspec.structs.replace(other, sale_id="not yet"),
        SaleVoided(OPENED.replace(year=1970), "never"),
        ReturnVoided(OPENED, "never"),
    ]


def second_edition() -> list[Event]:
    """Receipts and returns with all that the contract's second edition lets tills say, one of each sent again."""
    tax, more = Tax("20", Decimal("0.50")), Tax("10.0", Decimal("0.90"), on_top=True)
    lines = [
        Line("g0", "Чай", Decimal("1.5"), Decimal("3.3333"), cost=Decimal("1.2345"), tax=tax, unit="шт"),
        Line("g1", "Доставка", Decimal(1), Decimal(9), sum=Decimal("8.99"), kind="service", cost=Decimal(4), tax=more),
        Line("g2", "Сертификат", Decimal(1), Decimal(500), kind="gift_card"),
        Line("g2", "Предоплата", Decimal(1), Decimal(70), kind="prepayment", tax=Tax("20/120", Decimal("11.67"))),
        Line("g3", "Чаевые", Decimal(1), Decimal(30), kind="tip"),
        Line("g3", "Долг", Decimal(1), Decimal(40), kind="debt", cost=Decimal(7)),
    ]
    whose: dict[str, Any] = {"cashier": "Образцова О.О.", "cashier_id": "k1", "shift_id": "sh1"}
    sale = SaleRegistered(
        OPENED,
        "e1",
        "1",
        lines,
        [Payment("card", Decimal("654.39")), Payment("gift_card", Decimal("0.51"))],
        rounding=Decimal("0.01"),
        fiscal=Fiscal("9", "1", "7", "osn"),
        **whose,
    )
    parts = [ReturnLine(line.good_id, Decimal(1), Decimal(2), cost=line.cost, kind=line.kind) for line in lines]
    parts[0] = msgspec.structs.replace(parts[0], tax=tax, name="Чай")
    back = SaleReturned(
        OPENED, "x1", parts, [Refund("card", Decimal(12))], number="2", fiscal=Fiscal("9", "2", "8"), **whose
    )
    later = OPENED.replace(day=OPENED.day + 1)
    bare = [Line("g0", "Чай", Decimal(2), Decimal(5)), Line("g4", "Кофе", Decimal(1), Decimal(3), cost=Decimal(1))]
    plain = SaleRegistered(OPENED, "e3", "3", bare, [Payment("cash", Decimal(13))])
    given_back = [ReturnLine(line.good_id, Decimal(1), Decimal(2)) for line in bare]
    return [
        GoodSaved(OPENED, "g0", "Чай", "Чай", cost=Decimal("2.0002")),
        GoodSaved(OPENED, "g1", "Чай", "Чай", cost=Decimal(5)),
        plain,
        GoodSaved(OPENED, "g0", "Чай", "Чай", cost=Decimal(4)),
        GoodSaved(OPENED, "g1", "Чай", "Чай", cost=Decimal(6)),
        GoodSaved(OPENED, "g1", "Чай", "Чай", cost=Decimal(6)),
        GoodSaved(OPENED, "g1", "Чай", "Чай", cost=Decimal(7)),
        msgspec.structs.replace(plain, lines=[*bare, Line("g1", "Чай", Decimal(1), Decimal(8))]),
        msgspec.structs.replace(plain, lines=[msgspec.structs.replace(bare[0], quantity=Decimal(3)), *bare]),
        SaleReturned(later, "x3", given_back, [], "e3"),
        SaleReturned(later, "x4", given_back, [], "unheard of"),
        sale,
        back,
        msgspec.structs.replace(sale, sale_id="e2", at=later, correction=True, fiscal=Fiscal("9", "3", "7")),
        msgspec.structs.replace(
            back, return_id="x2", at=later, correction=True, sale_id="e2", fiscal=Fiscal("9", "4", "8")
        ),
        msgspec.structs.replace(sale, lines=lines[:3], cashier_id="k2", rounding=Decimal("-0.02"), fiscal=None),
        msgspec.structs.replace(back, lines=parts[:5], shift_id=None),
        *shifts(later),
    ]


def shifts(later: datetime) -> list[Event]:
    """A shift that is opened, closed and opened again otherwise; cash that moves, one movement of it sent again."""
    opened = ShiftOpened(OPENED, "sh1", "1", Decimal(100), "Образцова О.О.", "k1")
    said = ShiftTotals(Decimal(7), Decimal(12), 2, [MethodTotal("card", Decimal(3))])
    closed = ShiftClosed(later, "sh1", "1", Decimal(90), "Пробников П.П.", "k2", said)
    moved = CashMoved(OPENED, "ca1", Decimal("-5.50"), "expense", "sh1", "Вода")
    paid = SaleRegistered(
        later, "e3", "3", [Line("g0", "Чай", Decimal(1), Decimal(9))], [Payment("cash", Decimal(10))], Decimal(1)
    )
    return [
        moved,
        closed,
        opened,
        CashMoved(later, "ca2", Decimal(50), "deposit", "sh1"),
        CashMoved(later, "ca3", Decimal(1), "other"),
        msgspec.structs.replace(paid, shift_id="sh1"),
        msgspec.structs.replace(moved, amount=Decimal(-6), at=later),
        msgspec.structs.replace(opened, cash=Decimal(101), at=later),
        ShiftClosed(later, "sh2", "2"),
        ShiftClosed(later, "sh2", "2", totals=ShiftTotals()),
    ]


def changed(event: Any) -> Event:
    """The document under its id with other content, a day and two hours later."""
    at = event.at.replace(day=event.at.day % 27 + 1, hour=(event.at.hour + 2) % 24)
    if isinstance(event, StockMoved):
        return msgspec.structs.replace(event, at=at, quantity=event.quantity + 3, good_id="g2")
    lines = [msgspec.structs.replace(line, quantity=line.quantity + 1, warehouse_id="cellar") for line in event.lines]
    if isinstance(event, SaleReturned):
        return msgspec.structs.replace(event, at=at, lines=[*lines, *lines])
    lines[0] = msgspec.structs.replace(lines[0], discount=Decimal("0.25"), name="Чай новый")
    anew: Event = msgspec.structs.replace(event, at=at, lines=lines, change=Decimal("0.50"), contact_id="c3")
    return anew


HISTORY = [
    msgspec.structs.replace(record, day_begins=6) if isinstance(record, UploadRecord) else record
    for record in history()
]
"""Of a shop whose days begin at six, so that a day that is counted from midnight is noticed."""


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
    assert differing(folded(HISTORY), counted) == {}


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
    changed_sum = Sums(broken.name, version=1, sources=sources, key=broken.key, sums=broken.sums)
    assert [*differing(folded(HISTORY, with_one_replaced(changed_sum)), counted)] == with_levels(broken)


def broken_columns() -> Iterator[Any]:
    for each in PROJECTIONS:
        if isinstance(each, Sums):
            for name in each.sums:
                yield pytest.param(each, name, id=f"{each.name}.{name}")


@pytest.mark.parametrize(("broken", "column"), list(broken_columns()))
def test_a_broken_column_is_noticed(broken: Sums, column: str, counted: dict[str, OutletModel]) -> None:
    """A column that takes nothing from its sources differs from the recount, and is named."""

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
    changed_sum = Sums(broken.name, version=1, sources=sources, key=broken.key, sums=broken.sums)
    found = differing(folded(HISTORY, with_one_replaced(changed_sum)), counted)
    assert [*found] == with_levels(broken)
    assert any(f" {column}: " in told for told in found[broken.name])


def broken_states() -> Iterator[Any]:
    for each in PROJECTIONS:
        if isinstance(each, States | Counter):
            for of in each.of:
                yield pytest.param(each.name, "of", of, id=f"{each.name} without {of.projection.name}")
            for on in each.on:
                yield pytest.param(each.name, "on", on, id=f"{each.name} without {on.event.__name__}")
        if isinstance(each, Levels):
            for feed in each.moved.feeds:
                yield pytest.param(each.name, "moved", feed, id=f"{each.name} without {feed.source.documents.name}")
            yield pytest.param(each.name, "counts", each.counts, id=f"{each.name} without counts")


@pytest.mark.parametrize(("name", "part", "left_out"), list(broken_states()))
def test_a_state_that_misses_something_is_noticed(
    name: str, part: str, left_out: object, counted: dict[str, OutletModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A state that does not follow a document, or passes an event over, differs from its recount."""
    [state] = [each for each in PROJECTIONS if each.name == name]
    if isinstance(state, Levels):
        if part == "counts":
            monkeypatch.setattr(state, "count", lambda table, count: None)
        else:
            fewer = tuple(feed for feed in state.moved.feeds if feed is not left_out)
            sources = tuple(feed.source for feed in fewer)
            moved = Sums("moved", version=1, sources=sources, key=state.moved.key, sums=state.moved.sums)
            monkeypatch.setattr(state, "moved", moved)
    else:
        monkeypatch.setattr(state, part, tuple(each for each in getattr(state, part) if each is not left_out))
    assert name in differing(folded(HISTORY), counted)


def test_a_generation_goes_on_without_what_it_lacks(counted: dict[str, OutletModel]) -> None:
    """Events whose projections it does not have are numbered and pass by; what it has stays right."""
    kept = [each for each in PROJECTIONS if each.name in ("outlet_totals", "contacts")]
    models = folded(HISTORY, kept)
    assert differing(models, counted, kept[1:]) == {}
    [totals] = models.tables["outlet_totals"].rows()
    assert totals.applied_no == len(counted[SHOP.outlet].applied)


def with_levels(broken: Sums) -> list[str]:
    """The sum, and the levels that its sources move."""
    return [each.name for each in PROJECTIONS if each is broken or (isinstance(each, Levels) and each.moved is broken)]


def with_one_replaced(declared: Projection) -> list[Projection]:
    return [declared if each.name == declared.name else each for each in PROJECTIONS]


@pytest.mark.parametrize("module", sorted(path.stem for path in MODELS.glob("[a-z]*.py")))
def test_no_declaration_is_left_out(module: str) -> None:
    """A module that declares a projection has its line in `PROJECTIONS`."""
    found = [
        value.name
        for value in vars(import_module(f"projections.models.{module}")).values()
        if isinstance(value, Documents | Sums | States | Levels | Counter) and value.name == module
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
    ],
)
def test_a_wrong_name_is_named_at_once(wrong: dict[str, Any], named: str) -> None:
    """A declaration that could not work is a TypeError where it stands, that says which name is wrong."""
    right: dict[str, Any] = {"sources": (RECEIPTS,), "key": ("outlet_id", "day"), "sums": ("sales", "revenue")}
    with pytest.raises(TypeError, match=f"tried: .*{re.escape(named)}"):
        Sums("tried", version=1, **{**right, **wrong})


def test_a_filter_of_an_unknown_column_is_named() -> None:
    """A source is asked for rows by a column that it has."""
    with pytest.raises(TypeError, match="SoldLine has no column sort"):
        LINES.where("sort", "good")


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
    with pytest.raises(TypeError, match="no projection takes GoodRemoved"):
        check_complete([each for each in PROJECTIONS if each.name != "goods"], [SaleRegistered, GoodRemoved], [])


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
    assert "| `daily` | sums | 2 | outlet_id, day | Receipt, Returned, VoidedReceipt |" in lines


def test_the_sums_of_two_sources_meet_by_key() -> None:
    """A return of a day without sales makes its day's row, with 0 where it has nothing to say."""
    nothing: dict[str, Any] = {column.name: 0 for column in RETURNED.columns.values()}
    day = datetime(2026, 3, 2, tzinfo=UTC).date()
    row = RETURNED.row(**{**nothing, "outlet_id": "o", "day": day, "returns": 1, "returns_sum": Decimal(5)})
    [daily] = [each for each in PROJECTIONS if each.name == "daily"]
    assert isinstance(daily, Sums)
    [feed] = [feed for feed in daily.feeds if feed.source is RETURNED]
    rows: dict[Any, Any] = {}
    feed.add(rows, [row])
    feed.take_off(rows, [row])
    [(key, left)] = rows.items()
    assert key == ("o", row.day)
    assert (left.sales, left.returns, left.returns_sum) == (0, 0, 0)
