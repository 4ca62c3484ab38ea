"""Figures that a generation was not built with: pages and calls say so, and show nothing that is wrong or missing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
import psycopg
import pytest

from projections.models import PROJECTIONS
from projections.models.versions import lacking
from tests.webapp.kept import keep
from tests.webapp.reports.conftest import enter
from tests.webapp.reports.office import NOW
from tests.webapp.reports.reader import part
from tests.webapp.shop import Shop, good, sale
from tests.webapp.visitor import Visitor
from webapp import computed
from webapp.app import Portal
from webapp.pages import PAGES
from webapp.readapi import RESOURCES

COMPUTING = "Цифры пересчитываются"


@pytest.fixture
async def shop(postgres: str, portal: Portal, visitor: Visitor) -> Shop:
    portal.clock = lambda: NOW
    shop = Shop(postgres)
    shop.send(sale("s1", "2026-11-20T12:00:00+03:00", ("tea", "1", "10.00")))
    await enter(visitor, postgres, "owner@example.com")
    return shop


def _made_without(postgres: str, *names: str, state: str = "live") -> None:
    """The generation as an earlier release would have made it."""
    with psycopg.connect(postgres) as connection:
        for name in names:
            connection.execute(
                "UPDATE app.generations SET projections = projections - %s WHERE state = %s", (name, state)
            )
            schema = connection.execute("SELECT schema_name FROM app.generations WHERE state = %s", (state,)).fetchone()
            assert schema is not None
            connection.execute(f"DROP TABLE {schema[0]}.{name} CASCADE".encode())


def test_what_is_read_is_declared() -> None:
    """What the portal reads is made, no newer than this program makes it; what pages and calls need is among it."""
    made = {each.name: each.version for each in PROJECTIONS}
    assert all(since <= made.get(name, 0) for name, since in computed.SINCE.items())
    assert computed.SINCE.keys() >= computed.ALWAYS
    needs = {name for resource in RESOURCES for name in resource.needs}
    needs |= {name for page in PAGES for name in page.needs}
    needs |= {name for page in PAGES for download in page.downloads for name in download.needs}
    assert needs <= computed.SINCE.keys()


async def test_a_call_waits_for_its_figures(client: httpx.AsyncClient, shop: Shop) -> None:
    """503 with a word of its own and when to come again; calls that need nothing new answer as always."""
    _made_without(shop.postgres, "sold", "good_names")
    headers = {"Authorization": f"Bearer {shop.token}"}
    answer = await client.get(f"/api/v1/outlets/{shop.outlet}/sold", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (503, "being_computed")
    assert int(answer.headers["retry-after"]) > 0
    [day] = (await client.get(f"/api/v1/outlets/{shop.outlet}/daily", headers=headers)).json()
    assert day["revenue"] == "10.00"


async def test_a_part_of_a_page_waits(visitor: Visitor, shop: Shop) -> None:
    """The report shows what it has, a calm line where goods are ranked, and its files of goods are not there yet."""
    _made_without(shop.postgres, "sold", "good_names")
    page = (await visitor.get("/report?range=all")).text
    assert part(page, "sums").sums[0] == "10,00 ₽"
    for name in ("goods", "groups"):
        assert "Считается по всем вашим чекам" in part(page, name)
        file = await visitor.get(f"/report/{name}.csv?range=all")
        assert file.status_code == 503
        assert COMPUTING in file.text


async def test_nothing_is_shown_where_all_figures_are_being_computed(postgres: str, tmp_path: Path) -> None:
    """A fold that changed the receipts themselves leaves no figure to trust: every page of figures says so."""
    shop = Shop(postgres)
    shop.send(sale("s1", "2026-11-20T12:00:00+03:00", ("tea", "1", "10.00")))
    with psycopg.connect(postgres) as connection:
        connection.execute("UPDATE app.generations SET projections = projections || '{\"sales\": 0}'")
    portal = Portal(
        postgres, home=tmp_path, public_url="http://office.test", smtp_url=None, stale=lacking, clock=lambda: NOW
    )
    async with portal:
        visitor = Visitor(portal)
        await enter(visitor, postgres, "owner@example.com")
        for page in PAGES:
            if page.gate.figures and page.path != "/report/later":
                answer = await visitor.get(page.path)
                assert answer.status_code == 503, page.path
                assert COMPUTING in answer.text
                assert answer.headers["retry-after"]
                assert "10,00" not in answer.text
        token = {"Authorization": f"Bearer {shop.token}"}
        for call in ("", f"/{shop.outlet}/daily", f"/{shop.outlet}/sold"):
            assert (await visitor.get(f"/api/v1/outlets{call}", **token)).json()["error"] == "being_computed"
        await visitor.http.aclose()


async def test_a_good_of_a_kept_report_has_no_history(visitor: Visitor, shop: Shop) -> None:
    """An earlier version kept no arrivals, by which movements are put in order; the rest of the card is shown."""
    shop.send(good("tea", "Чай"))
    keep(shop.postgres, "kept", NOW - timedelta(hours=1))
    _made_without(shop.postgres, "counts", state="named")
    page = (await visitor.get(f"/goods/card?outlet={shop.outlet}&good=tea&as-of=kept")).text
    assert "Чай" in page
    assert "этих цифр ещё не было" in part(page, "history")


async def test_a_kept_report_never_gets_them(visitor: Visitor, shop: Shop) -> None:
    """What it was not built with is said to be missing for ever; the rest of it is shown."""
    keep(shop.postgres, "kept", NOW - timedelta(hours=1))
    _made_without(shop.postgres, "sold", "good_names", state="named")
    page = (await visitor.get("/report?range=all&as-of=kept")).text
    assert part(page, "sums").sums[0] == "10,00 ₽"
    assert "этих цифр ещё не было" in part(page, "goods")
    file = await visitor.get("/report/goods.csv?range=all&as-of=kept")
    assert file.status_code == 404
    assert "этих цифр ещё не было" in file.text
    assert (await visitor.get("/report/goods.csv?range=all")).status_code == 200
