"""What goes over the line: text is packed, secrets are not, and pages stay light."""

from __future__ import annotations

import re

import pytest

from tests.webapp.visitor import Visitor
from webapp import assets

PACKED = {"Accept-Encoding": "gzip"}


def weight(answer: object) -> int:
    """The bytes of an answer as they were sent."""
    return int(answer.num_bytes_downloaded)  # type: ignore[attr-defined]


async def test_a_page_is_light(visitor: Visitor) -> None:
    """A page with all that the report loads is under 120 KB, for a browser that takes gzip."""
    await visitor.join("owner@shop.example")
    page = await visitor.http.get("/outlets", headers=PACKED)
    assert page.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in page.headers["vary"].lower()
    total = weight(page)
    named = [*re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', page.text)]
    chart = assets.url("vendor/chartjs/chart-4.6.1.umd.min.js")
    for path in {*named, *map(assets.url, ("app.js", "live.js", "charts.js")), chart}:
        answer = await visitor.http.get(path, headers=PACKED)
        assert answer.headers["content-encoding"] == "gzip", path
        total += weight(answer)
    assert total < 120_000


async def test_who_takes_no_gzip_gets_none(visitor: Visitor) -> None:
    """Without `Accept-Encoding` the same text comes as it is."""
    answer = await visitor.http.get("/tariffs", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("path", ["/sign-in", "/reset/abc", "/confirm/abc", "/account", "/first-steps"])
async def test_nothing_secret_is_packed(visitor: Visitor, path: str) -> None:
    """Pages of secret links and of the account, and the page that shows a token once, go out as they are."""
    await visitor.join("owner@shop.example")
    answer = await visitor.http.get(path, headers=PACKED)
    assert "content-encoding" not in answer.headers
    token = await visitor.post_and_look("/first-steps", PACKED, name="Лавка", zone="Asia/Omsk", currency="RUB")
    assert "wo_till_" in token.text
    assert "content-encoding" not in token.headers
