"""Lists of ids and of days arrive as they were, and all other lists, too."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest

from webapp.arrays import PlainArrays

ONE, TWO = UUID(int=1), UUID("f47ac10b-58cc-4372-a567-0e02b2c3d479")
DAYS = [date(1, 1, 1), date(2026, 11, 30), date(9999, 12, 31)]
MOMENT = datetime(2026, 11, 30, 12, 30, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        *(("uuid[]", values) for values in ([], [ONE], [ONE, TWO], [None, TWO, None], [[ONE], [TWO]])),
        *(("date[]", values) for values in ([], DAYS, [None, *DAYS], [[each] for each in DAYS])),
        *(("timestamptz[]", values) for values in ([None], [None, None], [MOMENT, None], [[None], [None]])),
        *(
            ("text[]", values)
            for values in (["a,b", "NULL", '"', "", "\\", "{}"], [None, "ж"], [["x y"], ["2026-11-30"]])
        ),
        *(("integer[]", values) for values in ([0, -1, 2**31 - 1], [None, 5], [[1, 2], [3, 4]])),
    ],
)
def test_a_list_arrives_as_it_was(postgres: str, kind: str, values: list[Any]) -> None:
    """Flat or not, with and without NULL."""
    with psycopg.connect(postgres) as connection:
        connection.adapters.register_dumper(list, PlainArrays)
        row = connection.execute(f"SELECT %s::{kind}", [values]).fetchone()  # noqa: S608 (this test's own)
    assert row == (values,)
