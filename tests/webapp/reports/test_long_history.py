"""An outlet with a long history costs a page no more: no query reads a big table from end to end."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from projections.kinds.readmodels import Projection
from projections.models import PROJECTIONS
from tests.webapp import sitemap
from tests.webapp.kept import keep
from tests.webapp.reports.conftest import enter
from tests.webapp.reports.office import NOW, Office
from tests.webapp.shop import Shop, good, sale
from tests.webapp.shop import counted as counted_stock
from tests.webapp.visitor import Visitor
from webapp.app import Portal

SMALL = {"outlet_totals", "warehouses"}
"""Projections of a row or a few an outlet: PostgreSQL reads them as a whole, and may."""
BIG = [each.name for each in PROJECTIONS if each.name not in SMALL]

# Years of receipts and movements of the outlet, and other owners' goods, stock and contacts beside its own.
_HISTORY = """
INSERT INTO sales
SELECT old.*
FROM sales s
CROSS JOIN generate_series(1, 60000) n
CROSS JOIN LATERAL (SELECT timestamptz '2026-10-01 12:00+03' - n * interval '15 minutes' AS at) moment
CROSS JOIN LATERAL jsonb_populate_record(s, jsonb_build_object(
    'sale_id', 'old' || n, 'number', 'O' || n, 'at', moment.at, 'day', (moment.at AT TIME ZONE 'Europe/Moscow')::date
)) old
WHERE s.ctid = (SELECT ctid FROM sales WHERE outlet_id = %(outlet)s LIMIT 1);

INSERT INTO returns
SELECT old.*
FROM returns r
CROSS JOIN generate_series(1, 20000) n
CROSS JOIN LATERAL (SELECT timestamptz '2026-10-01 12:00+03' - n * interval '45 minutes' AS at) moment
CROSS JOIN LATERAL jsonb_populate_record(r, jsonb_build_object(
    'return_id', 'old' || n, 'sale_id', 'old' || n, 'at', moment.at,
    'day', (moment.at AT TIME ZONE 'Europe/Moscow')::date
)) old
WHERE r.ctid = (SELECT ctid FROM returns WHERE outlet_id = %(outlet)s LIMIT 1);

INSERT INTO moves (
    outlet_id, move_id, till_id, good_id, warehouse_id, quantity, reason, at, day, run, seq, log_offset, received_at,
    applied_no
)
SELECT
    s.outlet_id, 'old' || n, s.till_id, 'g' || n %% 50, 'main', 1, 'receipt', moment.at,
    (moment.at AT TIME ZONE 'Europe/Moscow')::date, s.run, s.seq, s.log_offset, moment.at, n
FROM (SELECT * FROM sales WHERE outlet_id = %(outlet)s LIMIT 1) s
CROSS JOIN generate_series(1, 30000) n
CROSS JOIN LATERAL (SELECT timestamptz '2026-10-01 12:00+03' - n * interval '30 minutes' AS at) moment;

CREATE TEMPORARY TABLE others AS SELECT n, gen_random_uuid() AS id FROM generate_series(1, 19) n;
INSERT INTO others VALUES (0, %(outlet)s);

INSERT INTO goods
SELECT
    (SELECT id FROM others o WHERE o.n = s.n %% 20), 'many' || n, 'Товар ' || n, 'Группа', 1, NULL, '[]',
    '[]', false
FROM generate_series(1, 40000) s (n);

INSERT INTO stock SELECT outlet_id, good_id, 'main', 1, NULL, 0, NULL FROM goods WHERE good_id LIKE 'many%%';
INSERT INTO costs (outlet_id, good_id, applied_no, cost) SELECT outlet_id, good_id, 2, 1 FROM goods
WHERE good_id LIKE 'many%%';
INSERT INTO past_costs (outlet_id, good_id, applied_no, cost) SELECT outlet_id, good_id, 1, 2 FROM goods
WHERE good_id LIKE 'many%%';

INSERT INTO wrong_clocks
SELECT s.outlet_id, s.till_id, s.run, 1000000 + n, s.at, s.received_at - n * interval '1 hour'
FROM (SELECT * FROM sales WHERE outlet_id = %(outlet)s LIMIT 1) s
CROSS JOIN generate_series(1, 20000) n;

INSERT INTO replaced
SELECT
    s.outlet_id, 'sale', s.sale_id, s.till_id, s.run, 1000000 + n, s.day, s.log_time - n * interval '1 hour', '{}', '{}'
FROM (SELECT * FROM sales WHERE outlet_id = %(outlet)s LIMIT 1) s
CROSS JOIN generate_series(1, 20000) n;

INSERT INTO contacts
SELECT (SELECT id FROM others o WHERE o.n = s.n %% 20), 'many' || n, 'Иванов ' || n, 1, 1, 1, false
FROM generate_series(1, 40000) s (n);

