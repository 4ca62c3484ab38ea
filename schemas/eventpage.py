"""The page about events for people who connect tills, docs/events.md: written from the structs and their examples."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import Struct

from schemas.events import EVENT_TYPES
from schemas.events.event_type import EventType
from schemas.events.minimising import rule_of
from schemas.texts import cashier, person

_HEAD = """\
# Events

What a till can tell. `make schemas` writes this page from `schemas/events/`; the JSON Schemas beside it are in
`schemas/published/`. A field in brackets may be left out. Texts marked † lose e-mail addresses and phone numbers before
they are kept, names marked ‡ become «Фамилия И.О.»; everything else is kept as sent.

| type | по-русски | in English |
|---|---|---|
"""


def page() -> str:
    """The whole page, as Markdown."""
    rows = [f"| [`{each.name}`](#{each.name.replace('.', '')}) | {each.ru} | {each.en} |\n" for each in EVENT_TYPES]
    return _HEAD + "".join(rows) + "".join(map(_section, EVENT_TYPES))


def _section(event: EventType) -> str:
    example = msgspec.json.format(msgspec.json.encode(event.example), indent=2).decode()
    fields = "".join(f"| {name} | {form} |\n" for name, form in _fields(event.struct, ""))
    return (
        f"\n## `{event.name}`\n{event.ru} · {event.en}. {inspect.getdoc(event.struct)}\n\n"
        f"| field | form |\n|---|---|\n{fields}\n```json\n{example}\n```\n"
    )


def _fields(struct: type[Struct], inside: str) -> Iterator[tuple[str, str]]:
    hints = typing.get_type_hints(struct, include_extras=True)
    for field in msgspec.structs.fields(struct):
        place = f"{inside}{field.name}"
        hint = hints[field.name]
        yield f"`{place}`" if field.required else f"(`{place}`)", _form(hint) + _default(field.default)
        for part, brackets in _parts(hint):
            yield from _fields(part, f"{place}{brackets}.")


def _form(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        descriptions = [meta.description for meta in arguments[1:] if meta.description]
        return (descriptions[-1] if descriptions else "Text.") + _mark(annotation)
    if origin is Literal:
        return " ".join(f"`{word}`" for word in arguments)
    if origin in (Union, types.UnionType):
        return _form(arguments[0])
    if origin is list:
        return f"A list. {_form(arguments[0])}"
    if annotation is bool:
        return "`true` or `false`."
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return " ".join((inspect.getdoc(annotation) or "").split())  # a cell is one line
    raise TypeError(f"schemas/eventpage.py has no words for fields of type {annotation}")


def _mark(annotation: Any) -> str:
    rule = rule_of(annotation)
    return "" if rule is None else " ‡" if rule in (person, cashier) else " †"


def _default(value: Any) -> str:
    return f" Left out, it is `{str(value).lower()}`." if isinstance(value, str | Decimal | bool) else ""


def _parts(annotation: Any, brackets: str = "") -> Iterator[tuple[type[Struct], str]]:
    """The structs in a field's type, and what stands behind the field's name for them."""
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        yield annotation, brackets
    elif get_origin(annotation) in (list, Union, types.UnionType):
        for argument in get_args(annotation):
            yield from _parts(argument, "[]" if get_origin(annotation) is list else brackets)
