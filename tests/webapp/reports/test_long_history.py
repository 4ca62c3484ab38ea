"""An outlet with a long history costs a page no more: no query reads all of its sales."""

from __future__ import annotations

import time
from pathlib import Path

import psycopg

from tests.webapp.reports.conftest import enter
from tests.webapp.reports.office import NOW, Office
from tests.webapp.visitor import Visitor
from webapp.app import Portal

_YEARS_OF_SALES = """
INSERT INTO sales
SELECT
    s.outlet_id, 'old' || n, s.till_id, 'O' || n, moment.at, (moment.at AT TIME ZONE 'Europe/Moscow')::date, 12,
    s.positions, s.goods_sum, s.discount_sum, s.total, s.change, s.difference, s.contact_id, s.cashier, s.lines,
    s.payments, s.run, s.seq, s.log_offset, s.applied_no
FROM (SELECT * FROM sales LIMIT 1) s
CROSS JOIN generate_series(1, 60000) n
CROSS JOIN LATERAL (SELECT timestamptz '2026-10-01 12:00+03' - n * interval '15 minutes' AS at) moment
"""

_OTHERS = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


def _sequential_scans(postgres: str) -> int:
    """How often `sales` was read from end to end, once all that used the database have gone and are counted."""
    end = time.monotonic() + 20
    with psycopg.connect(postgres, autocommit=True) as connection:
        while connection.execute(_OTHERS).fetchall():
            assert time.monotonic() < end
        row = connection.execute("SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'sales'").fetchone()
    assert row is not None
    return int(row[0])


async def test_no_page_reads_all_sales(office: Office, postgres: str, tmp_path: Path) -> None:
    """Every page and the read API's lists reach 60,000 old sales by an index, if at all."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(
            "SELECT set_config('search_path', schema_name, false) FROM app.generations WHERE state = 'live'"
        )
        connection.execute(_YEARS_OF_SALES)
        connection.execute("ANALYZE")
    before = _sequential_scans(postgres)
    first = office.shop.outlet
    paths = [
        *("/", "/report", "/report?range=all", "/sales", "/sales?range=all&kind=all", "/goods", "/contacts"),
        f"/sales?outlet={first}&from=2026-03-01&to=2026-03-07&kind=all&method=cash&min=1",
        f"/sales/card?outlet={first}&sale=old7",
        f"/goods/card?outlet={first}&good=g1",
        "/sales/export.csv?range=7d",
    ]
    async with Portal(
        postgres, home=tmp_path / "other", public_url="http://office.test", smtp_url=None, clock=lambda: NOW
    ) as portal:
        owner = Visitor(portal)
        await enter(owner, postgres, "owner@example.com")
        for path in paths:
            assert (await owner.get(path)).status_code == 200, path
        token = {"Authorization": f"Bearer {office.shop.token}"}
        page = f"/api/v1/outlets/{first}/sales"
        following = (await owner.get(page, **token)).json()["next"]
        for query in (f"?after={following}", "?from=2026-01-01&to=2026-01-31", "/old9"):
            assert (await owner.get(page + query, **token)).status_code == 200, query
        await owner.http.aclose()
    # Its connections are closed now, so all that they did is counted.
    assert _sequential_scans(postgres) == before
