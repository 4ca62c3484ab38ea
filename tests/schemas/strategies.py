"""Hypothesis strategies for what tills send: events, histories of runs, and the ways batches travel.

Ids are drawn from a few, so that documents replace one another, returns come before their sales, counts fall between
movements and removals meet what was saved. Everything is made in wire form (JSON values) and converted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import Struct

from schemas.events import Event
from schemas.records import (
    ContactForgotten,
    EventsDiscarded,
    GapGivenUp,
    OutletRemoved,
    Record,
    Unreadable,
    UploadRecord,
)

RECEIVED = datetime(2024, 3, 31, 12, tzinfo=UTC)
METHODS = ["cash", "card", "sbp", "credit", "points", "other"]
REASONS = ["receipt", "write_off", "transfer", "production", "other"]
ZONES = ["Europe/Moscow", "Asia/Kamchatka", "America/New_York", "Europe/Berlin", "UTC"]

# PostgreSQL's text holds anything but U+0000; UTF-8 holds anything but surrogates.
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
any_id = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=64)
few_ids = st.sampled_from(["1", "2", "3"])


def _plain(places: int, digits: int, least: int = 0) -> st.SearchStrategy[str]:
    """Decimal text of at most `places` places: the number `n / 10^places` with n ≥ `least`, zeros kept or left out."""

    def text(n: int, cut: bool) -> str:
        whole, fraction = divmod(n, 10**places)
        plain = f"{whole}.{fraction:0{places}}"
        return plain.rstrip("0").rstrip(".") if cut else plain

    small = st.integers(least, 20 * 10**places)
    return st.builds(text, small | st.integers(least, 10 ** (digits + places) - 1), st.booleans())


money = _plain(2, 13)
quantity = _plain(3, 12, least=1)
signed_money = st.builds("{}{}".format, st.sampled_from(["", "-"]), money)
signed_quantity = st.builds("{}{}".format, st.sampled_from(["", "-"]), _plain(3, 12))


@st.composite
def moments(draw: st.DrawFn) -> str:
    """RFC 3339 with any offset, around a change to summer time."""
    minutes = draw(st.integers(0, 4 * 24 * 60 - 1))
    offset = draw(st.sampled_from([0, 180, 720, -300, 330, -840 + 60]))
    microseconds = draw(st.sampled_from([0, 1, 999_999]))
    at = datetime(2024, 3, 29, tzinfo=UTC) + timedelta(minutes=minutes, microseconds=microseconds)
    text = at.astimezone(timezone(timedelta(minutes=offset))).isoformat()
    return text.replace("+00:00", "Z") if offset == 0 and draw(st.booleans()) else text


KINDS = {kind.__struct_config__.tag for kind in Event.__args__}


def _document(
    required: dict[str, st.SearchStrategy[Any]], **optional: st.SearchStrategy[Any]
) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


def wire_events(ids: st.SearchStrategy[str] = few_ids, *kinds: str) -> st.SearchStrategy[dict[str, Any]]:
    """An event of one of the types (of any, where none is named), as it stands in an upload."""
    maybe_id = st.none() | ids
    warehouse = st.just("main") | ids
    line = _document(
        {"good_id": ids, "name": texts, "quantity": quantity, "price": money},
        discount=money,
        warehouse_id=st.none() | warehouse,
    )
    paid = st.lists(_document({"method": st.sampled_from(METHODS), "amount": money}), max_size=3)
    returned = _document({"good_id": ids, "quantity": quantity, "amount": money}, warehouse_id=st.none() | warehouse)
    fields: dict[str, tuple[dict[str, st.SearchStrategy[Any]], dict[str, st.SearchStrategy[Any]]]] = {
        "sale.registered": (
            {"sale_id": ids, "number": texts, "lines": st.lists(line, max_size=3), "payments": paid},
            {"change": money, "contact_id": maybe_id, "cashier": st.none() | texts},
        ),
        "sale.returned": (
            {"return_id": ids, "sale_id": ids, "lines": st.lists(returned, max_size=3), "refunds": paid},
            {},
        ),
        "good.saved": (
            {"good_id": ids, "name": texts, "category": texts, "max_price": money},
            {
                "barcode": st.none() | texts,
                "barcodes": st.lists(texts, max_size=2),
                "extra": st.lists(_document({"name": texts, "value": texts}), max_size=2),
            },
        ),
        "good.removed": ({"good_id": ids}, {}),
        "stock.counted": ({"good_id": ids, "warehouse_id": warehouse, "quantity": signed_quantity}, {}),
        "stock.moved": (
            {
                "move_id": ids,
                "good_id": ids,
                "warehouse_id": warehouse,
                "quantity": signed_quantity,
                "reason": st.sampled_from(REASONS),
            },
            {},
        ),
        "warehouse.saved": ({"warehouse_id": warehouse, "name": texts}, {}),
        "contact.saved": (
            {
                "contact_id": ids,
                "name": texts,
                "purchases_total": money,
                "debt": signed_money,
                "points": signed_money,
            },
            {},
        ),
        "contact.removed": ({"contact_id": ids}, {}),
        "event.withdrawn": ({"reason": texts}, {}),
    }
    assert set(fields) == KINDS, "every event is tried in every test that draws some: add its fields here"
    return st.one_of(
        [
            _document({"type": st.just(kind), "at": moments(), **required}, **optional)
            for kind, (required, optional) in fields.items()
            if kind in kinds or not kinds
        ]
    )


def event_of(wire: Any) -> Event:
    """The struct of an event in wire form."""
    event: Event = msgspec.convert(wire, Event)
    return event


def events(ids: st.SearchStrategy[str] = few_ids) -> st.SearchStrategy[Event]:
    """An event of any type, as a struct."""
    return wire_events(ids).map(event_of)


class RunHistory(Struct, frozen=True):
    """All events of one run, numbered from 1."""

    outlet: str
    till: str
    run: str
    zone: str
    events: list[Event]

    def upload(self, first: int, last: int) -> UploadRecord:
        """The events `first`..`last` as one record."""
        return UploadRecord(
            self.outlet, self.till, self.run, first, self.zone, RECEIVED, list(self.events[first - 1 : last])
        )


_STOCK = ("sale.registered", "sale.returned", "stock.counted", "stock.moved")
_uuids = st.uuids(version=4).map(str)


@st.composite
def histories(
    draw: st.DrawFn, outlets: int = 2, tills: int = 2, runs: int = 2, most_events: int = 10
) -> list[RunHistory]:
    """The runs of a few outlets, tills and lives of their databases; some about the stock of two goods alone."""
    kinds, ids = draw(st.sampled_from([((), few_ids), (_STOCK, st.sampled_from(["1", "main"]))]))
    found = []
    for _ in range(draw(st.integers(1, outlets))):
        outlet, zone = draw(_uuids), draw(st.sampled_from(ZONES))
        for _ in range(draw(st.integers(1, tills))):
            till = draw(_uuids)
            for _ in range(draw(st.integers(1, runs))):
                happened = draw(st.lists(wire_events(ids, *kinds).map(event_of), min_size=1, max_size=most_events))
                found.append(RunHistory(outlet, till, draw(_uuids), zone, happened))
    return found


@st.composite
def cut(draw: st.DrawFn, history: RunHistory) -> list[UploadRecord]:
    """A run cut into batches, in order."""
    end = len(history.events)
    marks = sorted(draw(st.sets(st.integers(1, end - 1))) if end > 1 else set())
    return [history.upload(first + 1, last) for first, last in zip([0, *marks], [*marks, end], strict=True)]


@st.composite
def delivery(draw: st.DrawFn, history: RunHistory) -> list[UploadRecord]:
    """A run's batches as they may arrive: cut anyhow, some again and cut differently, in any order, all there."""
    batches = draw(cut(history))
    for _ in range(draw(st.integers(0, 3))):
        first = draw(st.integers(1, len(history.events)))
        batches.append(history.upload(first, draw(st.integers(first, len(history.events)))))
    return draw(st.permutations(batches))


@st.composite
def interleaved(draw: st.DrawFn, queues: Sequence[Sequence[UploadRecord]]) -> list[UploadRecord]:
    """Several orders merged into one, each kept."""
    turns = draw(st.permutations([i for i, queue in enumerate(queues) for _ in queue]))
    waiting = [iter(queue) for queue in queues]
    return [next(waiting[i]) for i in turns]


def records() -> st.SearchStrategy[Record]:
    """A log record of any kind."""
    at = moments().map(lambda text: datetime.fromisoformat(text).astimezone(UTC))
    numbers = st.integers(1, 2**53 - 1)
    of_run = (_uuids, _uuids, _uuids)
    uploads = st.builds(
        UploadRecord, *of_run, numbers, st.sampled_from(ZONES), at, st.lists(events(any_id), max_size=3)
    )
    return st.one_of(
        uploads,
        st.builds(GapGivenUp, *of_run, numbers, numbers, texts, at),
        st.builds(EventsDiscarded, *of_run, numbers, numbers, texts, at),
        st.builds(ContactForgotten, _uuids, any_id, at),
        st.builds(OutletRemoved, _uuids, at),
        st.builds(Unreadable, *of_run, numbers, st.integers(0, 500), st.integers(0), texts),
    )
