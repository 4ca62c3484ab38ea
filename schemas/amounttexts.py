"""A quick way to check that amounts have the contract's form: first the events alone, then all their amounts together.

A pattern in a type costs a call of the regular expression for every amount, five times what decoding the event takes.
Tills send the same few thousand prices and quantities again and again, so the texts that were found sound are kept, and
only new ones are looked at. Says no more than yes or no; why and where is for `schemas.wire` to say.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, get_args, get_origin

from msgspec import Meta, Struct

from schemas.events import Event
from schemas.wire import wire_type

_KEPT = 20_000
"""Most texts of one form that are kept: about 1.5 MB."""


class Form:
    """Texts that match one pattern."""

    def __init__(self, pattern: str) -> None:
        self._matches = re.compile(pattern).search
        self._sound: set[str] = set()

    def holds(self, texts: Iterable[str]) -> bool:
        """Whether all of the texts have the form."""
        new = set(texts).difference(self._sound)
        if not all(map(self._matches, new)):
            return False
        if len(self._sound) + len(new) > _KEPT:
            self._sound.clear()
        self._sound |= new
        return True


class _Places(Struct, frozen=True):
    """Where amounts stand in a struct: fields by form, and lists of further structs."""

    amounts: list[tuple[Form, Any]]
    lists: list[tuple[Any, type[Struct]]]


_forms: dict[str, Form] = {}
_places: dict[type[Struct], _Places] = {}


def _bare(meta: Meta) -> Any:
    """Any text; its pattern stays beside it, for `_find_places`."""
    assert meta.extra is not None  # every amount's type holds its pattern
    _forms.setdefault(meta.extra["text"], Form(meta.extra["text"]))
    return typing.Annotated[str, Meta(extra=meta.extra)]


def _find_places(struct: type[Struct]) -> None:
    amounts, lists = [], []
    for name, hint in typing.get_type_hints(struct, include_extras=True).items():
        [*_, last] = get_args(hint) or [None]
        if isinstance(last, Meta) and last.extra and last.extra.get("text") in _forms:
            amounts.append((_forms[last.extra["text"]], attrgetter(name)))
        elif get_origin(hint) is list and isinstance(last, type) and issubclass(last, Struct):
            lists.append((attrgetter(name), last))
            _find_places(last)
    _places[struct] = _Places(amounts, lists)


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
    for listed, inner in places.lists:
        _collect(inner, list(chain.from_iterable(map(listed, structs))), found)
