"""No statement of a page, a file or a call reads rows in proportion to receipts × goods under the portal's role."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import psycopg
import pytest
from msgspec import Struct

from benchmarks import grown
from tests.conftest import fresh_database
from tests.infrastructure import Servers
from tests.logins import as_role
from tests.webapp import sitemap
from tests.webapp.reports import recorded
from tests.webapp.reports.conftest import enter
from tests.webapp.reports.office import NOW, Office
from tests.webapp.reports.recorded import Recording, Statement
from tests.webapp.shop import Shop
from tests.webapp.visitor import Visitor
from webapp.account import Account
from webapp.app import Portal

_SHARE = 10
"""A part of a plan reads at most so many rows for each receipt and each good: a receipt has three lines."""
_MORE = (
    "/sales?range=all&kind=all&category=Чай",
    "/sales?range=all&kind=all&ungrouped=1",
    "/sales?range=all&kind=all&category=Чай&recount=1",
    "/sales?range=all&kind=all&good=g1&recount=1",
    "/sales?range=30d&kind=all&category=Чай&sort=total",
    "/sales/export.csv?range=7d&kind=all&category=Чай",
    "/goods?query=сгущонка",
    "/goods?sort=-quantity",
    "/contacts?query=ивоноф&sort=-last_at",
)
_CALLS = (
    *(
        "/daily",
        "/payments?from=2026-11-01&to=2026-11-30",
        "/sales",
        "/sales?from=2026-01-01&to=2026-01-31",
        "/sales/s-9",
    ),
    *(
        "/sold?from=2026-11-01",
        "/sold?by=category&from=2026-01-01",
        "/hours?from=2026-01-01",
        "/cashiers?from=2026-11-01",
    ),
    *("/taxes?to=2026-11-30", "/shifts?from=2026-11-20", "/contacts?last_from=2026-11-01", "/contacts?query=иван"),
    *("/stock", "/stock?query=8905", "/stock?query=чай&min=1&max=900", "/goods/g1"),
)


class _Receipt(Struct, frozen=True):
    number: str


class _Office:
    """What the sitemap asks of an office."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.receipts = [_Receipt("1")]


@pytest.mark.parametrize(
    ("goods", "receipts"),
    [(3_000, 6_000), pytest.param(100_000, 300_000, marks=pytest.mark.nightly)],
)
async def test_no_plan_reads_goods_for_each_receipt(
    servers: Servers, template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, goods: int, receipts: int
) -> None:
    """Every statement that all pages, files and calls send is looked at, carried out under row-level security."""
    with fresh_database(servers, template) as postgres:
        shop = Shop(postgres, outlets=("Большая", "Малая"))
        with psycopg.connect(postgres) as connection:
            for outlet, part in zip(shop.outlets.values(), (1, 20), strict=True):
                size = grown.Shop(goods // part, receipts // part, goods // 10 // part)
                grown.fill(connection, outlet, shop.till(outlet), size, NOW.date())
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute("ANALYZE")
        accounts, figures = as_role(postgres, "accounts"), as_role(postgres, "portal")
        async with Portal(
            accounts, figures=figures, home=tmp_path, public_url="http://office.test", smtp_url=None, clock=lambda: NOW
        ) as portal:
            with recorded.recording(monkeypatch) as found:
                await _visit(portal, postgres, shop, found)
            statements = recorded.different(found.statements)
            assert len(statements) > 100, "the recording does not see what pages send"
            most = _SHARE * (goods + receipts)
            account = Account(shop.account_id)
            dear = [line for each in statements if (line := await _above(portal, account, each, most))]
    assert dear == []


async def _visit(portal: Portal, postgres: str, shop: Shop, found: Recording) -> None:
    owner = Visitor(portal)
    await enter(owner, postgres, "owner@example.com")
    pages = sitemap.of_account()
    listed = [
        path for page in pages for path in sitemap.addresses(page, cast(Office, _Office(shop))) if "as-of" not in path
    ]
    listed += [sitemap.within(path, "range=7d") for page in pages for path in sitemap.downloads(page) if "csv" in path]
    listed += [sitemap.within(path, f"outlet={shop.outlet}") for path in _MORE]
    token = {"Authorization": f"Bearer {shop.token}"}
    calls = ["/api/v1/outlets", *(f"/api/v1/outlets/{shop.outlet}{call}" for call in _CALLS)]
    for path, headers in [*((path, {}) for path in listed), *((path, token) for path in calls)]:
        found.address = path
        answer = await owner.get(path, **headers)
        assert answer.status_code == 200, path
    await owner.http.aclose()


async def _above(portal: Portal, account: Account, statement: Statement, most: float) -> str | None:
    """What of the statement's plan reads more rows than that."""
    _, nodes = await recorded.plan(portal.database, account, statement)
    worst = max(nodes, key=lambda node: node.rows)
    if worst.rows <= most:
        return None
    return f"{statement.address}: {worst.kind} {worst.relation} reads {worst.rows:,.0f} rows: {statement.text[:80]!r}"
