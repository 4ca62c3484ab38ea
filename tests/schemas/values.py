"""Hypothesis strategies for the values of events, found from the types of their fields.

Values are drawn in wire form (JSON). A struct that is added, or a field, is drawn at once by every test that draws
events; only a type of a new kind needs a line here.
"""

from __future__ import annotations

import types
import typing
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from hypothesis import strategies as st
from msgspec import Meta, Struct

from schemas.amounts import (
    LEVEL_TEXT,
    MONEY_TEXT,
    PRICE_TEXT,
    QUANTITY_TEXT,
    SIGNED_MONEY_TEXT,
    SIGNED_QUANTITY_TEXT,
    TAX_RATE_TEXT,
)
from schemas.events import MAIN_WAREHOUSE

# PostgreSQL's text holds anything but U+0000; UTF-8 holds anything but surrogates.
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
any_id = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=128)
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
price = _plain(2, 13) | _plain(4, 13)
quantity = _plain(3, 12, least=1) | _plain(6, 12, least=1)
level = _plain(3, 12) | _plain(6, 12)
signed_money = st.builds("{}{}".format, st.sampled_from(["", "-"]), money)
signed_quantity = st.builds("{}{}".format, st.sampled_from(["", "-"]), level)
tax_rate = st.sampled_from(["20", "20.0", "10", "0", "none", "20/120", "010/110", "22.5", "0.000001"])
_AMOUNTS = {
    MONEY_TEXT: money,
    PRICE_TEXT: price,
    QUANTITY_TEXT: quantity,
    LEVEL_TEXT: level,
    SIGNED_MONEY_TEXT: signed_money,
    SIGNED_QUANTITY_TEXT: signed_quantity,
    TAX_RATE_TEXT: tax_rate,
}


WRONG_CLOCKS = ["1970-01-01T03:00:00+03:00", "1999-12-31T23:59:59.999999Z", "2036-02-07T09:28:16+03:00"]


@st.composite
def moments(draw: st.DrawFn) -> str:
    """RFC 3339 with any offset, around a change to summer time; now and then by a clock that is years off."""
    if draw(st.integers(0, 19)) == 0:
        return draw(st.sampled_from(WRONG_CLOCKS))
    minutes = draw(st.integers(0, 4 * 24 * 60 - 1))
    offset = draw(st.sampled_from([0, 180, 720, -300, 330, -840 + 60]))
    microseconds = draw(st.sampled_from([0, 1, 999_999]))
    at = datetime(2024, 3, 29, tzinfo=UTC) + timedelta(minutes=minutes, microseconds=microseconds)
    text = at.astimezone(timezone(timedelta(minutes=offset))).isoformat()
    return text.replace("+00:00", "Z") if offset == 0 and draw(st.booleans()) else text


def documents(
    struct: type[Struct], ids: st.SearchStrategy[str], **tag: st.SearchStrategy[Any]
) -> st.SearchStrategy[dict[str, Any]]:
    """A struct as a JSON object; what has a default is there or left out. `tag` goes in front."""
    hints = typing.get_type_hints(struct, include_extras=True)
    fields = msgspec.structs.fields(struct)
    warehouses = st.just(MAIN_WAREHOUSE) | ids
    strategies = {
        field.name: values(hints[field.name], warehouses if field.name == "warehouse_id" else ids) for field in fields
    }
    required = {field.name: strategies[field.name] for field in fields if field.required}
    optional = {field.name: strategies[field.name] for field in fields if not field.required}
    return st.fixed_dictionaries({**tag, **required}, optional=optional)


def values(annotation: Any, ids: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Values of a field's type, in wire form. Ids are drawn from `ids`."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _annotated(arguments[0], arguments[1:], ids)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, types.UnionType):
        return st.one_of([values(argument, ids) for argument in arguments])
    if origin is list:
        return st.lists(values(arguments[0], ids), max_size=3)
    if annotation is types.NoneType:
        return st.none()
    if annotation is bool:
        return st.booleans()
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return documents(annotation, ids)
    raise TypeError(f"tests/schemas/values.py does not say how values of type {annotation} are drawn")


def _annotated(base: type, metas: tuple[Meta, ...], ids: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    pattern = next((meta.extra["text"] for meta in metas if meta.extra and "text" in meta.extra), None)
    if pattern:
        return _AMOUNTS[pattern]
    if base is int:
        [meta] = metas
        return st.integers(int(meta.ge or 0), int(meta.le or 2**53))
    if base is str:
        return ids if any(meta.min_length for meta in metas) else texts
    if base is datetime:
        return moments()
    raise TypeError(f"tests/schemas/values.py does not say how values of type {base} are drawn")
