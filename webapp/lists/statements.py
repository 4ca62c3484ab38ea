"""The statements of a sorted list: composed once, when the program starts, from its statement and the names of columns.

Names go in as identifiers, values as parameters, and nothing comes from outside; a golden file holds the result. Each
order is a statement of its own, so that PostgreSQL can take an index for it.

Ties are ordered by the key, which makes the order of a list one and the same on every page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from psycopg import sql

from webapp.lists.headings import Heading, Kind, Order

_LIST = sql.SQL("""\
{over}SELECT list.*, {column}::text AS sort_value, {key} AS sort_key
FROM (
{statement}
) AS list
WHERE %(after_key)s::text[] IS NULL
    OR CASE
        WHEN %(after_value)s::{type} IS NULL THEN {column} IS NULL AND {key} {ties} %(after_key)s::text[]
        ELSE {column} IS NULL OR {value} {beyond} {after}
            OR ({value} = {after} AND {key} {ties} %(after_key)s::text[])
    END
ORDER BY {value} {way} NULLS LAST, {key} {ties_way}
LIMIT %(limit)s""")

_OVER = re.compile(r"WITH \w+ AS \(\n.*\n\)\n(?=SELECT)", re.DOTALL)
"""What a statement is over (`schemas.statements`). It goes in front of the whole: a sub-select in a list's columns
waits for the LIMIT only where the list has no WITH of its own."""

_TYPES: dict[Kind, sql.SQL] = {
    "text": sql.SQL("text"),
    "code": sql.SQL("text"),
    "number": sql.SQL("numeric"),
    "moment": sql.SQL("timestamptz"),
    "day": sql.SQL("date"),
    "outlet": sql.SQL("uuid"),
}
_VALUES: dict[Kind, sql.SQL] = {
    "text": sql.SQL("translate(lower({} COLLATE \"pg_c_utf8\"), 'ё', 'е')"),
    "code": sql.SQL("lpad({}, 128)"),
    "number": sql.SQL("{}"),
    "moment": sql.SQL("{}"),
    "day": sql.SQL("{}"),
    "outlet": sql.SQL("array_position(%(outlets_by_name)s::uuid[], {})"),
}
"""What a column is compared by."""


def statement(inner: bytes, heading: Heading, order: Order, key: Sequence[str], *, ties_along: bool) -> bytes:
    """The list of `inner` in one order. Parameters beside its own: `after_key` and `after_value` (the row behind which
    it begins, NULL for the beginning), `limit`, and `outlets_by_name` where it has outlets."""
    over = _OVER.match(inner.decode())
    column = sql.SQL("list.") + sql.Identifier(heading.name)
    kind = _TYPES[heading.kind]
    after = sql.SQL("%(after_value)s::") + kind
    keys = [sql.SQL("list.{}::text").format(sql.Identifier(name)) for name in key]
    ties_down = ties_along and order.descending
    composed = _LIST.format(
        column=column,
        key=sql.SQL("ARRAY[{}]").format(sql.SQL(", ").join(keys)),
        over=sql.SQL(over[0] if over else ""),
        statement=sql.SQL(inner.decode()[over.end() if over else 0 :]),  # from a file of ours
        type=kind,
        value=_VALUES[heading.kind].format(column),
        after=_VALUES[heading.kind].format(after),
        beyond=sql.SQL("<" if order.descending else ">"),
        way=sql.SQL("DESC" if order.descending else "ASC"),
        ties=sql.SQL("<" if ties_down else ">"),
        ties_way=sql.SQL("DESC" if ties_down else "ASC"),
    )
    return composed.as_bytes(None)
