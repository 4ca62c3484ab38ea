"""`/demo`: what another service on this machine shows, as a visitor sees it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ops.demo_sales import OUTLETS
from ops.demo_shop import OWNER, visitors
from ops.provisioning import provision
from ops.settings import Settings
from tests.webapp.reports.conftest import enter
from tests.webapp.served import served_portal
from tests.webapp.shop import Shop
from tests.webapp.visitor import Visitor
from webapp.app import Portal
from webapp.demonstration.shown import served, shown
from webapp.demonstration.upstream import FILE, Showing, Upstream


def test_a_page_is_led_below_demo_and_changes_nothing() -> None:
    """Addresses of pages are led below /demo, static ones stay; forms that change something and live updates are gone,
    those that only ask stay; text that looks like markup is escaped by then and stays as it is."""
    page = (
        '<head><link rel="manifest" href="/app.webmanifest"><script src="/static/app.js"></script></head>'
        '<body class="office"><main data-live="/live"><a href="/sales?x=1">a</a><a href="//b.example">b</a>'
        '<form action="/goods" method="get">q</form><form method="post" action="/sign-out">out</form>'
        "&lt;form method=&#34;post&#34; href=&#34;/x&#34;&gt;</main></body>"
    )
    assert shown(page, "<aside>!</aside>") == (
        '<head><script src="/static/app.js"></script></head>'
        '<body class="office"><aside>!</aside><main><a href="/demo/sales?x=1">a</a><a href="//b.example">b</a>'
        '<form action="/demo/goods" method="get">q</form>'
        "&lt;form method=&#34;post&#34; href=&#34;/x&#34;&gt;</main></body>"
    )


def test_files_programs_and_signing_in_are_not_shown() -> None:
    """Pages alone."""
    assert all(map(served, ("/", "/report", "/sales/card", "/closings")))
    paths = ("/api/v1/outlets", "/sign-in", "/report.csv", "/live", "/static/app.js", "/worker.js", "//api/x")
    assert not any(map(served, paths))


async def test_a_visitor_looks_at_it(
    service_settings: Settings, postgres: str, portal: Portal, visitor: Visitor, stranger: Visitor, tmp_path: Path
) -> None:
    """Off there is no such page, and nothing leads there. While it is made, the page says so. Then everybody sees the
    simulated shop in his language, with the word that it is one, whoever he is signed in as; nothing can be changed,
    and who asks too often waits."""
    Shop(postgres, outlets=("Моя",))
    await enter(visitor, postgres, "owner@example.com")
    assert (await visitor.get("/demo")).status_code == 404
    assert "/demo" not in (await stranger.get("/sign-in")).text
    async with Upstream(tmp_path) as portal.demo:
        away = await stranger.get("/demo")
        assert (away.status_code, away.headers["retry-after"], "создаётся" in away.text) == (503, "30", True)
        assert 'href="/demo"' in (await stranger.get("/sign-in")).text
        provision(postgres, OWNER, OUTLETS)
        with served_portal(service_settings) as upstream:
            showing = Showing(upstream.url, visitors(postgres))
            (tmp_path / FILE).write_bytes(msgspec.json.encode(showing))
            page = await visitor.get("/demo")
            assert page.status_code == 200
            assert "Это демонстрация" in page.text
            assert all(name in page.text for name in OUTLETS)
            assert "Моя" not in page.text
            assert 'method="post"' not in page.text
            assert "connect-src" not in page.headers["content-security-policy"]  # 'none', by default-src
            assert (
                "This is a demonstration" in (await stranger.http.get("/demo", headers={"Accept-Language": "en"})).text
            )
            for path in ("/demo/api/v1/outlets", "/demo/report.csv", "/demo/sign-in", "/demo/nowhere"):
                assert (await stranger.get(path)).status_code == 404, path
            assert (await visitor.post("/demo/locale", locale="en")).status_code == 403
            showing = Showing(upstream.url, {})
            (tmp_path / FILE).write_bytes(msgspec.json.encode(showing))
            assert (await stranger.get("/demo")).status_code == 503  # nobody is signed in there
        answers = [await stranger.get("/demo/api") for _ in range(70)]
        assert answers[-1].status_code == 429
