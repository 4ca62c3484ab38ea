"""A kept report for a test, without a log to rebuild it from: the live rows as they stand at this moment."""

from __future__ import annotations

from datetime import datetime

import psycopg

from projections.generations import register
from projections.models import BOOKKEEPING, PROJECTIONS

_TABLES = [each.name for each in (*BOOKKEEPING, *PROJECTIONS) if each.name != "positions"]
_OUTLETS = "SELECT outlet_id FROM app.outlets UNION SELECT outlet_id FROM goods UNION SELECT outlet_id FROM daily"
_TAKE_OVER = "SELECT app.take_over(%s, %s, %s, %s)"


def keep(postgres: str, name: str, until: datetime) -> int:
    """Keeps what the live generation holds under a name, as `weboffice rebuild --until T --name NAME` would at that
    moment; returns the generation's number."""
    with psycopg.connect(postgres) as connection:
        live = register.live(connection)
        register.use(connection, live)
        outlets = connection.execute(_OUTLETS).fetchall()
        kept = register.create(connection, name=name, until=until)
        for (outlet,) in outlets:
            for table in _TABLES:
                connection.execute(_TAKE_OVER, (kept.schema_name, live.schema_name, table, outlet))
        return register.close(connection, kept, "named").number
