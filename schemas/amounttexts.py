"""A quick way to check that amounts have the contract's form: first the events alone, then all their amounts together.

A pattern in a type costs a call of the regular expression for every amount, five times what decoding the event takes.
Tills send the same few thousand prices and quantities again and again, so the texts that were found sound are kept, and
only new ones are looked at. Says no more than yes or no; why and where is for `schemas.wire` to say.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, get_args, get_origin

from msgspec import Meta, Struct

from schemas.events import Event
from schemas.wire import amount_meta, wire_type

_KEPT = 20_000
"""Most texts of one form that are kept: about 1.5 MB."""


class Form:
    """Texts that match one pattern."""

    def __init__(self, pattern: str) -> None:
        self._matches = re.compile(pattern).search
        self._sound: set[str] = set()

    def holds(self, texts: Iterable[Any]) -> bool:
        """Whether all of the texts have the form."""
        new = set(texts).difference(self._sound)
        new.discard(None)  # an amount that was left out
        if not all(map(self._matches, new)):
            return False
        if len(self._sound) + len(new) > _KEPT:
            self._sound.clear()
        self._sound |= new
        return True


class _Places(Struct, frozen=True):
    """Where amounts stand in a struct: fields by form, further structs that may be there, and lists of them."""

    amounts: list[tuple[Form, Any]]
    parts: list[tuple[Any, type[Struct]]]
    lists: list[tuple[Any, type[Struct]]]


_forms: dict[str, Form] = {}
_places: dict[type[Struct], _Places] = {}


def _bare(meta: Meta) -> Any:
    """Any text; its pattern stays beside it, for `_find_places`."""
    assert meta.extra is not None  # every amount's type holds its pattern
    _forms.setdefault(meta.extra["text"], Form(meta.extra["text"]))
    return typing.Annotated[str, Meta(extra=meta.extra)]


def _find_places(struct: type[Struct]) -> None:
    amounts, parts, lists = [], [], []
    for name, hint in typing.get_type_hints(struct, include_extras=True).items():
        kind = _without_none(hint)
        form = amount_meta(kind)
        if form is not None and form.extra is not None:
            amounts.append((_forms[form.extra["text"]], attrgetter(name)))
        elif get_origin(kind) is list and _is_struct(get_args(kind)[0]):
            lists.append((attrgetter(name), get_args(kind)[0]))
            _find_places(get_args(kind)[0])
        elif _is_struct(kind):
            parts.append((attrgetter(name), kind))
            _find_places(kind)
    _places[struct] = _Places(amounts, parts, lists)


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (typing.Union, types.UnionType):
        [hint] = [member for member in get_args(hint) if member is not types.NoneType]
    return hint


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


BareEvent: Any = wire_type(Event, _bare)
"""An event in wire form whose amounts may be any text."""
for _kind in get_args(BareEvent):
    _find_places(_kind)


def sound(events: Sequence[Any]) -> bool:
    """Whether all amounts of these `BareEvent`s have the form that their types demand."""
    by_kind: dict[type[Struct], list[Any]] = {}
    for event in events:
        by_kind.setdefault(type(event), []).append(event)
    found: dict[Form, list[Iterable[str]]] = {}
    for kind, of_kind in by_kind.items():
        _collect(kind, of_kind, found)
    return all(form.holds(chain.from_iterable(texts)) for form, texts in found.items())


def _collect(kind: type[Struct], structs: Sequence[Any], found: dict[Form, list[Iterable[str]]]) -> None:
    places = _places[kind]
    for form, amount in places.amounts:
        found.setdefault(form, []).append(map(amount, structs))
    for part, inner in places.parts:
        if there := [value for value in map(part, structs) if value is not None]:
            _collect(inner, there, found)
    for listed, inner in places.lists:
        if there := list(chain.from_iterable(entries for entries in map(listed, structs) if entries)):
            _collect(inner, there, found)
