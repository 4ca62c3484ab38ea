"""The events in their two forms: `Decimal` in the program, plain text on the wire."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, get_args

import msgspec
from hypothesis import given

from schemas.amounts import ZERO
from schemas.events import Event, SaleRegistered, sale_sums
from schemas.wire import WireEvent
from tests.schemas.strategies import event_of, few_ids, wire_events


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