INSERT INTO refusals
SELECT (SELECT id FROM others o WHERE o.n = s.n %% 20), r.till_id, r.run, s.n, '2026-10-01 12:00+03', 'цена', now()
FROM (SELECT * FROM runs WHERE outlet_id = %(outlet)s LIMIT 1) r
CROSS JOIN generate_series(2000000, 2040000) s (n);
INSERT INTO void_uploads
SELECT (SELECT o.id FROM others o WHERE o.n = s.n %% 20), r.till_id, 'sale', 'v' || s.n, r.run, s.n, s.n, 0, now()
FROM (SELECT * FROM runs WHERE outlet_id = %(outlet)s LIMIT 1) r
CROSS JOIN generate_series(1, 40000) s (n);
UPDATE runs SET read = read + 2000, discarded = 2000
WHERE ctid = (SELECT ctid FROM runs WHERE outlet_id = %(outlet)s LIMIT 1);
"""

# What the history above leaves short: a row of the outlet's again for every other outlet, under other days or ids.
_MORE = """
INSERT INTO {table} ({columns})
SELECT {columns}
FROM (SELECT t AS template FROM {table} t WHERE outlet_id = %(outlet)s LIMIT 1) known
CROSS JOIN others other
CROSS JOIN generate_series(0, 1400) step
CROSS JOIN LATERAL jsonb_populate_record(known.template, jsonb_build_object(
    'outlet_id', other.id, {second}, CASE WHEN {dated} THEN (date '2026-11-24' - step)::text ELSE 'more' || step END
)) filled
WHERE other.n > 0
"""
_ROWS = 20_000

_OTHERS = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
_SCANS = """
SELECT relname, sum(seq_scan)::integer FROM pg_stat_user_tables WHERE relname = ANY (%s) GROUP BY relname
"""


def _sequential_scans(postgres: str) -> dict[str, int]:
    """How often each big table was read from end to end, once all that used the database have gone and are counted."""
    end = time.monotonic() + 20
    with psycopg.connect(postgres, autocommit=True) as connection:
        while connection.execute(_OTHERS).fetchall():
            assert time.monotonic() < end
        return dict(connection.execute(_SCANS, (list(BIG),)).fetchall())


def _more(each: Projection) -> sql.Composed:
    """The statement that fills a projection's table: each day where its key has one, else under many ids."""
    second = "day" if "day" in each.key else each.key[1]
    return sql.SQL(_MORE).format(
        table=sql.Identifier(each.name),
        columns=sql.SQL(", ").join(sql.Identifier(column.name) for column in each.columns),
        second=sql.Literal(second),
        dated=sql.Literal(second == "day"),
    )


def _count(cursor: psycopg.Cursor[Any], table: str) -> int:
    row = cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    assert row is not None
    return int(row[0])


def _shift() -> list[dict[str, Any]]:
    """A shift with a taxed sale and cash that was moved."""
    at, shift = "2026-11-20T12:00:00+03:00", {"shift_id": "sh1"}
    taxed = sale("taxed", at, **shift)
    line = {"good_id": "g1", "name": "Чай", "quantity": "1", "price": "12.00", "tax": {"rate": "20", "amount": "2"}}
    return [
        {"type": "shift.opened", "at": at, **shift, "number": "1", "cash": "100"},
        {**taxed, "lines": [line], "payments": [{"method": "cash", "amount": "12.00"}]},
        {"type": "cash.moved", "at": at, **shift, "cash_id": "m1", "amount": "5", "reason": "deposit"},
        {"type": "shift.closed", "at": at, **shift, "number": "1", "cash": "117"},
    ]


@pytest.fixture
def long_history(office: Office, postgres: str) -> Office:
    """The office with years behind it, which are in a kept report too, and a late sale that is not."""
    office.shop.send(*_shift())
    with psycopg.connect(postgres, autocommit=True) as connection, psycopg.ClientCursor(connection) as cursor:
        cursor.execute("SELECT set_config('search_path', schema_name, false) FROM app.generations WHERE state = 'live'")
        cursor.execute(_HISTORY, {"outlet": office.shop.outlet})
        for each in PROJECTIONS:
            if each.name not in SMALL and _count(cursor, each.name) < _ROWS:
                cursor.execute(_more(each), {"outlet": office.shop.outlet})
        counts = {table: _count(cursor, table) for table in BIG}
        assert {table: rows for table, rows in counts.items() if rows < _ROWS} == {}, (
            "too few: fill it, or name it SMALL"
        )
    keep(postgres, "kept", NOW - timedelta(hours=1))
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("ANALYZE")
    office.shop.send(sale("late", "2026-11-23T12:00:00+03:00", ("g1", "1", "10.00")))
    return office


