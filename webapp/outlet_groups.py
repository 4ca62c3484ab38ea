"""Outlets by group and by search: what an owner of many finds one by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from msgspec import Struct

from webapp.account_outlets import Outlet
from webapp.natural import natural
from webapp.search import folded

FEW = 12
"""So many outlets are shown one below the other; more are searched, folded and paged."""
GROUPS_FROM = 6
"""From so many outlets on an owner is offered groups."""
MOST_GROUPS = 5
"""Of one outlet."""
LONGEST_NAME = 40

T = TypeVar("T")


class Group(Struct, frozen=True):
    """Outlets that stand together under a name; "" for those that stand in no group."""

    name: str
    outlets: list[Outlet]


def groups(outlets: Sequence[Outlet]) -> list[Group]:
    """The groups by name, and at the end who stands in none; nothing where nobody stands in one."""
    by_group: dict[str, list[Outlet]] = {}
    for outlet in outlets:
        for name in outlet.groups:
            by_group.setdefault(name, []).append(outlet)
    if not by_group:
        return []
    named = [Group(name, by_group[name]) for name in sorted(by_group, key=natural)]
    rest = [outlet for outlet in outlets if not outlet.groups]
    return [*named, *([Group("", rest)] if rest else [])]


def of_group(outlets: Iterable[Outlet], name: str) -> list[Outlet]:
    """The outlets of a group; of no group where the name is empty."""
    return [outlet for outlet in outlets if (name in outlet.groups if name else not outlet.groups)]


def matching(outlets: Iterable[Outlet], query: str) -> list[Outlet]:
    """Those whose name or groups hold every word of the query, in any order; all of them without words."""
    words = folded(query).split()
    return [
        outlet
        for outlet in outlets
        if all(any(word in folded(text) for text in (outlet.name, *outlet.groups)) for word in words)
    ]


def entered(text: str) -> tuple[str, ...] | None:
    """Groups as they were typed, with commas between them; None where they are too many, too long, or no texts."""
    names = tuple(dict.fromkeys(" ".join(part.split()) for part in text.split(",") if part.strip()))
    fit = len(names) <= MOST_GROUPS and all(len(name) <= LONGEST_NAME and name.isprintable() for name in names)
    return names if fit else None


class Piece(Struct, frozen=True):
    """A page of a list that is held whole: `number` of `last`, both from 1."""

    number: int
    last: int
    total: int

    @property
    def before(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def after(self) -> int | None:
        return self.number + 1 if self.number < self.last else None


def paged(rows: Sequence[T], asked: str, size: int) -> tuple[list[T], Piece]:
    """The rows of the page that a parameter names, and where it stands; the nearest page where there is none such."""
    last = max(1, -(-len(rows) // size))
    wanted = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= 6 else 1
    number = min(max(1, wanted), last)
    return list(rows[(number - 1) * size : number * size]), Piece(number, last, len(rows))
