"""All that is wrong with an upload, not only the first fault that a decoder meets.

Walks plain JSON along the types of `schemas.uploads.Upload`, so it knows every event and field that they know. Says
what is wrong by a code and values; the words for it are the gateway's. Bounded: what is wrong in ever the same way ends
with `too_many`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any
from uuid import UUID

import msgspec
from msgspec import inspect as kinds

from schemas.amounts import (
    LEVEL_TEXT,
    MONEY_TEXT,
    PRICE_TEXT,
    QUANTITY_TEXT,
    SIGNED_MONEY_TEXT,
    SIGNED_QUANTITY_TEXT,
    TAX_RATE_TEXT,
)
from schemas.errors import Fault

FAULTS_MAX = 1_000
_FORMS = {
    MONEY_TEXT: "not_money",
    SIGNED_MONEY_TEXT: "not_signed_money",
    QUANTITY_TEXT: "not_a_quantity",
    SIGNED_QUANTITY_TEXT: "not_a_signed_quantity",
    PRICE_TEXT: "not_a_price",
    LEVEL_TEXT: "not_a_level",
    TAX_RATE_TEXT: "not_a_tax_rate",
}


def faults(document: Any, of: Any) -> list[Fault]:
    """What is wrong with a document (plain JSON) that is to be of the type `of`: the first `FAULTS_MAX`."""
    found = list(islice(_walk(document, _known(of), ""), FAULTS_MAX + 1))
    return [*found[:FAULTS_MAX], Fault("", "too_many", {"most": str(FAULTS_MAX)})] if len(found) > FAULTS_MAX else found


@lru_cache(maxsize=8)
def _known(of: Any) -> kinds.Type:
    return kinds.type_info(of)


def _walk(value: Any, kind: kinds.Type, at: str) -> Iterator[Fault]:
    match kind:
        case kinds.Metadata():
            yield from _walk(value, kind.type, at)
        case kinds.UnionType():
            yield from _of_union(value, kind, at)
        case kinds.StructType():
            yield from _of_struct(value, kind, at)
        case kinds.ListType():
            yield from _of_list(value, kind, at)
        case kinds.LiteralType():
            if value not in kind.values or isinstance(value, bool):
                yield Fault(at, "not_one_of", {"known": ", ".join(map(str, kind.values))})
        case kinds.StrType():
            yield from _of_text(value, kind, at)
        case kinds.IntType():
            yield from _of_number(value, kind, at)
        case kinds.BoolType():
            if not isinstance(value, bool):
                yield Fault(at, "not_true_or_false")
        case kinds.UUIDType():
            if not _converts(value, UUID):
                yield Fault(at, "not_a_uuid")
        case kinds.DateTimeType():
            if not isinstance(value, str) or not _converts(value, datetime):
                yield Fault(at, "not_a_moment")
            elif kind.tz and msgspec.convert(value, datetime).tzinfo is None:
                yield Fault(at, "moment_without_offset")
        case kinds.NoneType():
            if value is not None:
                yield Fault(at, "not_empty")
        case _:
            raise TypeError(f"uploads hold no {type(kind).__name__}")


def _of_union(value: Any, union: kinds.UnionType, at: str) -> Iterator[Fault]:
    if value is None and union.includes_none:
        return
    choices = [kind for kind in union.types if not isinstance(kind, kinds.NoneType)]
    if len(choices) == 1:
        yield from _walk(value, choices[0], at)
        return
    structs = {kind.tag: kind for kind in choices if isinstance(kind, kinds.StructType)}
    [field] = {kind.tag_field for kind in structs.values()}
    if not isinstance(value, dict):
        yield Fault(at, "not_an_object")
    elif field not in value:
        yield Fault(at, "missing", {"field": str(field)})
    elif not isinstance(value[field], str) or value[field] not in structs:
        yield Fault(f"{at}.{field}", "not_one_of", {"known": ", ".join(map(str, structs))})
    else:
        yield from _of_struct(value, structs[value[field]], at)


def _of_struct(value: Any, struct: kinds.StructType, at: str) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault(at, "not_an_object")
        return
    fields = {field.encode_name: field for field in struct.fields}
    for name in value.keys() - fields.keys() - {struct.tag_field}:
        yield Fault(at, "unknown_field", {"field": str(name)[:100]})
    for name, field in fields.items():
        if name in value:
            yield from _walk(value[name], field.type, f"{at}.{name}" if at else name)
        elif field.required:
            yield Fault(at, "missing", {"field": name})


def _of_list(value: Any, kind: kinds.ListType, at: str) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield Fault(at, "not_a_list")
        return
    if kind.min_length and len(value) < kind.min_length:
        yield Fault(at, "too_few", {"least": str(kind.min_length)})
    if kind.max_length is not None and len(value) > kind.max_length:
        yield Fault(at, "too_many_entries", {"most": str(kind.max_length)})
    for position, entry in enumerate(value):
        yield from _walk(entry, kind.item_type, f"{at}[{position}]")


def _of_text(value: Any, kind: kinds.StrType, at: str) -> Iterator[Fault]:
    form = _FORMS.get(kind.pattern or "")
    if form and isinstance(value, int | float) and not isinstance(value, bool):
        yield Fault(at, "amount_without_quotes", {"value": str(value)[:40]})
    elif not isinstance(value, str):
        yield Fault(at, "not_a_text")
    elif kind.pattern is not None and not _converts(value, _patterned(kind.pattern)):
        yield Fault(at, form or "other_form")
    elif kind.min_length and len(value) < kind.min_length:
        yield Fault(at, "empty")
    elif kind.max_length is not None and len(value) > kind.max_length:
        yield Fault(at, "too_long", {"most": str(kind.max_length)})
    elif "\0" in value:
        yield Fault(at, "holds_nul")


def _of_number(value: Any, kind: kinds.IntType, at: str) -> Iterator[Fault]:
    if not isinstance(value, int) or isinstance(value, bool):
        yield Fault(at, "not_a_whole_number")
    elif kind.ge is not None and value < kind.ge:
        yield Fault(at, "too_small", {"least": str(kind.ge)})
    elif kind.le is not None and value > kind.le:
        yield Fault(at, "too_large_number", {"most": str(kind.le)})


@lru_cache(maxsize=16)
def _patterned(pattern: str) -> Any:
    from typing import Annotated

    return Annotated[str, msgspec.Meta(pattern=pattern)]


def _converts(value: Any, to: Any) -> bool:
    try:
        msgspec.convert(value, to)
    except msgspec.ValidationError:
        return False
    return True
