"""What the report weighs with data in it, on the line of a phone."""

from __future__ import annotations

import re

from tests.webapp.test_compression import PACKED, weight
from tests.webapp.visitor import Visitor

REPORT_BYTES_MAX = 125_000
"""All that a first visit to the report loads. It was 397 KB before text was packed."""


async def test_the_report_with_its_figures_is_light(owner: Visitor) -> None:
    """The report of three months of two outlets with every script and style that it names, packed, is under 125 KB;
    the page alone, which is all that a second visit loads, under 30 KB."""
    page = await owner.http.get("/report?range=90d", headers=PACKED)
    assert page.status_code == 200
    assert page.headers["content-encoding"] == "gzip"
    assert weight(page) < 30_000
    assert "₽" in page.text
    named = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))
    named |= set(re.findall(r'"(/static/[^"]+\.js)"', page.text))
    assert any("chart" in path for path in named)
    total = weight(page)
    for path in named:
        answer = await owner.http.get(path, headers=PACKED)
        assert answer.status_code == 200, path
        total += weight(answer)
    assert total < REPORT_BYTES_MAX
