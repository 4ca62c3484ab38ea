"""The same events as they stand on the wire: amounts as text of exactly the contract's form.

Derived from `schemas.events`, so the two can't drift apart: each field of such a type becomes a string with the pattern
that its type carries. Used where uploads come in and for the published JSON Schema; everything after works with
`Decimal`.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import Meta, Struct

from schemas import events

AmountForm = Callable[[Meta], Any]
"""the wire form of an amount, given what its type says of it"""


def patterned(meta: Meta) -> Any:
    """Text that has to match the amount's pattern."""
    assert meta.extra is not None  # every amount's type holds its pattern
    return Annotated[str, Meta(pattern=meta.extra["text"], description=meta.description)]


def amount_meta(annotation: Any) -> Meta | None:
    """What the type of an amount says of it, its text form included; None for any other type."""
    metas = get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
    return next((meta for meta in metas if isinstance(meta, Meta) and meta.extra and "text" in meta.extra), None)


_derived: dict[tuple[type[Struct], AmountForm], type[Struct]] = {}


def wire_type(annotation: Any, amount: AmountForm = patterned) -> Any:
    """The wire form of a type: the type itself, with every amount in it turned into text."""
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return _wire_struct(annotation, amount)
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated and (form := amount_meta(annotation)) is not None:
        return amount(form)
    if origin in (Union, types.UnionType):
        return Union[tuple(wire_type(arg, amount) for arg in args)]  # noqa: UP007 (built from a tuple at run time)
    if origin is list:
        return list[wire_type(args[0], amount)]  # type: ignore[misc]  # a type made at run time
    return annotation


def _wire_struct(struct: type[Struct], amount: AmountForm) -> type[Struct]:
    if (struct, amount) not in _derived:
        hints = typing.get_type_hints(struct, include_extras=True)
        fields: list[Any] = []
        for field in msgspec.structs.fields(struct):
            annotation = wire_type(hints[field.name], amount)
            if field.default is not msgspec.NODEFAULT:
                default = str(field.default) if isinstance(field.default, Decimal) else field.default
                fields.append((field.name, annotation, default))
            elif field.default_factory is not msgspec.NODEFAULT:
                fields.append((field.name, annotation, msgspec.field(default_factory=field.default_factory)))
            else:
                fields.append((field.name, annotation))
        config = struct.__struct_config__
        _derived[struct, amount] = msgspec.defstruct(
            struct.__name__,
            fields,
            namespace={"__doc__": struct.__doc__},
            frozen=True,
            forbid_unknown_fields=True,
            omit_defaults=config.omit_defaults,
            tag_field=config.tag_field,
            tag=config.tag,
            gc=config.gc,
        )
    return _derived[struct, amount]


WireEvent: Any = wire_type(events.Event)
