"""Hypothesis strategies for what tills send: events, histories of runs, and the ways batches travel.

Ids are drawn from a few, so that documents replace one another, returns come before their sales, counts fall between
movements and removals meet what was saved. Everything is made in wire form (JSON values) and converted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import UNSET, Struct
from msgspec.structs import replace

from schemas.events import EVENT_TYPES, Event
from schemas.records import (
    ContactForgotten,
    EventsDiscarded,
    GapGivenUp,
    LogAdopted,
    OutletRemoved,
    Record,
    Unreadable,
    UploadRecord,
)
from tests.schemas.values import any_id, documents, few_ids, moments, texts

RECEIVED = datetime(2024, 3, 31, 12, tzinfo=UTC)
START = datetime(2024, 3, 29, tzinfo=UTC)
ZONES = ["Europe/Moscow", "Asia/Kamchatka", "America/New_York", "Europe/Berlin", "UTC"]


def wire_events(ids: st.SearchStrategy[str] = few_ids, *kinds: str) -> st.SearchStrategy[dict[str, Any]]:
    """An event of one of the types (of any, where none is named), as it stands in an upload."""
    return st.one_of(
        [
            documents(each.struct, ids, type=st.just(each.name))
            for each in EVENT_TYPES
            if each.name in kinds or not kinds
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
    day_begins: int = 0
    imported: bool = False

    def upload(self, first: int, last: int) -> UploadRecord:
        """The events `first`..`last` as one record."""
        return UploadRecord(
            self.outlet,
            self.till,
            self.run,
            first,
            self.zone,
            RECEIVED,
            list(self.events[first - 1 : last]),
            self.day_begins,
            self.imported or UNSET,
        )


STOCK_EVENTS = ("sale.registered", "sale.returned", "stock.counted", "stock.moved", "sale.voided", "return.voided")
_uuids = st.uuids(version=4).map(str)


@st.composite
def histories(
    draw: st.DrawFn,
    outlets: int = 2,
    tills: int = 2,
    runs: int = 2,
    most_events: int = 10,
    kinds: tuple[str, ...] | None = None,
) -> list[RunHistory]:
    """The runs of a few outlets, tills and lives of their databases; some about the stock of two goods alone.

    `kinds`: the types of their events, any or those of stock where none are named.
    """
    if kinds is None:
        kinds = draw(st.sampled_from([(), STOCK_EVENTS]))
    ids = st.sampled_from(["1", "main"]) if kinds == STOCK_EVENTS else few_ids
    found = []
    for _ in range(draw(st.integers(1, outlets))):
        outlet, zone, day_begins = draw(_uuids), draw(st.sampled_from(ZONES)), draw(st.sampled_from([0, 0, 5, 12]))
        for _ in range(draw(st.integers(1, tills))):
            till, imported = draw(_uuids), draw(st.booleans())
            for _ in range(draw(st.integers(1, runs))):
                happened = draw(st.lists(wire_events(ids, *kinds).map(event_of), min_size=1, max_size=most_events))
                found.append(RunHistory(outlet, till, draw(_uuids), zone, happened, day_begins, imported))
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


@st.composite
def arriving(draw: st.DrawFn, uploads: Sequence[UploadRecord]) -> list[UploadRecord]:
    """The same uploads, each received at some moment of the days in which their events happen, mostly in order."""
    moments = [START + timedelta(minutes=draw(st.integers(0, 5 * 24 * 60))) for _ in uploads]
    if draw(st.booleans()):
        moments.sort()
    return [replace(upload, received_at=at) for upload, at in zip(uploads, moments, strict=True)]


def records() -> st.SearchStrategy[Record]:
    """A log record of any kind."""
    at = moments().map(lambda text: datetime.fromisoformat(text).astimezone(UTC))
    numbers = st.integers(1, 2**53 - 1)
    of_run = (_uuids, _uuids, _uuids)
    uploads = st.builds(
        UploadRecord,
        *of_run,
        numbers,
        st.sampled_from(ZONES),
        at,
        st.lists(events(any_id), max_size=3),
        st.integers(0, 12),
        st.sampled_from([UNSET, True]),
    )
    return st.one_of(
        uploads,
        st.builds(GapGivenUp, *of_run, numbers, numbers, texts, at),
        st.builds(EventsDiscarded, *of_run, numbers, numbers, texts, at),
        st.builds(ContactForgotten, _uuids, any_id, at),
        st.builds(OutletRemoved, _uuids, at),
        st.builds(
            LogAdopted,
            topic=st.sampled_from(["uploads", "events"]),
            partition=st.integers(0, 11),
            fault=st.sampled_from(["replaced", "shorter", "rewritten", "hole"]),
            was_id=_uuids,
            was_next=numbers,
            topic_id=_uuids,
            start=numbers,
            end=numbers,
            source_id=_uuids,
            source_next=numbers,
            reason=texts,
            decided_at=at,
        ),
        st.builds(Unreadable, *of_run, numbers, st.integers(0, 500), st.integers(0), texts),
    )
