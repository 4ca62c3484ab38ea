"""What goes into `events` holds no full name in a name field, no e-mail and no phone in any text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.till.privacy import minimised as by_till
from schemas.cashiers import shorten_cashier
from schemas.errors import RecordUnreadable
from schemas.events import (
    CashReason,
    ContactSaved,
    Event,
    ExtraField,
    GoodSaved,
    Line,
    MoveReason,
    Payment,
    SaleRegistered,
)
from schemas.events.minimising import minimised
from schemas.names import shorten
from schemas.private import contact_data, is_code
from schemas.records import decode
from streams.privacy import publishable
from tests.schemas.strategies import event_of, wire_events
from tests.schemas.values import few_ids

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
PLANTED = ["anna@example.org", "+7 912 345-67-89", "8(912)3456789"]


def _minimised(event: Event) -> Event:
    [kept] = minimised([event])
    return kept


@pytest.mark.parametrize("planted", PLANTED)
@given(before=st.text(max_size=12), after=st.text(max_size=12))
def test_contact_data_leaves_every_text(planted: str, before: str, after: str) -> None:
    """An e-mail or phone in a good's name, group or extra field is taken out; the barcode stays."""
    text = f"{before} {planted} {after}"
    good = _minimised(
        GoodSaved(
            at=AT,
            good_id="g",
            name=text,
            category=text,
            max_price=Decimal(1),
            barcode="89123456789",
            extra=[ExtraField(text, text)],
        )
    )
    assert isinstance(good, GoodSaved)
    for kept in (good.name, good.category, good.extra[0].name, good.extra[0].value):
        assert planted not in kept
        assert not contact_data(kept)
    assert good.barcode == "89123456789"


@given(st.text(max_size=60))
def test_names_of_contacts_and_cashiers_are_short(name: str) -> None:
    """Whatever stands in a name field, shortening it again changes nothing."""
    contact = _minimised(ContactSaved(AT, "c", name, Decimal(0), Decimal(0), Decimal(0)))
    sale = _minimised(
        SaleRegistered(
            AT,
            "s",
            "1",
            [Line("g", "Чай", Decimal(1), Decimal(1))],
            [Payment("cash", Decimal(1))],
            cashier=name,
        )
    )
    assert isinstance(contact, ContactSaved)
    assert isinstance(sale, SaleRegistered)
    assert shorten(contact.name) == contact.name
    assert sale.cashier is None or shorten_cashier(sale.cashier) == sale.cashier


@given(wire_events(few_ids), st.sampled_from(PLANTED))
def test_no_event_keeps_contact_data(wire: dict[str, Any], planted: str) -> None:
    """Whatever event it is: planted in all its texts, contact data leaves those that are no ids or codes, for good."""
    event = _minimised(event_of(_with(planted, wire)))
    for field, text in _texts(msgspec.to_builtins(event)):
        assert is_code(field) or not contact_data(text)
    assert _minimised(event) == event


@given(wire_events(few_ids), st.sampled_from(PLANTED))
def test_a_till_leaves_nothing_to_do(wire: dict[str, Any], planted: str) -> None:
    """What the till client makes of an event is what `anonymise` makes of it: people's names never leave the shop."""
    wire = _with(planted, wire)
    assert event_of(by_till(wire)) == _minimised(event_of(wire))


_WORDS = ("type", "at", "method", "kind")


def _is_word_of_a_list(field: str, value: str) -> bool:
    """A `reason` is one of a few words in some events, and free text in others."""
    return field == "reason" and value in (*get_args(CashReason), *get_args(MoveReason))


def _with(planted: str, value: Any, field: str = "") -> Any:
    """The event with the planted text in every text that may be any."""
    match value:
        case dict():
            return {key: _with(planted, item, key) for key, item in value.items()}
        case list():
            return [_with(planted, item, field) for item in value]
        case str() if not is_code(field) and field not in _WORDS and not _is_word_of_a_list(field, value):
            return f"{value} {planted}"
        case _:
            return value


def _texts(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, item in value.items():
                yield from _texts(item, key)
        case list():
            for item in value:
                yield from _texts(item, field)
        case str():
            yield field, value


@pytest.mark.parametrize(
    "document",
    [
        {"kind": "upload", "v": "Тестова Анна"},
        {"kind": "Тестова Анна", "v": 2},
        {"kind": "upload", "v": 2, "Тестова Анна": 1},
        {"kind": "upload", "v": 2, "Testova Anna": 1},
        {"kind": "upload", "v": 2, "te`st Тестова` Анна": 1},
        {"kind": "upload", "v": 2, "anna@example.org": 1},
        {"kind": "+7 912 345-67-89", "v": 2},
    ],
)
def test_why_a_record_cannot_be_read_says_nothing_of_what_stood_in_it(document: dict[str, object]) -> None:
    """A key, a kind or a version may be anything, and the reason is kept for ever."""
    with pytest.raises(RecordUnreadable) as caught:
        decode(json.dumps(document, ensure_ascii=False).encode())
    reason = publishable(str(caught.value))
    assert not any(part in reason for part in ("Тестова", "Анна", "Testova", "anna", "912"))


def test_why_a_record_cannot_be_read_is_told() -> None:
    """The place and the kind of fault stay."""
    with pytest.raises(RecordUnreadable) as caught:
        decode(b'{"kind": "upload", "v": 2, "outlet": 5}')
    assert "$.outlet" in publishable(str(caught.value))
