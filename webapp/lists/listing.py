"""A list that is declared by its statement and its columns, and read where an address says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from typing import Any, Generic, TypeVar
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace
from psycopg import AsyncCursor
from psycopg.rows import no_result
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException

from webapp.cursors import pack, unpack
from webapp.database import Connection, listed
from webapp.lists.headings import Heading, Order, check, order
from webapp.lists.listed import Listed
from webapp.lists.statements import statement
from webapp.natural import by_name

R = TypeVar("R")
PAGES_ADDED = 10
"""So many pages stand in one at most; the next link goes on without those before."""


class Cursor(Struct, frozen=True, array_like=True):
    """A row's place in an order: what it is sorted by, as PostgreSQL writes it, and its key."""

    value: str | None
    key: list[str]


class Place(Struct, frozen=True, kw_only=True):
    """Where in a list a page begins and how many rows it shows; it does not have the columns `hidden`, and can't be
    sorted by those `unsorted`."""

    order: Order
    after: Cursor | None
    show: int
    hidden: frozenset[str]
    unsorted: frozenset[str]
    outlets_by_name: list[UUID]


class Listing(Generic[R]):
    """A list. `inner` has neither an order nor a limit, and columns that hold all fields of `row`; its rows are told
    apart by `key`. A heading without a title only sorts. `order` is the one where the address asks for none. Ties come
    in the order of the key; with `ties_along` backwards where the list is sorted from the greatest. `sums` is a struct
    of what all rows come to, which each row tells in columns of its fields' names behind `sums_`."""

    def __init__(
        self,
        row: type[R],
        inner: bytes,
        *headings: Heading,
        key: Sequence[str],
        order: str,
        page: int = 50,
        ties_along: bool = False,
        sums: type[Any] | None = None,
    ) -> None:
        self.row, self.headings, self.size, self._sums = row, headings, page, sums
        self.standard, self._key_length = order, len(key)
        self.statements = {
            str(each): statement(inner, heading, each, key, ties_along=ties_along)
            for heading in headings
            for each in (Order(heading.name), Order(heading.name, True))
        }

    def place(
        self,
        query: QueryParams,
        names: Mapping[UUID, str] | None = None,
        hidden: Collection[str] = (),
        unsorted: Collection[str] = (),
        standard: str = "",
    ) -> Place:
        """What an address asks for; `names` are those of the outlets. An order that is not there is not asked for.
        Raises 404 for a place that no link of ours has."""
        asked = str(order(query.get("sort", "")))
        if asked not in self.statements or order(asked).name in {*hidden, *unsorted}:
            asked = standard or self.standard
        try:
            after = unpack(query["after"], Cursor) if "after" in query else None
            if after is not None:
                self._check(after, order(asked))
            show = int(query.get("show", self.size))
        except ValueError as exc:
            raise HTTPException(404) from exc
        if not self.size <= show <= self.size * PAGES_ADDED:
            show = self.size
        return Place(
            order=order(asked),
            after=after,
            show=show,
            hidden=frozenset(hidden),
            unsorted=frozenset(unsorted),
            outlets_by_name=by_name(names or {}),
        )

    def _check(self, after: Cursor, asked: Order) -> None:
        """Raises `ValueError` where a cursor is of another list, or was never one."""
        heading = next(heading for heading in self.headings if heading.name == asked.name)
        if len(after.key) != self._key_length:
            raise ValueError("the key of another list")
        if after.value is not None:
            check(heading.kind, after.value)

    async def page(self, connection: Connection, place: Place, parameters: Mapping[str, Any]) -> tuple[list[R], Listed]:
        """The rows of a page, and how they stand there."""
        rows, standing, _ = await self.page_and_sums(connection, place, parameters)
        return rows, standing

    async def page_and_sums(
        self, connection: Connection, place: Place, parameters: Mapping[str, Any]
    ) -> tuple[list[R], Listed, Any]:
        """The same with the `sums` of all rows; None where there are none."""
        found = [row async for row in self._rows(connection, place, parameters, place.show + 1)]
        more: dict[str, str | int | None] | None = None
        if len(found) > place.show:
            added = place.show + self.size
            if added <= self.size * PAGES_ADDED:
                more = {"after": pack(place.after) if place.after else None, "show": added}
            else:
                more = {"after": pack(found[place.show - 1][1])}
        shown = tuple(heading for heading in self.headings if heading.title and heading.name not in place.hidden)
        mark = place.show - self.size + 1 if place.show > self.size else 0
        standing = Listed(shown, place.order, more, mark, place.after is None, place.unsorted, self.size * PAGES_ADDED)
        first = found
        if not found and self._sums is not None and place.after is not None:
            first = [row async for row in self._rows(connection, replace(place, after=None), parameters, 1)]
        return [row for row, _, _ in found[: place.show]], standing, first[0][2] if first else None

    async def every(self, connection: Connection, place: Place, parameters: Mapping[str, Any]) -> AsyncIterator[R]:
        """All rows, for a file, in the page's order."""
        async for row, _, _ in self._rows(connection, place, parameters, None):
            yield row

    async def _rows(
        self, connection: Connection, place: Place, parameters: Mapping[str, Any], limit: int | None
    ) -> AsyncIterator[tuple[R, Cursor, Any]]:
        after = place.after if limit is not None else None
        values = {
            **parameters,
            "after_value": after and after.value,
            "after_key": after and after.key,
            "outlets_by_name": place.outlets_by_name,
            "limit": limit,
        }
        text = self.statements[str(place.order)]
        async for row in listed(connection, text, values, self._read, whole=limit is None):
            yield row

    def _read(self, cursor: AsyncCursor[Any]) -> Callable[[Sequence[Any]], tuple[R, Cursor, Any]]:
        """A row with its place, and the sums of all; columns that only sort are left out of it."""
        if cursor.description is None:
            return no_result
        wanted = set(self.row.__struct_fields__)  # type: ignore[attr-defined]
        names = [column.name for column in cursor.description[:-2]]
        of_all = [] if self._sums is None else [names.index(f"sums_{name}") for name in self._sums.__struct_fields__]

        def read(values: Sequence[Any]) -> tuple[R, Cursor, Any]:
            *columns, value, key = values
            fields = {name: each for name, each in zip(names, columns, strict=True) if name in wanted}
            sums = self._sums and self._sums(*(columns[place] for place in of_all))
            return self.row(**fields), Cursor(value, key), sums

        return read
