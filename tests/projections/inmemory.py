"""A fold without a database: events go into rows in memory, beside the models that recount them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import localcontext
from typing import Any

from projections.kinds.fold import Fold
from projections.kinds.readmodels import Projection, ReadModels
from projections.kinds.sums import Sums
from projections.models import PROJECTIONS, REGISTERS
from schemas.records import ContactForgotten, UploadRecord
from tests.projections.model import OutletModel
from tests.projections.recounts import Rows, recount
from tests.projections.tables import as_counted, business_columns, said

AT = datetime(2026, 3, 9, tzinfo=UTC)


def folded(
    records: Iterable[UploadRecord | ContactForgotten], projections: Iterable[Projection] = PROJECTIONS
) -> ReadModels:
    """All rows after these records, from the beginning."""
    fold = Fold(projections, REGISTERS)
    models = ReadModels(fold.held)
    for each in (*fold.documents, *fold.states, *fold.levels, *fold.registers):
        models.tables[each.name].complete = True
    records = list(records)
    uploads = [record for record in records if isinstance(record, UploadRecord)]
    for level in fold.levels:
        models[level].expect(fold.new_counts(level, uploads, models))  # all records are one chunk
    with localcontext(prec=60):
        for offset, record in enumerate(records):
            if isinstance(record, ContactForgotten):
                fold.forget(models, record)
            else:
                fold.upload(models, record, offset, AT)
    return models


def rows_of(models: ReadModels, projection: Projection, outlet: str) -> Rows:
    """The rows of an outlet as a recount gives them."""
    columns = business_columns(projection)
    table = models.tables[projection.name]
    held: Iterable[Any] = table.rows.values() if isinstance(projection, Sums) else table.rows()
    found = [[getattr(row, column) for column in columns] for row in held if row.outlet_id == outlet]
    return as_counted(projection, columns, found)


def differing(
    models: ReadModels, counted: Mapping[str, OutletModel], projections: Iterable[Projection] = PROJECTIONS
) -> dict[str, list[str]]:
    """The projections whose rows are not those of the recount, each with what differs."""
    found: dict[str, list[str]] = {}
    for each in projections:
        for outlet, model in counted.items():
            if told := differences(rows_of(models, each, outlet), said(recount(each.name)(model))):
                found.setdefault(each.name, []).extend(told)
    return found


def differences(rows: Rows, recounted: Rows, at_most: int = 10) -> list[str]:
    """The first that differ, for people: the row's key, the column, its value and that of the recount."""
    if rows == recounted:
        return []
    found = []
    for key in sorted(rows.keys() | recounted.keys(), key=repr):
        row, wanted = rows.get(key, {}), recounted.get(key, {})
        for column in sorted(row.keys() | wanted.keys()):
            ours, theirs = row.get(column, "nothing"), wanted.get(column, "nothing")
            if ours != theirs:
                found.append(f"{key} {column}: {ours}, by the recount {theirs}")
    return found[:at_most] or [f"rows of keys alone: {rows.keys() ^ recounted.keys()}"]
