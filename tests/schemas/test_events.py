"""The events: what stands beside each, and their two forms, `Decimal` in the program and plain text on the wire."""

from __future__ import annotations

import importlib
import json
import pkgutil
import typing
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from msgspec import Struct

from schemas import events
from schemas.amounts import ZERO
from schemas.events import EVENT_TYPES, Event, SaleRegistered, sale_sums
from schemas.events.event_type import EventType, TillEvent, event_type
from schemas.events.minimising import rule_of
from schemas.people import shortening
from schemas.private import is_code
from schemas.texts import cashier, person
from schemas.uploads import parse
from schemas.wire import WireEvent
from tests.schemas.strategies import event_of, wire_events
from tests.schemas.values import few_ids

MODULES = [f"schemas.events.{module.name}" for module in pkgutil.iter_modules(events.__path__)]


@pytest.mark.parametrize("module", MODULES)
def test_every_event_is_in_the_union(module: str) -> None:
    """A struct with the tag of an event is a member of `Event`: schemas/events/__init__.py names it."""
    structs = [
        value
        for value in vars(importlib.import_module(module)).values()
        if isinstance(value, type) and issubclass(value, TillEvent) and value is not TillEvent
    ]
    assert [struct.__name__ for struct in structs if struct not in get_args(Event)] == []


def test_an_event_without_its_example_is_named() -> None:
    """Importing the union fails for an event whose module has no `TYPE`, and says which."""

    class TeaSpilt(TillEvent, frozen=True, tag="tea.spilt"):
        """Tea was spilt."""

    with pytest.raises(TypeError, match=r"tests\.schemas\.test_events needs TYPE .* a TeaSpilt"):
        event_type(TeaSpilt)


def test_words_tell_events_apart() -> None:
    """Each event has a name of its own in both languages."""
    assert len({each.ru for each in EVENT_TYPES}) == len({each.en for each in EVENT_TYPES}) == len(EVENT_TYPES)
    assert all(each.ru and each.en for each in EVENT_TYPES)


@pytest.mark.parametrize("event", EVENT_TYPES, ids=lambda event: event.name)
def test_the_gateway_accepts_every_example(event: EventType) -> None:
    """The example is an event as a till may send it, with every field that there is."""
    document = msgspec.to_builtins(event.example)
    upload = {"run": "5b0c0000-0000-4000-8000-000000000000", "first_seq": 1, "events": [document]}
    [accepted] = parse(json.dumps(upload).encode()).events
    assert event_of(msgspec.to_builtins(accepted)) == event.example
    assert [name for name, value in document.items() if value in (None, [], "")] == []


def _texts(struct: type[Struct]) -> Iterator[tuple[str, Any]]:
    """(field, type) of every text in a struct, and in the structs in it."""
    for name, hint in typing.get_type_hints(struct, include_extras=True).items():
        for part in _flat(hint):
            if isinstance(part, type) and issubclass(part, Struct):
                yield from _texts(part)
            elif get_args(part)[:1] == (str,):
                yield name, part


def _flat(hint: Any) -> Iterator[Any]:
    if typing.get_origin(hint) in (list, typing.Union):
        for argument in get_args(hint):
            yield from _flat(argument)
    else:
        yield hint


@pytest.mark.parametrize("event", EVENT_TYPES, ids=lambda event: event.name)
def test_names_of_fields_say_what_is_kept_as_their_types_do(event: EventType) -> None:
    """Till and scan, which see plain JSON, go by a field's name: it tells codes, people and other texts apart."""
    for name, hint in _texts(event.struct):
        rule, names_person = rule_of(hint), shortening(event.name, name) is not None
        assert is_code(name) == (rule is None), f"{event.name}: is {name} a code, in schemas/private.py?"
        assert names_person == (rule in (person, cashier)), f"{event.name}: is {name} in schemas/people.py?"


def test_a_text_that_does_not_say_what_is_kept_is_refused() -> None:
    """A field of plain `str` fails at the import of the union."""
    with pytest.raises(TypeError, match=r"schemas\.texts"):
        rule_of(str)


def test_the_wire_form_has_every_event_and_field() -> None:
    """The derived wire structs have the same tags, fields and needed fields as the events."""

    def shape(union: Any) -> dict[Any, Any]:
        return {
            kind.__struct_config__.tag: [(f.encode_name, f.required) for f in msgspec.structs.fields(kind)]
            for kind in get_args(union)
        }

    assert shape(WireEvent) == shape(Event)


@given(wire_events())
def test_both_forms_hold_the_same(wire: dict[str, Any]) -> None:
    """An event in wire form is valid, and what it leaves out means the same in both forms."""
    checked = msgspec.to_builtins(msgspec.convert(wire, WireEvent))
    assert event_of(checked) == event_of(wire)
    assert msgspec.to_builtins(event_of(wire), str_keys=True).keys() == checked.keys()


@given(wire_events(few_ids, "sale.registered"))
def test_sums_of_a_sale(wire: dict[str, Any]) -> None:
    """The discount sum is that of the lines; a sale without lines is worth nothing."""
    sale = event_of(wire)
    assert isinstance(sale, SaleRegistered)
    goods, discount = sale_sums(sale)
    assert discount == sum((Decimal(line.get("discount", "0")) for line in wire["lines"]), ZERO)
    assert goods >= 0
    assert wire["lines"] or goods == discount == 0
