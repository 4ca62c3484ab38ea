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
from tests.projections.tables import PROVENANCE, as_counted, said

AT = datetime(2026, 3, 9, tzinfo=UTC)


def folded(
    records: Iterable[UploadRecord | ContactForgotten], projections: Iterable[Projection] = PROJECTIONS
) -> ReadModels:
    """All rows after these records, from the beginning."""
    fold = Fold(projections, REGISTERS)
    models = ReadModels(fold.held)
    for each in (*fold.documents, *fold.states, *fold.registers):
        models.tables[each.name].complete = True
    with localcontext(prec=60):
        for offset, record in enumerate(records):
            if isinstance(record, ContactForgotten):
                fold.forget(models, record)
            else:
                fold.upload(models, record, offset, AT)
    return models


def rows_of(models: ReadModels, projection: Projection, outlet: str) -> Rows:
    """The rows of an outlet as a recount gives them; what PostgreSQL derives is left out."""
    columns = [column.name for column in projection.columns if column.name not in PROVENANCE]
    table = models.tables[projection.name]
    held: Iterable[Any] = table.rows.values() if isinstance(projection, Sums) else table.rows()
    found = [[getattr(row, column) for column in columns] for row in held if row.outlet_id == outlet]
    return as_counted(projection, columns, found)


def differing(
    models: ReadModels, counted: Mapping[str, OutletModel], projections: Iterable[Projection] = PROJECTIONS
) -> list[str]:
    """The projections whose rows are not those of the recount."""
    found = []
    for each in projections:
        derived = {column.name for column in each.derived} if isinstance(each, Sums) else set()
        for outlet, model in counted.items():
            wanted = {
                key: {name: value for name, value in row.items() if name not in derived}
                for key, row in recount(each.name)(model).items()
            }
            if rows_of(models, each, outlet) != said(wanted):
                found.append(each.name)
                break
    return found
