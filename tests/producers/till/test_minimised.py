"""What a till takes out of an event, by a rule that is written twice: the quick way and the plain one agree."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from producers.till import privacy
from producers.till.privacy import minimised
from schemas.private import is_code, scrubbed, without_private_fields

NAMES = st.sampled_from(
    ["name", "note", "Phone", "EMAIL", "good_id", "barcode", "type", "at", "lines", "extra", "x" * 200, ""]
)
TEXTS = st.sampled_from(["", "Чай", "+7 912 345-67-89", "Ольга, 8 (912) 345-67-89", "a@b.ru", "4600000000017"])
VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


def plainly(value: Any) -> Any:
    """First the private fields go, at any depth, then contact data in what is no code and no form."""
    match value:
        case str():
            return scrubbed(value)
        case list():
            return [plainly(item) for item in value]
        case dict():
            form = ("type", "at", "method", "kind")
            return {name: inner if name in form or is_code(name) else plainly(inner) for name, inner in value.items()}
        case _:
            return value


@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_the_quick_way_takes_out_what_the_plain_one_does(event: dict[str, Any]) -> None:
    """Whatever stands in an event, and however deep."""
    assert minimised(event) == plainly(without_private_fields(event))


def test_the_names_that_are_remembered_are_bounded() -> None:
    """However many names a till makes up, its memory does not grow with them."""
    for number in range(5000):
        minimised({f"field{number}": "x", "y" * 1000 + str(number): "x"})
    assert len(privacy._rules) <= 1000
    assert max(map(len, privacy._rules)) < 100
