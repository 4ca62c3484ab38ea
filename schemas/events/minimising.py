"""What of an event may be kept for ever: the types of its texts say it (`schemas.texts`).

Pure and idempotent. This is minimisation, not anonymity: «Фамилия И.О.» still points at a person (docs/privacy.md).
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from schemas.events import Event
from schemas.texts import KEEP, as_sent

Rule = Callable[[Any], Any]
"""takes a value and gives what is kept of it; the value itself where that is all of it, for making one anew is slow"""


def minimised(events: Sequence[Event]) -> list[Event]:
    """The events with nothing in them but what may be kept."""
    rules = _RULES
    return [event if (rule := rules[type(event)]) is None else rule(event) for event in events]


def rule_of(annotation: Any) -> Rule | None:
    """How values of a type are minimised; None where they are kept as sent. Raises `TypeError` for a plain `str`."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is str or arguments[:1] == (str,) and origin is Annotated:
        return _rule_of_text(arguments[1:])
    if _is_struct(annotation):
        return _rule_of_struct(annotation)
    if origin is list:
        return _rule_of_list(arguments[0])
    if origin in (Union, types.UnionType):
        [member] = [argument for argument in arguments if argument is not types.NoneType]
        return rule_of(member)  # None itself is passed by, see `_rule_of_struct`
    return None  # a number, a moment, one word of a few


def _rule_of_text(metas: tuple[Any, ...]) -> Rule | None:
    rules: list[Rule] = [meta.extra[KEEP] for meta in metas if meta.extra and KEEP in meta.extra]
    if not rules:
        raise TypeError("a text of an event has a type of schemas.texts, which says what of it may be kept")
    return None if rules[-1] is as_sent else rules[-1]


def _rule_of_list(member: Any) -> Rule | None:
    rule = rule_of(member)
    if rule is None:
        return None
    if not _is_struct(member):
        return lambda values: [rule(value) for value in values]
    fields = _fields_to_change(member)

    def minimise(values: list[Any]) -> list[Any]:
        for name, get, keep in fields:  # field by field: a call for each line of each receipt takes twice as long
            values = [
                value
                if (before := get(value)) is None or (kept := keep(before)) == before
                else replace(value, **{name: kept})
                for value in values
            ]
        return values

    return minimise


def _rule_of_struct(struct: type[Struct]) -> Rule | None:
    fields = _fields_to_change(struct)

    def minimise(value: Any) -> Any:
        changed = {}
        for name, get, rule in fields:
            before = get(value)
            if before is not None:
                kept = rule(before)
                if kept != before:
                    changed[name] = kept
        return replace(value, **changed) if changed else value

    return minimise if fields else None


def _fields_to_change(struct: type[Struct]) -> list[tuple[str, Callable[[Any], Any], Rule]]:
    hints = typing.get_type_hints(struct, include_extras=True)
    rules = [(field.name, rule_of(hints[field.name])) for field in msgspec.structs.fields(struct)]
    return [(name, attrgetter(name), rule) for name, rule in rules if rule is not None]


def _is_struct(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Struct)


_RULES: dict[type[Struct], Rule | None] = {struct: rule_of(struct) for struct in get_args(Event)}
