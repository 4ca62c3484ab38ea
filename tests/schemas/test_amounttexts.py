"""The quick check of amounts against the patterns of `schemas.wire`, which say what is right."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from schemas import amounttexts
from schemas.amounts import MONEY_TEXT
from schemas.amounttexts import BareEvent, Form, sound
from schemas.wire import WireEvent
from tests.schemas.strategies import wire_events
from tests.schemas.values import few_ids

_ODD = ["", "-1", "+1", "1.", ".5", "1.005", "1.0005", "1e2", "NaN", " 1", "1\n", "1_0", "٣", "0", "0.000", "9" * 14]


@given(wire_events(few_ids), st.data())
def test_it_says_what_the_patterns_say(event: dict[str, Any], data: st.DataObject) -> None:
    """Whatever text stands in the place of an amount, the quick check refuses it just where a pattern does."""
    places = list(_amounts(event))
    if places:
        where, name = data.draw(st.sampled_from(places))
        where[name] = data.draw(st.sampled_from(_ODD) | st.text(max_size=5))
    try:
        msgspec.convert(event, WireEvent)
        expected = True
    except msgspec.ValidationError:
        expected = False
    assert sound([msgspec.convert(event, BareEvent)]) is expected


def _amounts(event: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    """Each amount of an event: the document it stands in and its name."""
    names = "quantity price discount amount change max_price purchases_total debt points".split()
    documents = [event, *(one for value in event.values() if isinstance(value, list) for one in value)]
    return [(of, name) for of in documents if isinstance(of, dict) for name in names if name in of]


def test_both_forms_of_an_upload_have_the_same_fields() -> None:
    """What is written from the quick form is what would be written from the patterned one."""

    def shape(union: Any) -> list[tuple[str, ...]]:
        return [(kind.__struct_config__.tag, *kind.__struct_fields__) for kind in get_args(union)]

    assert shape(BareEvent) == shape(WireEvent)


def test_a_form_forgets_rather_than_grows() -> None:
    """It keeps a bounded number of texts, and says the same of one that it forgot."""
    form = Form(MONEY_TEXT)
    for start in range(0, 60_000, 10_000):
        assert form.holds(str(n) for n in range(start, start + 10_000))
        assert len(form._sound) <= amounttexts._KEPT
    assert form.holds(["1"])
    assert not form.holds(["1", "x"])
    assert not form.holds(["x"])