async def test_no_page_reads_a_whole_table(long_history: Office, postgres: str, tmp_path: Path) -> None:
    """Every page, export and call of the read API reaches 110,000 old documents by an index, if at all; so does every
    page of a kept report."""
    first = long_history.shop.outlet
    before = _sequential_scans(postgres)
    pages = sitemap.of_account()
    listed = [address for page in pages for address in sitemap.addresses(page, long_history)]
    listed += [sitemap.within(file, "range=7d") for page in pages for file in sitemap.downloads(page)]
    listed += [f"/sales/card?outlet={first}&sale=old7", f"/goods/card?outlet={first}&good=many20"]
    figures = [page for page in pages if page.gate.figures]
    of_figures = {path.split("?")[0] for page in figures for path in (page.path, *sitemap.downloads(page))}
    kept = [
        sitemap.within(address, "as-of=kept")
        for address in listed
        if address.split("?")[0] in of_figures and "as-of" not in address
    ]
    later = f"/report/later?as-of=kept&outlet={first}&day=2026-11-23"
    async with Portal(
        postgres, home=tmp_path / "other", public_url="http://office.test", smtp_url=None, clock=lambda: NOW
    ) as portal:
        owner = Visitor(portal)
        await enter(owner, postgres, "owner@example.com")
        for path in [*listed, *kept]:
            assert (await owner.get(path)).status_code == 200, path
        assert "late" in (await owner.get(later)).text
        token = {"Authorization": f"Bearer {long_history.shop.token}"}
        base = f"/api/v1/outlets/{first}"
        following = (await owner.get(f"{base}/sales", **token)).json()["next"]
        calls = [
            *("/daily", "/daily?from=2026-01-01&to=2026-01-31", "/payments?from=2026-11-01&to=2026-11-30"),
            *("/sales", f"/sales?after={following}", "/sales?from=2026-01-01&to=2026-01-31", "/sales/old9"),
            *("/sold", "/sold?by=category&from=2026-01-01", "/hours?from=2026-01-01"),
            *("/cashiers?from=2026-11-01", "/taxes?to=2026-11-30", "/shifts?from=2026-11-20"),
            *("/contacts?last_from=2026-11-01", "/stock?query=8905"),
            *("/stock", f"/stock?query={quote('чай')}&min=1&max=900", "/goods/g1", "/goods/many20"),
            *("/contacts", f"/contacts?query={quote('иван')}&debt_min=0&points_max=5"),
        ]
        for call in ["/api/v1/outlets", *(base + call for call in calls)]:
            assert (await owner.get(call, **token)).status_code == 200, call
        await owner.http.aclose()
    # Its connections are closed now, so all that they did is counted.
    after = _sequential_scans(postgres)
    assert {table: after[table] - before[table] for table in BIG if after[table] != before[table]} == {}


async def test_a_page_asks_as_often_whatever_the_history(
    office: Office, owner: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page takes a fixed number of statements, few of them: as many for forty times the receipts."""
    asked: list[object] = []
    execute = psycopg.AsyncCursor.execute

    async def counted(cursor: Any, query: Any, *args: Any, **more: Any) -> Any:
        if "app.mail" not in repr(query):  # letters go out by themselves
            asked.append(query)
        return await execute(cursor, query, *args, **more)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", counted)
    short = Shop(office.shop.postgres, "short@example.com", ("Одна", "Другая"))
    for outlet in short.outlets.values():
        sold = [sale(f"s{n}", f"2026-11-{20 + n}T12:00:00+03:00", ("g1", "1", "10.00")) for n in range(4)]
        back = {"return_id": "r", "sale_id": "s1", "lines": [{"good_id": "g1", "quantity": "1", "amount": "10.00"}]}
        refund = {
            "type": "sale.returned",
            "at": NOW.isoformat(),
            **back,
            "refunds": [{"method": "cash", "amount": "9"}],
        }
        short.send(good("g1", "Чай"), counted_stock("g1", "5"), *sold, refund, outlet=outlet)
    other = Visitor(owner.portal)
    await enter(other, short.postgres, "short@example.com")
    paths = [
        "/",
        "/report?range=30d",
        "/report?range=all&unit=month",
        "/sales?range=all&kind=all",
        "/goods",
        "/contacts",
    ]
    paths += ["/goods?query=чай", "/goods/card?outlet={outlet}&good=g1", "/sales?range=30d&kind=all&method=cash"]
    for path in paths:
        counts = []
        for visitor, shop in ((owner, office.shop), (other, short)):
            asked.clear()
            assert (await visitor.get(path.format(outlet=shop.outlet))).status_code == 200, path
            counts.append(len(asked))
        assert counts[0] == counts[1] <= 24, (path, counts)
    await other.http.aclose()
